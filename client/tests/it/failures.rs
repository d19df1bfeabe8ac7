//! Errors, repetitions and limits.

use std::sync::{
    Arc,
    atomic::{AtomicU32, Ordering},
};

use axum::{
    Router,
    http::{HeaderMap, StatusCode},
};
use client::{Client, Error, NewUser, RetryPolicy, UserId};
use testkit::{PASSWORD, TestApp};
use tokio::net::TcpListener;

use crate::service::{RecordingClock, Service, serve};

const BUSY: &str = r#"{"error":"The service is busy. Please try again."}"#;
const USER: &str = r#"{"status":"ok"}"#;

/// A service that is busy for some requests, and counts all of them.
async fn busy(responses: u32, status: u16, retry_after: &'static str) -> (String, Arc<AtomicU32>) {
    let count = Arc::new(AtomicU32::new(0));
    let counted = Arc::clone(&count);
    let respond = move || {
        let count = counted.fetch_add(1, Ordering::SeqCst);
        async move {
            let mut headers = HeaderMap::new();
            if count >= responses {
                return (StatusCode::OK, headers, USER);
            }
            headers.insert("retry-after", retry_after.parse().unwrap());
            (StatusCode::from_u16(status).unwrap(), headers, BUSY)
        }
    };
    (serve(Router::new().fallback(respond)).await, count)
}

#[tokio::test]
async fn a_busy_service_is_asked_again_after_its_wait() {
    let (url, count) = busy(2, 503, "7").await;
    let clock = RecordingClock::default();
    let client = Client::builder(&url).clock(clock.clone()).build().unwrap();
    assert_eq!(client.health().await.unwrap().status, "ok");
    assert_eq!((clock.waits(), count.load(Ordering::SeqCst)), (vec![7, 7], 3));
}

#[tokio::test]
async fn repetitions_are_bounded() {
    let clock = RecordingClock::default();
    let (url, count) = busy(u32::MAX, 503, "1").await;
    let client = Client::builder(&url).clock(clock.clone()).build().unwrap();
    let error = client.health().await.unwrap_err();
    assert_eq!(error.api().unwrap().retry_after.unwrap().as_secs(), 1);
    assert_eq!((clock.waits(), count.load(Ordering::SeqCst)), (vec![1, 1, 1], 4));

    let (url, count) = busy(u32::MAX, 429, "31").await;
    let client = Client::builder(&url).clock(clock.clone()).build().unwrap();
    assert_eq!(client.health().await.unwrap_err().status(), Some(429));
    assert_eq!((clock.waits().len(), count.load(Ordering::SeqCst)), (3, 1));

    let (url, count) = busy(u32::MAX, 503, "1").await;
    let client = Client::builder(&url).retry(RetryPolicy::NEVER).build().unwrap();
    assert_eq!(client.health().await.unwrap_err().status(), Some(503));
    assert_eq!(count.load(Ordering::SeqCst), 1);
}

#[tokio::test]
async fn a_post_is_repeated_after_503_only_with_a_key() {
    let (url, count) = busy(u32::MAX, 503, "1").await;
    let clock = RecordingClock::default();
    let client = Client::builder(&url).clock(clock.clone()).build().unwrap();
    let new = NewUser::invitation("grace@example.com");
    assert_eq!(client.create_user(&new).await.unwrap_err().status(), Some(503));
    assert_eq!(count.load(Ordering::SeqCst), 1);
    let with_key = client.with_idempotency_key("grace").unwrap();
    assert_eq!(with_key.create_user(&new).await.unwrap_err().status(), Some(503));
    assert_eq!(count.load(Ordering::SeqCst), 5);

    let (url, count) = busy(u32::MAX, 429, "1").await;
    let client = Client::builder(&url).clock(clock).build().unwrap();
    assert_eq!(client.create_user(&new).await.unwrap_err().status(), Some(429));
    assert_eq!(count.load(Ordering::SeqCst), 4);
}

#[tokio::test]
async fn a_rate_limit_of_the_service_ends_by_waiting() {
    let service = Service::start(TestApp::new().await).await;
    let client = service.builder().build().unwrap();
    let wrong = "wr0ng password".into();
    let mut statuses = Vec::new();
    for _ in 0..11 {
        let error = client.login("ada@example.com", &wrong).await.unwrap_err();
        statuses.push(error.status().unwrap());
    }
    assert_eq!((statuses[0], statuses[10]), (401, 429));
    assert!(!service.clock.waits().is_empty());
}

#[tokio::test]
async fn a_repetition_with_the_same_key_has_one_effect() {
    let service = Service::start(TestApp::new().await).await;
    let client = service.admin().with_idempotency_key("create-grace").unwrap();
    let new = NewUser {
        first_name: Some("Grace".to_owned()),
        last_name: Some("Hopper".to_owned()),
        ..NewUser::with_password("grace@example.com", PASSWORD.into())
    };
    let first = client.create_user(&new).await.unwrap();
    let second = client.create_user(&new).await.unwrap();
    assert_eq!((first.is_replayed, second.is_replayed), (false, true));
    assert_eq!(first.value, second.value);
    let other = NewUser { email: "alan@example.com".to_owned(), ..new };
    assert_eq!(client.create_user(&other).await.unwrap_err().status(), Some(422));
}

#[tokio::test]
async fn errors_have_the_sentence_the_code_and_each_field() {
    let service = Service::start(TestApp::new().await).await;
    let client = service.admin();
    let new = NewUser {
        first_name: Some(" ".to_owned()),
        ..NewUser::with_password("no address", PASSWORD.into())
    };
    let error = client.create_user(&new).await.unwrap_err();
    let error = error.api().unwrap();
    assert_eq!(error.status, 400);
    assert_eq!(error.fields["email"], "value must be a valid email address.");
    assert!(error.fields.contains_key("first_name"), "{error:?}");
    let taken = NewUser {
        first_name: Some("Ada".to_owned()),
        last_name: Some("Lovelace".to_owned()),
        ..NewUser::with_password("ADA@example.com", PASSWORD.into())
    };
    let error = client.create_user(&taken).await.unwrap_err();
    assert_eq!(error.api().unwrap().code.as_deref(), Some("email-already-in-use"));
    let anyone = service.builder().build().unwrap();
    let error = anyone.user(UserId::new(1)).await.unwrap_err();
    assert_eq!((error.status(), error.to_string().as_str()), (Some(401), "Unauthenticated"));
}

#[tokio::test]
async fn other_services_and_closed_ports_are_distinguished() {
    let url = serve(Router::new().fallback(|| async { "<html>" })).await;
    let error = Client::new(&url).unwrap().health().await.unwrap_err();
    assert!(matches!(error, Error::UnexpectedResponse { status: 200, .. }), "{error}");
    let not_found = || async { (StatusCode::NOT_FOUND, r#"{"message":"Not Found"}"#) };
    let url = serve(Router::new().fallback(not_found)).await;
    let error = Client::new(&url).unwrap().health().await.unwrap_err();
    assert_eq!((error.status(), error.to_string().as_str()), (Some(404), "Not Found"));
    let encrypted = url.replacen("http", "https", 1);
    let error = Client::new(&encrypted).unwrap().health().await.unwrap_err();
    assert!(matches!(error, Error::Unreachable { .. }), "{error}");
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    drop(listener);
    let error = Client::new(&url).unwrap().health().await.unwrap_err();
    assert!(matches!(error, Error::Unreachable { .. }), "{error}");
}

#[test]
fn urls_are_checked() {
    let reason = |url: &str| Client::new(url).err().map(|error| error.to_string());
    for url in ["https://example.com", "https://example.com/stage/", "http://[::1]:3000"] {
        assert_eq!(reason(url), None, "{url}");
    }
    let urls = ["http://example.com", "ftp://example.com", "example.com", "https://a:b@c", "", "/"];
    for url in [&urls[..], &["https://example.com?x=1", "http://localhost.example.com"]].concat() {
        assert!(reason(url).is_some(), "{url}");
    }
    let plain = Client::builder("http://example.com/stage/").allow_plain_http(true).build();
    assert_eq!(plain.unwrap().url(), "http://example.com/stage");
    let error = Client::new("https://example.com").unwrap().with_idempotency_key("a\nb");
    assert!(error.is_err());
}

#[tokio::test]
async fn secrets_are_not_in_debug_output_or_errors() {
    let client = Client::new("http://127.0.0.1:1").unwrap().with_session("s3cret".into());
    assert!(!format!("{client:?}").contains("s3cret"));
    let invalid = client.with_session("s3cret\n".into());
    let error = invalid.health().await.unwrap_err();
    assert!(!format!("{error:?} {error}").contains("s3cret"));
}
