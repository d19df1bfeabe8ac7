//! Users, groups, API keys and sessions for tests.

use argon2::{
    Algorithm, Argon2, Params, Version,
    password_hash::{
        PasswordHasher,
        phc::{PasswordHash, Salt},
    },
};
use serde_json::{Value, json};
use shared::{
    domain::{Email, GroupSet},
    store::Key,
};

use crate::TestApp;

/// The setup token of test instances.
pub const SETUP_TOKEN: &str = "test-setup-token";
/// The email address of the first administrator.
pub const ADMIN_EMAIL: &str = "ada@example.com";
/// The password of all test users.
pub const PASSWORD: &str = "unc0mmon pw";

/// A user with a session.
#[derive(Debug, Clone)]
pub struct TestUser {
    /// The user ID.
    pub id: u64,
    /// The email address.
    pub email: String,
    /// A session token.
    pub session: String,
}

impl TestApp {
    /// Sets the instance up and returns the first administrator.
    pub async fn set_up_admin(&self) -> TestUser {
        let body = self.post("/api/setup").json(&setup_body()).send().await.expect_status(200);
        TestUser { id: 1, email: ADMIN_EMAIL.to_owned(), session: text(&body, "id") }
    }

    /// A service after setup, with its clock at the system time, which other processes use.
    pub async fn with_system_clock() -> Self {
        let mut app = Self::without_setup().await;
        app.clock.set_to_system_time();
        app.admin = app.set_up_admin().await;
        app
    }

    /// Creates a user `<name>@example.com` in the groups and logs in.
    pub async fn user_with_session_in(&self, name: &str, groups: &[u64]) -> TestUser {
        let (id, email) = self.user_in(name, groups).await;
        let session = self.log_in(&email, PASSWORD).await;
        TestUser { id, email, session }
    }

    /// Creates a user `<name>@example.com` and returns the ID.
    pub(crate) async fn user(&self, name: &str) -> u64 {
        self.user_in(name, &[]).await.0
    }

    async fn user_in(&self, name: &str, groups: &[u64]) -> (u64, String) {
        let email = format!("{name}@example.com");
        let body = json!({
            "email": email,
            "first_name": name,
            "last_name": "Test",
            "password": PASSWORD,
            "group_ids": groups,
        });
        let user = self.post("/api/user").session(&self.admin.session).json(&body).send().await;
        (user.expect_status(200)["id"].as_u64().expect("an id"), email)
    }

    /// Creates an API key in All Users and returns its secret.
    pub async fn api_key(&self, name: &str) -> String {
        let request = self.post("/api/api-key").session(&self.admin.session);
        let key =
            request.json(&json!({ "name": name, "group_id": 1 })).send().await.expect_status(200);
        text(&key, "unmasked_key")
    }

    /// Creates a group and returns its ID.
    pub async fn group(&self, name: &str) -> u64 {
        let request = self.post("/api/permissions/group").session(&self.admin.session);
        let group = request.json(&json!({ "name": name })).send().await.expect_status(200);
        group["id"].as_u64().expect("an id")
    }

    /// Creates a group with one member more than a removal batch, and returns its ID.
    pub async fn group_over_batch_size(&self, name: &str) -> u64 {
        let group = self.group(name).await;
        for number in 0..=GroupSet::MAX {
            let body = json!({
                "email": format!("{name}{number}@example.com"),
                "first_name": name,
                "last_name": number.to_string(),
                "sso_source": "saml",
                "group_ids": [group],
            });
            let request = self.post("/api/user").session(&self.admin.session);
            request.json(&body).send().await.expect_status(200);
        }
        group
    }

    /// Creates users of 60 kB each.
    ///
    /// 18 of them exceed 1 MB, the maximum of one query. 110 of them exceed the size of a response.
    pub async fn large_users(&self, count: u32) {
        for number in 0..count {
            let body = json!({
                "email": format!("long{number}@example.com"),
                "first_name": "Long",
                "last_name": number.to_string(),
                "sso_source": "saml",
                "login_attributes": { "a": "x".repeat(60_000) },
            });
            let request = self.post("/api/user").session(&self.admin.session);
            request.json(&body).send().await.expect_status(200);
        }
    }

    /// Creates a user without administrator rights and logs in.
    pub async fn user_with_session(&self, name: &str) -> TestUser {
        self.user_with_session_in(name, &[]).await
    }

    /// Creates an SSO user and returns the ID. Fast, because it hashes no password.
    pub async fn sso_user(&self, first_name: &str, last_name: &str) -> u64 {
        let email =
            format!("{}.{}@example.com", first_name.to_lowercase(), last_name.to_lowercase());
        let body = json!({
            "email": email.replace(' ', "-"),
            "first_name": first_name,
            "last_name": last_name,
            "sso_source": "saml",
        });
        let user = self.post("/api/user").session(&self.admin.session).json(&body).send().await;
        user.expect_status(200)["id"].as_u64().expect("an id")
    }

    /// Creates an administrator and logs in.
    pub async fn second_admin(&self, name: &str) -> TestUser {
        self.user_with_session_in(name, &[2]).await
    }

    /// Logs in and returns the session token.
    pub async fn log_in(&self, email: &str, password: &str) -> String {
        let body = json!({ "username": email, "password": password });
        let response = self.post("/api/session").json(&body).send().await;
        text(&response.expect_status(200), "id")
    }

    /// Replaces the password hash of a user with a weaker one. Returns the key of the item.
    pub async fn downgrade_hash(&self, email: &str) -> Key {
        let key = Key::credentials(&Email::parse(email).expect("an email address"));
        self.set_text(&key, "password_hash", &weak_hash(PASSWORD)).await;
        key
    }

    /// Whether a session is valid.
    pub async fn is_session_valid(&self, session: &str) -> bool {
        match self.get("/api/user/current").session(session).send().await.status {
            200 => true,
            401 => false,
            other => panic!("status {other}"),
        }
    }
}

fn weak_hash(password: &str) -> String {
    let params = Params::new(64, 1, 1, Some(32)).expect("parameters");
    let argon2 = Argon2::new(Algorithm::Argon2id, Version::V0x13, params);
    let salt = Salt::new(&[7; 16]).expect("a salt");
    let hash: PasswordHash =
        argon2.hash_password_with_salt(password.as_bytes(), &salt).expect("a hash");
    hash.to_string()
}

/// The body of `POST /api/setup` for test instances.
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
    body[field].as_str().expect("a string").to_owned()
}
