//! `userctl reset-password`: the way back of an administrator who is locked out.

use clap::Args;
use serde_json::json;
use shared::{
    domain::{Email, SiteUrl},
    operator::{self, ResetError},
};

use crate::{
    Context, Failure,
    store::{IfAbsent, OpenTable, now},
};

/// The site of a service on this machine.
const LOCAL_SITE: &str = "http://127.0.0.1:3000";

/// The arguments of `userctl reset-password`.
#[derive(Debug, Args)]
pub struct ResetPasswordArguments {
    /// Email address of the user
    address: String,
    /// URL of the site in the link, by default the service of `cargo run` on this machine
    #[arg(long, value_name = "URL")]
    site_url: Option<String>,
}

/// Prints a link to choose a new password.
pub(super) async fn run(
    context: &Context,
    ResetPasswordArguments { address, site_url }: &ResetPasswordArguments,
) -> Result<(), Failure> {
    let email = Email::parse(address)
        .ok_or_else(|| Failure::usage(format!("{address} is no email address")))?;
    let site = site_url.as_deref().unwrap_or(LOCAL_SITE);
    let site = SiteUrl::parse(site)
        .ok_or_else(|| Failure::usage(format!("{site} is no URL of a site")))?;
    let table = OpenTable::open(&context.global.table.source()?, IfAbsent::Fail).await?;
    let token = operator::reset_token(&table.store, &email, now()).await;
    let token = token.map_err(|error| match error {
        ResetError::Failed(error) => error.into(),
        ResetError::NoSuchUser => Failure::failed(format!("{error}: {}", email.as_str())),
    })?;
    let url = token.reset_url(&site);
    let sentence = format!("Open this link within two days. It works once: {url}");
    context.output.result(&json!({ "password_reset_url": url }), &sentence)
}
