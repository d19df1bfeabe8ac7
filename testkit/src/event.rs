//! Events that a function does its whole work for, as often as one likes.

use std::fs;

use functions::routes::Route;
use serde_json::{Value, json};

use crate::{ADMIN_EMAIL, PASSWORD, SETUP_TOKEN, TestApp};

impl TestApp {
    /// The event of a function as `events/` has it, with what it leaves open. What it creates, changes or
    /// ends is another thing for each `number`, which is made for it.
    pub async fn event(&self, route: &Route, number: u32) -> Value {
        let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../events");
        let text = fs::read_to_string(format!("{folder}/{}.json", route.function));
        let text = text
            .expect("an event for each function")
            .replace("SETUP_TOKEN", SETUP_TOKEN)
            .replace("SESSION", &self.session_for(route).await)
            .replace("PASSWORD", PASSWORD)
            .replace("newuser@", &format!("newuser{number}@"))
            .replace("admin@example.com", ADMIN_EMAIL);
        let mut event: Value = serde_json::from_str(&text).expect("an event is JSON");
        if route.path.starts_with("/api/user/{id}") {
            event["pathParameters"]["id"] = json!(self.target_of(route, number).await.to_string());
        }
        event
    }

    /// The administrator's, but for whoever ends it.
    async fn session_for(&self, route: &Route) -> String {
        match route.function {
            "logout" => self.log_in(ADMIN_EMAIL, PASSWORD).await,
            _ => self.admin.session.clone(),
        }
    }

    /// A new account, without a password where that does not matter: names that an identity provider
    /// vouches for are not for us to change.
    async fn target_of(&self, route: &Route, number: u32) -> u64 {
        match route.function {
            "update-user" => self.account(&format!("jane{number}")).await,
            "reactivate-user" => {
                let id = self.sso_account("Jane", &format!("Doe{number}")).await;
                let path = format!("/api/user/{id}");
                self.delete(&path).session(&self.admin.session).send().await.expect(200);
                id
            }
            _ => self.sso_account("Jane", &format!("Doe{number}")).await,
        }
    }
}
