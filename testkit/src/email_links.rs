//! Links about a new email address.

use shared::{
    auth::email_change::NewEmailChange,
    domain::{Email, UserPatch},
    http::PathUser,
};

use crate::TestApp;

impl TestApp {
    /// Makes an email address of the session's user pending. Returns the tokens in the links to the
    /// new and to the old address, without sending emails.
    pub async fn email_links(&self, session: &str, id: u64, email: &str) -> [String; 2] {
        let call = self.call(session, id);
        let (caller, target) = call.authenticate_active(PathUser).await.expect("a valid session");
        let access = caller.self_or_admin(target).expect("access");
        let (user, email) = (access.user(), Email::parse(email).expect("an email address"));
        let links = NewEmailChange::new(user, call.now())
            .and_then(|links| links.with_confirmation(user, &email, call.now()))
            .expect("random bytes");
        let mut attempt = self.store().email_change_attempt(&access, &email).await.expect("a read");
        let patch = UserPatch { email: Some(email), ..UserPatch::default() };
        attempt.links = Some(links);
        let change = (patch.with_pending_email(), &attempt);
        let context = caller.write_context();
        self.store().change_own_email(&access, change, context).await.expect("a stored change");
        let links = attempt.links.expect("links");
        let (confirmation, _) = links.confirmation.expect("a confirmation");
        let tokens = [confirmation.expose(), links.reversal.0.expose()];
        for token in &tokens {
            self.leak_detector.record(token);
        }
        tokens
    }
}
