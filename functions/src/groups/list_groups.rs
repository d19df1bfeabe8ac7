//! `GET /api/permissions/group`: lists groups.

use openapi::{Access, Operation, Tag, errors::invalid_value};
use schemars::JsonSchema;
use shared::{
    domain::{BuiltinGroup, Group, StatusFilter},
    http::{
        ApiResult, Call, Fields, FromFields, Tenancy, UserAndAdminCounts, response,
        view::GroupListItem,
    },
};

use crate::{
    page::Page,
    route::{Event, Lambda, Permission, Route},
};

/// Filter.
#[derive(JsonSchema)]
#[expect(dead_code, reason = "a schema, never constructed")]
struct ListGroups {
    /// Groups of internal or external users. No group is external.
    #[schemars(extend("enum" = ["external", "internal"]))]
    tenancy: Option<String>,
}

struct Query {
    page: Page,
    tenancy: Tenancy,
}

impl FromFields for Query {
    fn from_fields(fields: &mut Fields<'_>) -> Option<Self> {
        let tenancy = fields.query("tenancy").unwrap_or(Tenancy::Internal);
        Some(Self { page: Page::from_fields(fields)?, tenancy })
    }
}

/// The route.
pub const ROUTE: Route = Route {
    method: "GET",
    path: "/api/permissions/group",
    function: "list-groups",
    summary: "List groups",
    tag: Tag::Groups,
    access: Access::Administrator,
    lambda: Lambda::READ,
    permissions: &[
        Permission::BatchGetItem(&["ADMINS", "TALLY#*", "USER#*"]),
        Permission::Query(&["APIKEYS", "GROUPS"]),
    ],
    event: Event::EMPTY,
    doc,
    handler: |call| Box::pin(handler(call)),
};

fn doc(operation: Operation<'_>) -> Operation<'_> {
    let group = operation.examples().analysts.clone();
    let groups = response::ok(&[GroupListItem::new(&group, 1)]);
    operation
        .text(
            "Lists groups by name, each with the number of its active members, including API keys.",
        )
        .query::<ListGroups>()
        .page()
        .response::<Vec<GroupListItem<'_>>>("The groups.", &[("groups", groups)])
        .link(&[("get-group", "$response.body#/0/id")])
        .error("invalid", invalid_value::<Tenancy>("tenancy"))
}

/// Lists groups by name, each with the number of its active members. Allowed for administrators.
///
/// # Errors
///
/// Returns 401 without a valid session or API key, and 403 for other callers. Returns 400 for
/// invalid query parameters.
pub async fn handler(call: Call) -> ApiResult {
    let (caller, (user_counts, administrators)) =
        call.authenticate_active(UserAndAdminCounts).await?;
    let Query { page, tenancy } = call.query()?;
    let admin = caller.admin()?;

    let (mut groups, keys) = match tenancy {
        Tenancy::External => (Vec::new(), Vec::new()),
        Tenancy::Internal => call.store().groups_and_service_accounts(&admin).await?,
    };
    groups.sort_by_cached_key(|group| (group.name.normalized(), group.id));
    let groups = page.slice(groups);

    let persons = |group: &Group| match group.id.builtin() {
        Some(BuiltinGroup::AllUsers) => user_counts.of(StatusFilter::Active),
        Some(BuiltinGroup::Administrators) => administrators,
        None => group.members,
    };
    let keys_in = |group: &Group| keys.iter().filter(|key| key.groups.contains(group.id)).count();
    let views =
        groups.iter().map(|group| GroupListItem::new(group, persons(group) + keys_in(group)));
    response::ok(&views.collect::<Vec<_>>())
}
