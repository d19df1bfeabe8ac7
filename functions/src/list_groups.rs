//! `GET /api/permissions/group`: the groups, by name.

use shared::{
    domain::{Group, Magic, Page, Status},
    http::{ApiResult, Call, Form, FromForm, Tenancy, reply, view::ListedGroup},
};

struct Query {
    page: Option<Page>,
    tenancy: Tenancy,
}

impl FromForm for Query {
    fn from_form(form: &mut Form<'_>) -> Option<Self> {
        let tenancy = form.given("tenancy").unwrap_or(Tenancy::Internal);
        Some(Self { page: form.window(), tenancy })
    }
}

/// Administrators only. Each group has the number of its active members.
///
/// # Errors
///
/// 400 naming fields of the query, 401, 403.
pub async fn handler(call: Call) -> ApiResult {
    let query = call.query::<Query>();
    let (caller, people, administrators) = call.caller_and_counts().await?;
    let Query { page, tenancy } = query?;
    let admin = caller.admin()?;

    let mut groups = match tenancy {
        Tenancy::External => Vec::new(),
        Tenancy::Internal => call.store().groups(&admin).await?,
    };
    groups.sort_by_cached_key(|group| (group.name.key(), group.id));
    let groups = match page {
        Some(page) => page.of(groups),
        None => groups,
    };

    let count = |group: &Group| match group.id.magic() {
        Some(Magic::AllUsers) => people.of(Status::Active),
        Some(Magic::Administrators) => administrators,
        None => group.members,
    };
    let views = groups.iter().map(|group| ListedGroup::new(group, count(group)));
    reply::ok(&views.collect::<Vec<_>>())
}
