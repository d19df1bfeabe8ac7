//! `userctl user`: one user.

use std::pin::Pin;

use clap::{Args, Subcommand};
use client::{Change, Client, GroupId, NewUser, User, UserChanges, UserId};
use secrecy::ExposeSecret;
use serde_json::json;

use super::{
    group::with_key,
    login::yes_or_no,
    user_list::{self, UserListArguments},
    user_sessions::{self, SessionsCommand},
};
use crate::{
    Context, Failure, clock, prompt,
    references::{NamedRef, UserRef},
};

/// The commands for users.
#[derive(Debug, Subcommand)]
pub enum UserCommand {
    /// List users
    List(UserListArguments),
    /// Show a user
    Show(One),
    /// Create a user, with an invitation unless there is a password or an identity provider
    Create(CreateArguments),
    /// Change a user; an empty text removes a value
    Update(UpdateArguments),
    /// Deactivate a user and end all their sessions
    Deactivate(One),
    /// Reactivate a user
    Reactivate(One),
    /// Deactivate a user and remove their personal data permanently
    Anonymize {
        #[command(flatten)]
        one: One,
        /// Do not ask
        #[arg(long)]
        yes: bool,
    },
    /// Email an invitation, or print its link if the service sends no emails
    Invite(One),
    /// Print a link for a new password, valid once and for two days
    PasswordLink(One),
    /// List or end sessions
    #[command(subcommand)]
    Sessions(SessionsCommand),
}

/// One user.
#[derive(Debug, Args)]
pub struct One {
    /// ID or email address
    #[arg(value_name = "ID|ADDRESS")]
    user: UserRef,
}

/// A new user.
#[derive(Debug, Args)]
pub struct CreateArguments {
    /// Email address
    address: String,
    /// First name
    #[arg(long, value_name = "NAME")]
    first_name: Option<String>,
    /// Last name
    #[arg(long, value_name = "NAME")]
    last_name: Option<String>,
    /// Group, by ID or name; may be repeated
    #[arg(long = "group", value_name = "ID|NAME")]
    groups: Vec<NamedRef>,
    /// Preferred language, for example `de`
    #[arg(long)]
    locale: Option<String>,
    /// Make the user an administrator
    #[arg(long)]
    admin: bool,
    /// Identity provider of the user
    #[arg(long, value_name = "NAME", conflicts_with = "password_stdin")]
    sso_source: Option<String>,
    /// Read a password from standard input, and require a new one at the first login
    #[arg(long)]
    password_stdin: bool,
}

/// Changes of a user.
#[derive(Debug, Args)]
pub struct UpdateArguments {
    #[command(flatten)]
    one: One,
    /// Email address
    #[arg(long, value_name = "ADDRESS")]
    email: Option<String>,
    /// First name
    #[arg(long, value_name = "NAME")]
    first_name: Option<String>,
    /// Last name
    #[arg(long, value_name = "NAME")]
    last_name: Option<String>,
    /// Preferred language, for example `de`
    #[arg(long)]
    locale: Option<String>,
    /// Whether the user is an administrator
    #[arg(long, value_name = "true|false")]
    admin: Option<bool>,
    /// Whether the user must change the password first
    #[arg(long, value_name = "true|false")]
    must_change_password: Option<bool>,
}

/// Runs a command for users.
pub(super) async fn run(context: &Context, command: UserCommand) -> Result<(), Failure> {
    let running: Pin<Box<dyn Future<Output = Result<(), Failure>>>> = match command {
        UserCommand::List(arguments) => Box::pin(user_list::run(context, arguments)),
        UserCommand::Sessions(command) => Box::pin(user_sessions::run(context, command)),
        UserCommand::Create(arguments) => Box::pin(create(context, arguments)),
        UserCommand::Update(arguments) => Box::pin(update(context, arguments)),
        UserCommand::Anonymize { one, yes } => Box::pin(anonymize(context, one, yes)),
        UserCommand::Show(one) => Box::pin(show(context, one)),
        UserCommand::Deactivate(one) => Box::pin(deactivate(context, one)),
        UserCommand::Reactivate(one) => Box::pin(reactivate(context, one)),
        UserCommand::Invite(one) => Box::pin(invite(context, one)),
        UserCommand::PasswordLink(one) => Box::pin(password_link(context, one)),
    };
    running.await
}

/// A client, and the ID of the user.
async fn select(context: &Context, one: &One) -> Result<(Client, UserId), Failure> {
    let client = context.client()?;
    let id = one.user.id(&client).await?;
    Ok((client, id))
}

async fn show(context: &Context, one: One) -> Result<(), Failure> {
    let (client, id) = select(context, &one).await?;
    let user = client.user(id).await?;
    print(context, &user)
}

async fn deactivate(context: &Context, one: One) -> Result<(), Failure> {
    let (client, id) = select(context, &one).await?;
    client.deactivate_user(id).await?;
    let value = json!({ "id": id, "result": "deactivated" });
    context.output.result(&value, &format!("Deactivated user {id}."))
}

async fn reactivate(context: &Context, one: One) -> Result<(), Failure> {
    let (client, id) = select(context, &one).await?;
    let user = client.reactivate_user(id).await?;
    context.output.result(&user.value, &format!("Reactivated user {id}."))
}

async fn password_link(context: &Context, one: One) -> Result<(), Failure> {
    let (client, id) = select(context, &one).await?;
    let url = with_key(&client)?.password_reset_url(id).await?;
    let url = url.expose_secret();
    context.output.result(&json!({ "id": id, "password_reset_url": url }), url)
}

async fn create(context: &Context, arguments: CreateArguments) -> Result<(), Failure> {
    let client = context.client()?;
    let CreateArguments { address, first_name, last_name, groups, locale, .. } = arguments;
    let password = match arguments.password_stdin.then(|| prompt::password(true, String::new())) {
        Some(password) => Some(password.await?),
        None => None,
    };
    let mut group_ids: Vec<_> =
        arguments.admin.then_some(GroupId::ADMINISTRATORS).into_iter().collect();
    for group in &groups {
        group_ids.push(group.group(&client).await?);
    }
    let new = NewUser {
        email: address,
        first_name,
        last_name,
        is_invitation: password.is_none() && arguments.sso_source.is_none(),
        must_change_password: password.as_ref().map(|_| true),
        password,
        sso_source: arguments.sso_source,
        group_ids: Some(group_ids),
        locale,
        login_attributes: None,
    };
    let user = with_key(&client)?.create_user(&new).await?;
    context.output.result(&user.value, &format!("Created user {} ({}).", user.id, user.email))
}

/// A change of a text. An empty one removes the value.
fn text(value: Option<String>) -> Change<String> {
    match value {
        None => Change::Keep,
        Some(text) if text.is_empty() => Change::Clear,
        Some(text) => Change::Set(text),
    }
}

async fn update(context: &Context, arguments: UpdateArguments) -> Result<(), Failure> {
    let (client, id) = select(context, &arguments.one).await?;
    let changes = UserChanges {
        email: arguments.email,
        first_name: text(arguments.first_name),
        last_name: text(arguments.last_name),
        locale: text(arguments.locale),
        is_superuser: arguments.admin,
        must_change_password: arguments.must_change_password,
        ..UserChanges::default()
    };
    let user = client.update_user(id, &changes).await?;
    context.output.result(&user.value, &format!("Updated user {id}."))
}

async fn anonymize(context: &Context, one: One, yes: bool) -> Result<(), Failure> {
    let (client, id) = select(context, &one).await?;
    if !yes {
        let email = &client.user(id).await?.email;
        let question = format!("Type {email} to remove the personal data of user {id} forever:");
        prompt::confirm(&question, email).await?;
    }
    let user = client.anonymize_user(id).await?;
    context.output.result(&user.value, &format!("Anonymized user {id}."))
}

async fn invite(context: &Context, one: One) -> Result<(), Failure> {
    let (client, id) = select(context, &one).await?;
    let invitation = with_key(&client)?.send_invite(id).await?;
    let url = invitation.url.as_ref().map(ExposeSecret::expose_secret);
    let value = json!({ "id": id, "is_sent": invitation.is_sent, "password_reset_url": url });
    let sent = format!("Sent an invitation to user {id}.");
    context.output.result(&value, url.unwrap_or(&sent))
}

fn print(context: &Context, user: &User) -> Result<(), Failure> {
    let groups: Vec<_> = user.group_ids.iter().map(ToString::to_string).collect();
    let lines = [
        ("id", user.id.to_string()),
        ("email", user.email.clone()),
        ("first name", user.first_name.clone().unwrap_or_default()),
        ("last name", user.last_name.clone().unwrap_or_default()),
        ("active", yes_or_no(user.is_active)),
        ("administrator", yes_or_no(user.is_superuser)),
        ("groups", groups.join(" ")),
        ("locale", user.locale.clone().unwrap_or_default()),
        ("identity provider", user.sso_source.clone().unwrap_or_default()),
        ("joined", clock::text(user.date_joined)),
        ("last login", clock::optional(user.last_login)),
    ];
    context.output.details(user, &lines)
}
