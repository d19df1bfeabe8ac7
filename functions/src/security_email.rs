//! Emails to the users about changes that affect the security of their accounts.

use shared::{
    domain::{SiteUrl, User},
    http::Call,
    mail::{EmailMessage, Recipient},
};

/// Tells a user about a change of the account. A failure is only logged, because the change has
/// already taken effect. Nothing is sent without mail settings, with `SECURITY_EMAILS=off`, and to
/// an address to which no email can be sent.
pub(crate) async fn send(
    call: &Call,
    user: &User,
    message: fn(&Recipient<'_>, &SiteUrl) -> EmailMessage,
) {
    let settings = call.settings();
    let is_on = settings.mail.is_enabled() && settings.security_emails;
    if is_on && user.email.deliverable().is_some() {
        let message = message(&Recipient::from(user), &call.site_url());
        settings.mail.send_or_log(message).await;
    }
}

/// Tells a user about new administrator permissions, if the user had none before.
pub(crate) async fn send_if_promoted(call: &Call, before: Option<&User>, after: &User) {
    let was_admin = before.is_some_and(User::is_superuser);
    if after.is_active_admin() && !was_admin {
        send(call, after, EmailMessage::new_administrator).await;
    }
}
