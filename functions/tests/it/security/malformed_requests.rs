//! Malformed requests: rejected without an effect, and never with a 5xx.

use serde_json::{Value, json};
use shared::{config::Settings, http::Dialect};
use testkit::{Request, TestApp};

use crate::support::forbidden;

const MALFORMED: &str =
    "The request body is not valid JSON, repeats a key, or is nested deeper than 32 levels.";

/// Requests of all routes with a required body.
fn with_body(app: &TestApp) -> Vec<Request> {
    let session = &app.admin.session;
    vec![
        app.post("/api/user").session(session),
        app.put("/api/user/1").session(session),
        app.put("/api/user/1/password").session(session),
        app.post("/api/session"),
        app.post("/api/session/forgot_password"),
        app.post("/api/session/reset_password"),
        app.post("/api/session/password-check"),
        app.post("/api/setup"),
    ]
}

fn error(sentence: &str) -> Value {
    json!({ "error": sentence })
}

#[tokio::test]
async fn bodies_other_than_json_are_rejected_by_every_route() {
    let app = TestApp::new().await;
    let before = app.items().await;
    let deep = "[".repeat(33) + &"]".repeat(33);
    let very_deep = "{\"a\":".repeat(12_000);
    let bodies: [&[u8]; 16] = [
        b"",
        b" \n",
        b"{",
        b"{\"a\":}",
        b"{} {}",
        b"{'a':1}",
        b"nul",
        b"\xef\xbb\xbf\xef\xbb\xbf{}",
        b"{\"first_name\":\"\\ud800\"}",
        b"{\"first_name\":\"\xff\xfe\"}",
        b"{\"first_name\":\"\xed\xa0\x80\"}",
        b"{\"first_name\":\"a\",\"first_name\":\"b\"}",
        b"{\"x\":{\"y\":1,\"\\u0079\":2}}",
        b"{\"n\":1e400}",
        deep.as_bytes(),
        very_deep.as_bytes(),
    ];
    for body in bodies {
        for request in with_body(&app) {
            let request = request.header("content-type", "application/json").bytes(body.to_vec());
            let shown = String::from_utf8_lossy(&body[..body.len().min(40)]).into_owned();
            assert_eq!(request.send().await.status_and_body(), (400, error(MALFORMED)), "{shown}");
        }
    }
    assert_eq!(app.items().await, before);
}

#[tokio::test]
async fn bodies_other_than_objects_are_rejected_by_every_route() {
    let app = TestApp::new().await;
    for body in ["[]", "null", "1", "\"x\"", "true"] {
        for request in with_body(&app) {
            let expected = request.bytes(body).send().await.status_and_body();
            assert_eq!(expected, (400, error("The request body must be a JSON object.")));
        }
    }
}

#[tokio::test]
async fn a_body_may_have_64_kib_and_no_more() {
    let app = TestApp::new().await;
    let of_size = |size: usize| format!("{{\"x\":\"{}\"}}", "x".repeat(size - 8));
    let put = |body: String| app.put("/api/user/1").session(&app.admin.session).bytes(body);
    put(of_size(65_536)).send().await.expect_status(200);

    let expected = (413, error("The request body must not be larger than 64 KiB."));
    assert_eq!(put(of_size(65_537)).send().await.status_and_body(), expected);
    for request in with_body(&app) {
        assert_eq!(request.bytes("x".repeat(1 << 20)).send().await.status_and_body(), expected);
    }
    app.put("/api/user/1").bytes(of_size(65_537)).send().await.expect_status(401);
    assert_eq!(put(of_size(11 << 20)).send().await.status_and_body(), expected);
    app.put("/api/user/1").bytes(of_size(11 << 20)).send().await.expect_status(401);
}

#[tokio::test]
async fn another_content_type_is_rejected_and_a_missing_one_is_accepted() {
    let app = TestApp::new().await;
    let expected = (415, error("The request body must be JSON."));
    for content_type in [
        "text/plain",
        "application/x-www-form-urlencoded",
        "multipart/form-data; boundary=x",
        "json",
    ] {
        for request in with_body(&app) {
            assert_eq!(
                request
                    .header("content-type", content_type)
                    .bytes("{}")
                    .send()
                    .await
                    .status_and_body(),
                expected
            );
        }
    }
    app.put("/api/user/1").bytes("{}").send().await.expect_status(401);
    for content_type in ["application/json", "application/json; charset=utf-8", "APPLICATION/JSON"]
    {
        let request =
            app.put("/api/user/1").session(&app.admin.session).header("content-type", content_type);
        request.bytes("{}").send().await.expect_status(200);
    }
    app.put("/api/user/1").session(&app.admin.session).bytes("{}").send().await.expect_status(200);
}

#[tokio::test]
async fn numbers_out_of_range_are_no_ids() {
    let app = TestApp::new().await;
    for ids in ["[9223372036854775808]", "[18446744073709551616]", "[1e2]", "[-0]", "[1.0]"] {
        let body = format!("{{\"group_ids\":{ids}}}");
        let request = app.put("/api/user/1").session(&app.admin.session).bytes(body);
        assert_eq!(request.send().await.status, 400, "{ids}");
    }
}

#[tokio::test]
async fn odd_headers_and_queries_do_no_harm() {
    let app = TestApp::new().await;
    for (name, value) in [
        ("host", "[::::1"),
        ("host", ""),
        ("user-agent", "é\u{80}"),
        ("x-forwarded-proto", "javascript"),
        ("x-forwarded-for", "' OR 1=1"),
        ("cookie", ";;;=;metabase.SESSION=;x"),
        ("content-length-x", "99999999999"),
        ("x-amzn-trace-id", "Root=\u{1F600}"),
    ] {
        let request = app.get("/api/user/current").session(&app.admin.session).header(name, value);
        request.send().await.expect_status(200);
    }
    for query in ["?%", "?%zz=%ff", "?&&&=", "?a[b]=c", "?limit", "?status=%F0%28", "?query="] {
        let response =
            app.get(&format!("/api/user{query}")).session(&app.admin.session).send().await;
        assert!([200, 400].contains(&response.status), "{query}: {response:?}");
    }
}

#[tokio::test]
async fn malformed_tokens_are_rejected() {
    let app = TestApp::new().await;
    let valid = &app.admin.session;
    let (truncated, longer, lower) = (&valid[1..], format!("{valid}A"), valid.to_lowercase());
    let mut flipped = valid.clone().into_bytes();
    flipped[30] ^= 1;
    let flipped = String::from_utf8(flipped).unwrap();
    let spaced = format!("{valid} {valid}");
    for token in [truncated, &longer, &lower, &flipped, &spaced, "AAAA", "é", "../../1", "null"] {
        app.get("/api/user/current").session(token).send().await.expect_status(401);
        app.get("/api/user/current").cookie(token).send().await.expect_status(401);
    }
}

#[tokio::test]
async fn the_header_wins_over_the_cookie() {
    let app = TestApp::new().await;
    let jane = app.user_with_session("jane").await;
    let current =
        |header: &str, cookie: &str| app.get("/api/user/current").session(header).cookie(cookie);

    assert_eq!(current(&jane.session, &app.admin.session).send().await.expect_status(200)["id"], 2);
    current("garbage", &app.admin.session).send().await.expect_status(401);
    assert_eq!(current("", &app.admin.session).send().await.expect_status(200)["id"], 1);
}

#[tokio::test]
async fn a_cookie_alone_does_not_authorize_a_cross_site_write() {
    let app = TestApp::new().await;
    let put = || app.put("/api/user/1").header("host", "users.example.com").bytes("{}");
    let with_cookie = || put().cookie(&app.admin.session);
    for (name, value) in [
        ("sec-fetch-site", "cross-site"),
        ("sec-fetch-site", "same-site"),
        ("origin", "https://evil.example"),
        ("origin", "https://evil.users.example.com"),
        ("origin", "null"),
    ] {
        assert_eq!(
            with_cookie().header(name, value).send().await.status_and_body(),
            forbidden(),
            "{value}"
        );
        put().session(&app.admin.session).header(name, value).send().await.expect_status(200);
        let read = app.get("/api/user/1").cookie(&app.admin.session).header(name, value);
        read.send().await.expect_status(200);
    }
    for (name, value) in [
        ("sec-fetch-site", "same-origin"),
        ("sec-fetch-site", "none"),
        ("origin", "https://users.example.com"),
        ("accept", "*/*"),
    ] {
        with_cookie().header(name, value).send().await.expect_status(200);
    }
}

#[tokio::test]
async fn no_input_is_echoed_in_an_error() {
    let app = TestApp::new().await;
    let marker = "zq-marker-zq";
    let body =
        json!({ "email": marker, "first_name": [marker], "password": marker, marker: marker });
    let requests = [
        app.post("/api/user").session(&app.admin.session).json(&body),
        app.post("/api/session").json(&json!({ "username": marker, "password": marker })),
        app.post("/api/setup").json(&json!({ "token": marker, "user": body })),
        app.post("/api/session/reset_password")
            .json(&json!({ "token": marker, "password": marker })),
        app.post("/api/session/password-check").json(&json!({ "password": marker })),
        app.post("/api/session/forgot_password").json(&json!({ "email": marker })),
        app.get("/api/user/zq-marker-zq").session(&app.admin.session),
        app.get("/api/user?limit=zq-marker-zq").session(&app.admin.session),
        app.put("/api/user/1/modal/zq-marker-zq").session(&app.admin.session),
    ];
    for request in requests {
        let response = request.send().await;
        assert!(response.status >= 400);
        assert!(!response.body.to_string().contains(marker), "{}", response.body);
    }
}

#[tokio::test]
async fn a_compressed_body_is_rejected_by_every_route() {
    for dialect in [Dialect::Documented, Dialect::Metabase] {
        let app = TestApp::with(Settings { dialect, ..Settings::default() }).await;
        let sentence = "The request body must not be compressed.";
        let expected = match dialect {
            Dialect::Documented => error(sentence),
            Dialect::Metabase => json!(sentence),
        };
        for coding in ["gzip", "br", "identity, deflate"] {
            for request in with_body(&app) {
                let response = request.bytes("{}").header("content-encoding", coding).send().await;
                assert_eq!(response.status_and_body(), (415, expected.clone()), "{coding}");
            }
        }
    }
}

#[tokio::test]
async fn a_byte_order_mark_and_a_repeated_content_type_are_accepted() {
    let app = TestApp::new().await;
    let put = || app.put("/api/user/1").session(&app.admin.session);
    let body = b"\xef\xbb\xbf{\"first_name\": \"Ann\"}".to_vec();
    let body = put().bytes(body).header("content-encoding", "identity").send().await;
    assert_eq!(body.expect_status(200)["first_name"], "Ann");
    for (types, status) in [
        (["application/json", "application/json"], 200),
        (["application/json; charset=utf-8", "application/json; charset=utf-8"], 200),
        (["application/json", "text/plain"], 415),
        (["text/plain", "text/plain"], 415),
    ] {
        let request = types.iter().fold(put(), |request, one| request.header("content-type", one));
        assert_eq!(request.bytes("{}").send().await.status, status, "{types:?}");
    }
}
