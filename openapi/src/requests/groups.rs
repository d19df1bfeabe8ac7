//! Bodies and queries about groups, and about the keys that have their rights.

use schemars::JsonSchema;
use serde::Serialize;
use shared::{
    domain::{GroupId, UserId},
    http::{PageLimit, PageOffset},
};

use crate::fields::LineText;

/// What a group is called.
#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct NameGroup {
    /// Unique in any case.
    pub(crate) name: LineText,
}

/// What a new group is made of.
#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct CreateGroup {
    /// Unique in any case.
    pub(crate) name: LineText,
    /// Groups of other organisations are what Metabase sells: true is refused with 402.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) is_tenant_group: Option<bool>,
}

/// Who joins which group.
#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct CreateMembership {
    #[schemars(with = "UserId")]
    pub(crate) user_id: u64,
    #[schemars(with = "GroupId")]
    pub(crate) group_id: u64,
    /// Managers of groups are what Metabase sells: true is refused with 402.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) is_group_manager: Option<bool>,
}

/// Whether somebody manages a group, which Metabase sells.
#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct UpdateMembership {
    pub(crate) is_group_manager: bool,
}

/// Which groups to list.
#[derive(Debug, JsonSchema)]
#[expect(dead_code, reason = "a query is described, not made")]
pub(crate) struct ListGroups {
    /// Groups of other organisations, of which there are none, or the rest.
    #[schemars(extend("enum" = ["external", "internal"]))]
    tenancy: Option<String>,
    /// How many groups a page has; 50 if only `offset` is given.
    #[schemars(range(min = 1, max = PageLimit::MAX))]
    limit: Option<u64>,
    /// How many groups come before the page; 0 if only `limit` is given.
    #[schemars(range(max = PageOffset::MAX))]
    offset: Option<u64>,
}

/// What a new API key is made of.
#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct CreateApiKey {
    /// Unique in any case.
    pub(crate) name: LineText,
    /// The group whose rights the key has.
    #[schemars(with = "GroupId")]
    pub(crate) group_id: u64,
}

/// What is to change; what is absent or null stays.
#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct UpdateApiKey {
    /// Unique in any case.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) name: Option<LineText>,
    /// The group whose rights the key has.
    #[schemars(with = "Option<GroupId>")]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) group_id: Option<u64>,
}
