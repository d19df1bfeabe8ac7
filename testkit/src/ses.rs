//! A stand-in for Amazon SES.
//!
//! <https://docs.aws.amazon.com/ses/latest/APIReference-V2/API_SendEmail.html>

use std::sync::{Arc, Mutex};

use axum::{Json, Router, extract::State, http::StatusCode, response::IntoResponse, routing::post};
use serde_json::{Value, json};
use tokio::net::TcpListener;

/// What SES does with a letter.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SesBehavior {
    /// It takes it.
    Accept,
    /// It refuses it, and names the recipient.
    Reject,
    /// It never answers.
    Hang,
}

/// SES at an address of its own.
#[derive(Debug, Clone)]
pub struct Ses {
    /// Where it listens.
    pub endpoint: String,
    letters: Arc<Mutex<Vec<Value>>>,
}

impl Ses {
    /// Starts it.
    pub async fn start(manner: SesBehavior) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let endpoint = format!("http://{}", listener.local_addr().expect("an address"));
        let ses = Self { endpoint, letters: Arc::default() };
        let router = Router::new()
            .route("/v2/email/outbound-emails", post(answer))
            .with_state((ses.clone(), manner));
        tokio::spawn(async move { axum::serve(listener, router).await });
        ses
    }

    /// What it was asked to send, each with `Authorization` left out.
    #[must_use]
    pub fn emails(&self) -> Vec<Value> {
        self.letters.lock().expect("no test panicked with the lock").clone()
    }
}

async fn answer(
    State((ses, manner)): State<(Ses, SesBehavior)>,
    Json(letter): Json<Value>,
) -> impl IntoResponse {
    let to = letter["Destination"]["ToAddresses"][0].clone();
    ses.letters.lock().expect("no test panicked with the lock").push(letter);
    match manner {
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
