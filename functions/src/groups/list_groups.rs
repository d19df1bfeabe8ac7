//! `GET /api/permissions/group`: the groups, by name.

use shared::{
    domain::{BuiltinGroup, Group, OffsetPage, StatusFilter},
    http::{
        ApiResult, Call, Fields, FromFields, Tenancy, UserAndAdminCounts, response,
        view::GroupListItem,
    },
};

struct Query {
    page: Option<OffsetPage>,
    tenancy: Tenancy,
}

impl FromFields for Query {
    fn from_fields(form: &mut Fields<'_>) -> Option<Self> {
        let tenancy = form.query("tenancy").unwrap_or(Tenancy::Internal);
        Some(Self { page: form.offset_page(), tenancy })
    }
}

/// Administrators only. Each group has the number of its active members.
///
/// # Errors
///
/// 400 naming fields of the query, 401, 403.
pub async fn handler(call: Call) -> ApiResult {
    let (caller, (users, administrators)) = call.authenticate_active(UserAndAdminCounts).await?;
    let Query { page, tenancy } = call.query()?;
    let admin = caller.admin()?;

    let mut groups = match tenancy {
        Tenancy::External => Vec::new(),
        Tenancy::Internal => call.store().groups(&admin).await?,
    };
    groups.sort_by_cached_key(|group| (group.name.normalized(), group.id));
    let groups = match page {
        Some(page) => page.slice(groups),
        None => groups,
    };

    let count = |group: &Group| match group.id.builtin() {
        Some(BuiltinGroup::AllUsers) => users.of(StatusFilter::Active),
        Some(BuiltinGroup::Administrators) => administrators,
        None => group.members,
    };
    let views = groups.iter().map(|group| GroupListItem::new(group, count(group)));
    response::ok(&views.collect::<Vec<_>>())
}
