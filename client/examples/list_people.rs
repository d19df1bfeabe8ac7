//! Lists all active people of a service.
//!
//! ```sh
//! export USERCTL_URL=http://127.0.0.1:3000 USERCTL_API_KEY=mb_...
//! cargo run -p client --example list_people
//! ```
#![expect(clippy::disallowed_methods, reason = "an example has no settings of its own")]

use std::{
    env,
    error::Error,
    io::{self, Write},
    pin::pin,
};

use client::{Client, UserQuery};
use futures_util::TryStreamExt;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn Error>> {
    let client = Client::new(&env::var("USERCTL_URL")?)?;
    let client = client.with_api_key(env::var("USERCTL_API_KEY")?.into());
    let mut users = pin!(client.users(UserQuery::default()));
    while let Some(user) = users.try_next().await? {
        writeln!(io::stdout(), "{}\t{}\t{}", user.id, user.email, user.common_name)?;
    }
    Ok(())
}
