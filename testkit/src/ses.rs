//! A fake of Amazon SES.
//!
//! <https://docs.aws.amazon.com/ses/latest/APIReference-V2/API_SendEmail.html>

use std::sync::{Arc, Mutex};

use axum::{Json, Router, extract::State, http::StatusCode, response::IntoResponse, routing::post};
use serde_json::{Value, json};
use tokio::net::TcpListener;

/// Behavior of the fake.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SesBehavior {
    /// Accepts the email.
    Accept,
    /// Rejects the email with an error message that names the recipient.
    Reject,
    /// Never responds.
    Hang,
}

/// A fake SES endpoint.
#[derive(Debug, Clone)]
pub struct Ses {
    /// The URL of the endpoint.
    pub endpoint: String,
    emails_sent: Arc<Mutex<Vec<Value>>>,
}

impl Ses {
    /// Starts the endpoint.
    pub async fn start(behavior: SesBehavior) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let endpoint = format!("http://{}", listener.local_addr().expect("an address"));
        let ses = Self { endpoint, emails_sent: Arc::default() };
        let router = Router::new()
            .route("/v2/email/outbound-emails", post(send_email))
            .with_state((ses.clone(), behavior));
        tokio::spawn(async move { axum::serve(listener, router).await });
        ses
    }

    /// The bodies of all received requests.
    #[must_use]
    pub fn emails(&self) -> Vec<Value> {
        self.emails_sent.lock().expect("no test panicked with the lock").clone()
    }
}

async fn send_email(
    State((ses, behavior)): State<(Ses, SesBehavior)>,
    Json(email): Json<Value>,
) -> impl IntoResponse {
    let to = email["Destination"]["ToAddresses"][0].clone();
    ses.emails_sent.lock().expect("no test panicked with the lock").push(email);
    match behavior {
        SesBehavior::Accept => {
            (StatusCode::OK, [("x-amzn-errortype", "")], Json(json!({ "MessageId": "m-1" })))
        }
        SesBehavior::Reject => {
            let message = format!("Email address is not verified: {to}");
            let error = [("x-amzn-errortype", "MessageRejected")];
            (StatusCode::BAD_REQUEST, error, Json(json!({ "message": message })))
        }
        SesBehavior::Hang => std::future::pending().await,
    }
}
