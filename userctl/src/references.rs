//! Users, groups and API keys by ID, or by address or name.

use std::{convert::Infallible, str::FromStr};

use client::{ApiKeyId, Client, GroupId, GroupListItem, UserId};
use futures_util::TryStreamExt;
use unicase::UniCase;
use unicode_normalization::UnicodeNormalization;

use crate::{Exit, Failure};

/// A user by ID or email address.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum UserRef {
    /// The ID.
    Id(UserId),
    /// The email address.
    Address(String),
}

impl FromStr for UserRef {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        if let Ok(id) = text.parse() {
            return Ok(Self::Id(id));
        }
        if text.contains('@') {
            return Ok(Self::Address(text.to_owned()));
        }
        Err("it must be a user ID or an email address")
    }
}

impl UserRef {
    /// The ID of the user.
    pub(crate) async fn id(&self, client: &Client) -> Result<UserId, Failure> {
        match self {
            Self::Id(id) => Ok(*id),
            Self::Address(address) => match client.user_by_email(address).await? {
                Some(user) => Ok(user.id),
                None => Err(missing(format!("no user has the address {address}"))),
            },
        }
    }
}

/// A group or an API key by ID or name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum NamedRef {
    /// The ID.
    Id(u64),
    /// The name, in any case.
    Name(String),
}

impl FromStr for NamedRef {
    type Err = Infallible;

    fn from_str(text: &str) -> Result<Self, Infallible> {
        let id = text.parse().ok().filter(|id| *id > 0);
        Ok(id.map_or_else(|| Self::Name(text.to_owned()), Self::Id))
    }
}

impl NamedRef {
    /// The ID of the group.
    pub(crate) async fn group(&self, client: &Client) -> Result<GroupId, Failure> {
        let name = match self {
            Self::Id(id) => return Ok(GroupId::new(*id)),
            Self::Name(name) => name,
        };
        let groups = groups(client).await?;
        let found = groups.iter().find(|each| same_name(&each.group.name, name));
        found.map(|each| each.group.id).ok_or_else(|| missing(format!("no group is named {name}")))
    }

    /// The ID of the API key.
    pub(crate) async fn api_key(&self, client: &Client) -> Result<ApiKeyId, Failure> {
        let name = match self {
            Self::Id(id) => return Ok(ApiKeyId::new(*id)),
            Self::Name(name) => name,
        };
        let mut keys = std::pin::pin!(client.api_keys());
        while let Some(each) = keys.try_next().await? {
            if same_name(&each.key.name, name) {
                return Ok(each.key.id);
            }
        }
        Err(missing(format!("no API key is named {name}")))
    }
}

/// All groups.
pub(crate) async fn groups(client: &Client) -> Result<Vec<GroupListItem>, Failure> {
    Ok(std::pin::pin!(client.groups()).try_collect().await?)
}

/// The name in the form for comparisons: the service ignores case and repeated white space.
pub(crate) fn folded(name: &str) -> String {
    let name: String = name.nfc().collect();
    let name: String = UniCase::new(name).to_folded_case().nfc().collect();
    name.split_whitespace().collect::<Vec<_>>().join(" ")
}

fn same_name(one: &str, other: &str) -> bool {
    folded(one) == folded(other)
}

fn missing(message: String) -> Failure {
    Failure::new(Exit::Failed, message)
}
