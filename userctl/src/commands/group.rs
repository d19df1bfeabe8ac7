//! `userctl group`: groups and their members.

use clap::Subcommand;
use client::{Client, GroupId, GroupListItem, GroupMember, MembershipId, UserId};
use futures_util::{TryStreamExt, stream};
use serde_json::json;

use crate::{
    Context, Failure,
    list::{self, Columns, ListFormat},
    references::{NamedRef, UserRef},
};

/// The commands for groups. A group is an ID or a name.
#[derive(Debug, Subcommand)]
pub enum GroupCommand {
    /// List all groups
    List {
        #[command(flatten)]
        format: ListFormat,
    },
    /// Show a group
    Show {
        /// ID or name of the group
        group: NamedRef,
    },
    /// List the active members of a group
    Members {
        /// ID or name of the group
        group: NamedRef,
        #[command(flatten)]
        format: ListFormat,
    },
    /// Create a group
    Create {
        /// Name of the group
        name: String,
    },
    /// Rename a group
    Rename {
        /// ID or name of the group
        group: NamedRef,
        /// New name
        name: String,
    },
    /// Delete a group with its memberships
    Delete {
        /// ID or name of the group
        group: NamedRef,
    },
    /// Add users to a group
    Add {
        /// ID or name of the group
        group: NamedRef,
        /// IDs or email addresses
        #[arg(required = true, value_name = "ID|ADDRESS")]
        users: Vec<UserRef>,
    },
    /// Remove users from a group
    Remove {
        /// ID or name of the group
        group: NamedRef,
        /// IDs or email addresses
        #[arg(required = true, value_name = "ID|ADDRESS")]
        users: Vec<UserRef>,
    },
}

const GROUPS: Columns<GroupListItem> = Columns {
    table: &["id", "name", "members"],
    cells: group_cells,
    csv: &["id", "name", "member_count"],
    csv_cells: group_cells,
};

fn group_cells(listed: &GroupListItem) -> Vec<String> {
    let GroupListItem { group, member_count } = listed;
    vec![group.id.to_string(), group.name.clone(), member_count.to_string()]
}

const MEMBERS: Columns<GroupMember> = Columns {
    table: &["id", "email", "name", "type"],
    cells: member_cells,
    csv: &["user_id", "email", "name", "type"],
    csv_cells: member_cells,
};

fn member_cells(member: &GroupMember) -> Vec<String> {
    let GroupMember { user_id, email, common_name, kind, .. } = member;
    vec![user_id.to_string(), email.clone(), common_name.clone(), kind.clone()]
}

/// Runs a command for groups.
pub(super) async fn run(context: &Context, command: GroupCommand) -> Result<(), Failure> {
    let client = context.client()?;
    match command {
        GroupCommand::List { format } => {
            list::write(context, &format, &GROUPS, client.groups()).await
        }
        GroupCommand::Show { group } => show(context, &client, &group).await,
        GroupCommand::Members { group, format } => members(context, &client, &group, &format).await,
        GroupCommand::Create { name } => create(context, &client, &name).await,
        GroupCommand::Rename { group, name } => rename(context, &client, &group, &name).await,
        GroupCommand::Delete { group } => delete(context, &client, &group).await,
        GroupCommand::Add { group, users } => add(context, &client, &group, &users).await,
        GroupCommand::Remove { group, users } => remove(context, &client, &group, &users).await,
    }
}

async fn show(context: &Context, client: &Client, group: &NamedRef) -> Result<(), Failure> {
    let details = client.group(group.group(client).await?).await?;
    let lines = [
        ("id", details.group.id.to_string()),
        ("name", details.group.name.clone()),
        ("active members", details.members.len().to_string()),
    ];
    context.output.details(&details, &lines)
}

async fn members(
    context: &Context,
    client: &Client,
    group: &NamedRef,
    format: &ListFormat,
) -> Result<(), Failure> {
    let members = client.group(group.group(client).await?).await?.members;
    list::write(context, format, &MEMBERS, stream::iter(members.into_iter().map(Ok))).await
}

async fn create(context: &Context, client: &Client, name: &str) -> Result<(), Failure> {
    let group = with_key(client)?.create_group(name).await?;
    context.output.result(&group, &format!("Created group {}.", group.id))
}

async fn rename(
    context: &Context,
    client: &Client,
    group: &NamedRef,
    name: &str,
) -> Result<(), Failure> {
    let group = client.rename_group(group.group(client).await?, name).await?;
    context.output.result(&group, &format!("Group {} is named {}.", group.id, group.name))
}

async fn delete(context: &Context, client: &Client, group: &NamedRef) -> Result<(), Failure> {
    let id = group.group(client).await?;
    client.delete_group(id).await?;
    let value = json!({ "id": id, "result": "deleted" });
    context.output.result(&value, &format!("Deleted group {id}."))
}

async fn add(
    context: &Context,
    client: &Client,
    group: &NamedRef,
    users: &[UserRef],
) -> Result<(), Failure> {
    let group_id = group.group(client).await?;
    for user in users {
        let id = user.id(client).await?;
        with_key(client)?.create_membership(group_id, id).await?;
        let value = json!({ "group_id": group_id, "user_id": id, "result": "added" });
        context.output.result(&value, &format!("Added user {id} to group {group_id}."))?;
    }
    Ok(())
}

async fn remove(
    context: &Context,
    client: &Client,
    group: &NamedRef,
    users: &[UserRef],
) -> Result<(), Failure> {
    let group_id = group.group(client).await?;
    for user in users {
        let id = user.id(client).await?;
        let membership = membership(client, group_id, id).await?;
        client.delete_membership(membership).await?;
        let value = json!({ "group_id": group_id, "user_id": id, "result": "removed" });
        context.output.result(&value, &format!("Removed user {id} from group {group_id}."))?;
    }
    Ok(())
}

/// The membership of a user in a group. The details of a group have no deactivated users.
async fn membership(
    client: &Client,
    group_id: GroupId,
    user_id: UserId,
) -> Result<MembershipId, Failure> {
    let members = client.group(group_id).await?.members;
    if let Some(member) = members.into_iter().find(|member| member.user_id == user_id) {
        return Ok(member.membership_id);
    }
    let mut all = std::pin::pin!(client.memberships());
    while let Some(each) = all.try_next().await? {
        if each.user_id == user_id && each.group_id == group_id {
            return Ok(each.membership_id);
        }
    }
    Err(Failure::failed(format!("user {user_id} is not in group {group_id}")))
}

/// A client for one `POST`, which may be repeated.
pub(super) fn with_key(client: &Client) -> Result<Client, Failure> {
    let mut random = [0; 16];
    getrandom::fill(&mut random).map_err(Failure::failed)?;
    Ok(client.with_idempotency_key(&format!("userctl-{:032x}", u128::from_be_bytes(random)))?)
}
