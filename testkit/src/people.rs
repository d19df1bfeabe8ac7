//! Accounts for tests.

use serde_json::{Value, json};

use crate::TestApp;

/// What `POST /api/setup` asks for in tests.
pub const SETUP_TOKEN: &str = "test-setup-token";
/// The address of the first administrator.
pub const ADMIN_EMAIL: &str = "ada@example.com";
/// Everybody's password.
pub const PASSWORD: &str = "unc0mmon pw";

/// An account with a session.
#[derive(Debug, Clone)]
pub struct Person {
    /// Its number.
    pub id: u64,
    /// Its address.
    pub email: String,
    /// A session of it.
    pub session: String,
}

impl TestApp {
    /// Sets the instance up and returns the first administrator.
    pub(crate) async fn set_up_admin(&self) -> Person {
        let body = self.post("/api/setup").json(&setup_body()).send().await.expect(200);
        Person { id: 1, email: ADMIN_EMAIL.to_owned(), session: text(&body, "id") }
    }

    /// Creates an account `<name>@example.com` in the groups and logs it in.
    pub async fn person_in(&self, name: &str, groups: &[u64]) -> Person {
        let email = format!("{name}@example.com");
        let body = json!({
            "email": email,
            "first_name": name,
            "last_name": "Test",
            "password": PASSWORD,
            "group_ids": groups,
        });
        let user = self.post("/api/user").session(&self.admin.session).json(&body).send().await;
        let id = user.expect(200)["id"].as_u64().expect("an id");
        let session = self.log_in(&email, PASSWORD).await;
        Person { id, email, session }
    }

    /// Creates an account without rights and logs it in.
    pub async fn person(&self, name: &str) -> Person {
        self.person_in(name, &[]).await
    }

    /// Creates an account without a password, which costs no hash, and returns its number.
    pub async fn sso_account(&self, first_name: &str, last_name: &str) -> u64 {
        let email =
            format!("{}.{}@example.com", first_name.to_lowercase(), last_name.to_lowercase());
        let body = json!({
            "email": email.replace(' ', "-"),
            "first_name": first_name,
            "last_name": last_name,
            "sso_source": "saml",
        });
        let user = self.post("/api/user").session(&self.admin.session).json(&body).send().await;
        user.expect(200)["id"].as_u64().expect("an id")
    }

    /// Creates a second administrator and logs it in.
    pub async fn second_admin(&self, name: &str) -> Person {
        self.person_in(name, &[2]).await
    }

    /// Logs in and returns the session.
    pub async fn log_in(&self, email: &str, password: &str) -> String {
        let body = json!({ "username": email, "password": password });
        let answer = self.post("/api/session").json(&body).send().await;
        text(&answer.expect(200), "id")
    }

    /// Whether a session counts.
    pub async fn is_live(&self, session: &str) -> bool {
        match self.get("/api/user/current").session(session).send().await.status {
            200 => true,
            401 => false,
            other => panic!("status {other}"),
        }
    }
}

/// The body that sets a test instance up.
#[must_use]
pub(crate) fn setup_body() -> Value {
    json!({
        "token": SETUP_TOKEN,
        "user": {
            "email": ADMIN_EMAIL,
            "first_name": "Ada",
            "last_name": "Admin",
            "password": PASSWORD,
        },
        "prefs": { "site_name": "Test" },
    })
}

fn text(body: &Value, field: &str) -> String {
    body[field].as_str().expect("a text").to_owned()
}
