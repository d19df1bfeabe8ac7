//! Emails to the users about changes that affect the security of their accounts.

use shared::{
    auth::login::LoginAttempt,
    domain::User,
    http::Call,
    mail::{EmailMessage, MailSite, Recipient},
};

/// Tells a user about a change of the account. A failure is only logged, because the change has
/// already taken effect. Nothing is sent without mail settings, with `SECURITY_EMAILS=off`, and to
/// an address to which no email can be sent.
pub(crate) async fn send(
    call: &Call,
    user: &User,
    message: fn(&Recipient<'_>, &MailSite) -> EmailMessage,
) {
    if is_on(call) && user.email.deliverable().is_some() {
        let message = message(&Recipient::from(user), &call.mail_site().await);
        call.settings().mail.send_or_log(message).await;
    }
}

/// Whether the service sends these emails.
fn is_on(call: &Call) -> bool {
    let settings = call.settings();
    settings.mail.is_enabled() && settings.security_emails
}

/// Tells a user about a sign-in with the password from an unknown device, except the first one.
///
/// Only these sign-ins read the profile. The session exists already, so neither a failed read
/// nor a failed email changes the response.
pub(crate) async fn send_if_new_device(call: &Call, attempt: &LoginAttempt) {
    let user = attempt.credentials.as_ref().map(|credentials| credentials.user);
    let Some(id) = user.filter(|_| attempt.device.is_none() && is_on(call)) else { return };
    let user = call.signed_in_user(id).await;
    if let Some(user) = user.filter(|user| user.first_login != user.last_login) {
        send(call, &user, EmailMessage::new_device).await;
    }
}

/// Tells a user about new administrator permissions, if the user had none before.
pub(crate) async fn send_if_promoted(call: &Call, before: Option<&User>, after: &User) {
    let was_admin = before.is_some_and(User::is_superuser);
    if after.is_active_admin() && !was_admin {
        send(call, after, EmailMessage::new_administrator).await;
    }
}
