//! `userctl login`, `logout` and `whoami`.

use clap::Args;
use serde_json::json;

use crate::{Context, Exit, Failure, clock, credentials_file::SavedLogin, prompt};

/// The arguments of a login.
#[derive(Debug, Args)]
pub struct LoginArguments {
    /// Email address
    address: String,
    /// Read the password from standard input
    #[arg(long)]
    password_stdin: bool,
}

/// Logs in and saves the session.
pub(super) async fn log_in(context: &Context, arguments: &LoginArguments) -> Result<(), Failure> {
    let client = context.anonymous_client()?;
    let LoginArguments { address, password_stdin } = arguments;
    let prompt = format!("Password of {address} at {}: ", client.url());
    let password = prompt::password(*password_stdin, prompt).await?;
    let session = client.login(address, &password).await;
    let session = session.map_err(|error| match error.status() {
        Some(401) => Failure::new(Exit::NotSignedIn, "the address or the password is wrong"),
        _ => error.into(),
    })?;
    let saved = SavedLogin { url: client.url(), email: address.clone(), session };
    let path = saved.save()?;
    let value = json!({ "url": saved.url, "email": saved.email, "file": path });
    let sentence = format!("Signed in to {}. {} has the session.", saved.url, path.display());
    context.output.result(&value, &sentence)
}

/// Revokes the saved session and deletes its file.
pub(super) async fn log_out(context: &Context) -> Result<(), Failure> {
    let Some(saved) = SavedLogin::load()? else {
        return context.output.result(&json!({ "signed_out": false }), "There is no login.");
    };
    let client = context.client_at(&saved.url)?;
    let revoked = client.with_session(saved.session).logout().await;
    match revoked {
        // The session was invalid before.
        Err(error) if error.status() == Some(404) => {}
        revoked => revoked?,
    }
    SavedLogin::delete()?;
    let value = json!({ "signed_out": true, "url": saved.url, "email": saved.email });
    context.output.result(&value, &format!("Signed out of {}.", saved.url))
}

/// Shows the user of the credentials.
pub(super) async fn whoami(context: &Context) -> Result<(), Failure> {
    let client = context.client()?;
    let current = client.current_user().await?;
    let user = &current.user;
    let lines = [
        ("service", client.url()),
        ("id", user.id.to_string()),
        ("email", user.email.clone()),
        ("name", user.common_name.clone()),
        ("administrator", yes_or_no(user.is_superuser)),
        ("last login", clock::optional(user.last_login)),
    ];
    context.output.details(&current.value, &lines)
}

/// A flag for people.
pub(super) fn yes_or_no(flag: bool) -> String {
    if flag { "yes".to_owned() } else { "no".to_owned() }
}
