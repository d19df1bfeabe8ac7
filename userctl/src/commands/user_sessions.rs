//! `userctl user sessions`.

use clap::Subcommand;
use client::{SessionId, UserSession};
use futures_util::stream;
use serde_json::json;

use crate::{
    Context, Failure, clock,
    list::{self, Columns, ListFormat},
    references::UserRef,
};

/// The commands for the sessions of a user.
#[derive(Debug, Subcommand)]
pub enum SessionsCommand {
    /// List the sessions of a user, newest first
    List {
        /// ID or email address of the user
        user: UserRef,
    },
    /// End one session of a user, or all of them
    End {
        /// ID or email address of the user
        user: UserRef,
        /// Session ID; without it, all sessions
        session: Option<SessionId>,
    },
}

const COLUMNS: Columns<UserSession> = Columns {
    table: &["id", "created", "expires", "client IP", "program"],
    cells,
    csv: &["id", "created_at", "expires_at", "ip_address", "user_agent"],
    csv_cells: cells,
};

fn cells(session: &UserSession) -> Vec<String> {
    vec![
        session.id.to_string(),
        clock::text(session.created_at),
        clock::text(session.expires_at),
        session.ip_address.clone().unwrap_or_default(),
        session.user_agent.clone().unwrap_or_default(),
    ]
}

/// Runs a command for sessions.
pub(super) async fn run(context: &Context, command: SessionsCommand) -> Result<(), Failure> {
    let client = context.client()?;
    match command {
        SessionsCommand::List { user } => {
            let sessions = client.sessions(user.id(&client).await?).await?;
            let sessions = stream::iter(sessions.into_iter().map(Ok));
            list::write(context, &ListFormat::NO_CSV, &COLUMNS, sessions).await
        }
        SessionsCommand::End { user, session } => {
            let id = user.id(&client).await?;
            match &session {
                Some(session) => client.revoke_session(id, session).await?,
                None => client.revoke_sessions(id).await?,
            }
            let value = json!({ "id": id, "session": session, "result": "ended" });
            let which = if session.is_some() { "The session" } else { "All sessions" };
            context.output.result(&value, &format!("{which} of user {id} ended."))
        }
    }
}
