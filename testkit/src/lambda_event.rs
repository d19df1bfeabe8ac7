//! Events for which a function succeeds, in any number.

use std::fs;

use functions::routes::Route;
use serde_json::{Value, json};
use shared::{
    auth::api_key::ApiKeyToken,
    domain::{GroupId, MembershipId, UserId},
};

use crate::{ADMIN_EMAIL, PASSWORD, SETUP_TOKEN, TestApp};

impl TestApp {
    /// The event of a function from `events/`, with its placeholders filled in.
    ///
    /// Creates a separate user, group or API key for each `number`, so each event takes effect.
    pub async fn event(&self, route: &Route, number: u32) -> Value {
        let directory = concat!(env!("CARGO_MANIFEST_DIR"), "/../events");
        let text = fs::read_to_string(format!("{directory}/{}.json", route.function));
        let text = text
            .expect("an event for each function")
            .replace("SETUP_TOKEN", SETUP_TOKEN)
            .replace("SESSION", &self.session_for(route).await)
            .replace("PASSWORD", PASSWORD)
            .replace("newuser@", &format!("newuser{number}@"))
            .replace("admin@example.com", ADMIN_EMAIL);
        let mut event: Value = serde_json::from_str(&text).expect("an event is JSON");
        if let Some(body) = self.body_of(route, number).await {
            event["body"] = json!(body.to_string());
        }
        if let Some(id) = self.id_for(route, number).await {
            event["pathParameters"]["id"] = json!(id.to_string());
        }
        if route.function == "check-reset-token" {
            event["rawQueryString"] = json!(format!("token={}", self.reset_token(number).await));
        }
        event
    }

    /// A reset token of a new user.
    async fn reset_token(&self, number: u32) -> String {
        let user = self.sso_user("Jane", &format!("Doe{number}")).await;
        let request = self.post(&format!("/api/user/{user}/password-reset-url"));
        let response = request.session(&self.admin.session).send().await.expect_status(200);
        let link = response["password_reset_url"].as_str().expect("a link");
        link.rsplit('/').next().expect("a token").to_owned()
    }

    /// The value of `{id}` in the path.
    async fn id_for(&self, route: &Route, number: u32) -> Option<u64> {
        let name = format!("Number {number}");
        match (route.path, route.function) {
            (path, _) if path.starts_with("/api/user/{id}") => {
                Some(self.target_of(route, number).await)
            }
            (path, _) if path.starts_with("/api/api-key/{id}") => {
                let key = ApiKeyToken::parse(&self.api_key(&name).await);
                key.map(|key| key.user().get())
            }
            (path, _) if path.starts_with("/api/permissions/") && path.contains("{id}") => {
                Some(self.membership_for(route.function, &name).await)
            }
            _ => None,
        }
    }

    /// The ID of a new group with one member, or of the membership.
    async fn membership_for(&self, function: &str, name: &str) -> u64 {
        let group = self.group(name).await;
        let user = self.member_of(group).await;
        if !["delete-membership", "update-membership"].contains(&function) {
            return group;
        }
        match (UserId::try_from(user), GroupId::try_from(group)) {
            (Ok(user), Ok(group)) => MembershipId::encode(user, group).get(),
            _ => panic!("{user} and {group} are invalid IDs"),
        }
    }

    /// A body that refers to newly created items, if the route needs one.
    async fn body_of(&self, route: &Route, number: u32) -> Option<Value> {
        let name = format!("Other {number}");
        match route.function {
            "create-group" | "update-group" | "update-api-key" => Some(json!({ "name": name })),
            "forgot-password" => {
                let name = format!("forgetful{number}");
                self.user(&name).await;
                Some(json!({ "email": format!("{name}@example.com") }))
            }
            "reset-password" => {
                let token = self.reset_token(number).await;
                Some(json!({ "token": token, "password": PASSWORD }))
            }
            "confirm-email" | "revert-email" => {
                let user = self.user_with_session(&format!("mover{number}")).await;
                let email = format!("moved{number}@example.com");
                let [confirm, revert] = self.email_links(&user.session, user.id, &email).await;
                let is_confirmation = route.function == "confirm-email";
                Some(json!({ "token": if is_confirmation { confirm } else { revert } }))
            }
            "create-api-key" => Some(json!({ "name": name, "group_id": 1 })),
            "create-membership" => {
                let group = self.group(&name).await;
                self.member_of(group).await;
                let user = self.sso_user("Jane", &name).await;
                Some(json!({ "group_id": group, "user_id": user }))
            }
            _ => None,
        }
    }

    /// Creates a user in a group and returns the ID.
    async fn member_of(&self, group: u64) -> u64 {
        let user = self.sso_user("Joan", &format!("of {group}")).await;
        let body = json!({ "group_ids": [group] });
        let request = self.put(&format!("/api/user/{user}")).session(&self.admin.session);
        request.json(&body).send().await.expect_status(200);
        user
    }

    /// The administrator's session, or a new one if the route revokes it.
    async fn session_for(&self, route: &Route) -> String {
        match route.function {
            "logout" => self.log_in(ADMIN_EMAIL, PASSWORD).await,
            _ => self.admin.session.clone(),
        }
    }

    /// Creates a user and returns the ID.
    ///
    /// The user of `update-user` has a password, because the names of SSO users are not editable.
    async fn target_of(&self, route: &Route, number: u32) -> u64 {
        match route.function {
            "update-user" => self.user(&format!("jane{number}")).await,
            "reactivate-user" => {
                let id = self.sso_user("Jane", &format!("Doe{number}")).await;
                let path = format!("/api/user/{id}");
                self.delete(&path).session(&self.admin.session).send().await.expect_status(200);
                id
            }
            _ => self.sso_user("Jane", &format!("Doe{number}")).await,
        }
    }
}
