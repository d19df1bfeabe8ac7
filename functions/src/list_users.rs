//! `GET /api/user`: the accounts, filtered and in pages.

use shared::{
    domain::{Filter, GroupId, Kind, Listed, Period, Search, Selection, Status, User, Window},
    http::{ApiError, ApiResult, Call, Flag, Form, FromForm, OfUs, QueryText},
};

/// What whoever asks for both is told.
pub const TENANCY_TWICE: &str = "You cannot specify both `tenancy` and `tenant_id`";

struct Query {
    selection: Selection,
    window: Window,
    /// What is asked for is of another organisation, or of analysts: there is nobody.
    is_of_nobody: bool,
    contradicts_itself: bool,
}

impl FromForm for Query {
    fn from_form(form: &mut Form<'_>) -> Option<Self> {
        let filter = filter(form);
        let order = form.ignorable("sort").map(|QueryText(order)| order).unwrap_or_default();
        let window = form.window_on(order)?;
        let analysts = form.given("is_data_analyst").is_some_and(|Flag(flag)| flag);
        let tenant = form.given::<QueryText<GroupId>>("tenant_id");
        let tenancy = form.given("tenancy");
        let of_us = tenancy.is_none_or(|OfUs(of_us)| of_us);
        Some(Self {
            selection: Selection { filter, order },
            window,
            is_of_nobody: analysts || tenant.is_some() || !of_us,
            contradicts_itself: tenant.is_some() && tenancy.is_some(),
        })
    }
}

impl Query {
    /// A part of a list as it is kept has its total from the tally.
    fn wants_tally(&self) -> bool {
        self.window != Window::All && self.selection.is_as_kept()
    }
}

fn filter(form: &mut Form<'_>) -> Filter {
    let everyone = form.given("include_deactivated").is_some_and(|Flag(flag)| flag);
    let status = form.given("status").map(|QueryText(status)| status);
    let search = form.given("query").map(|QueryText::<Search>(search)| search);
    let search = search.filter(|search| !search.is_empty());
    let group = form.given("group_id").map(|QueryText::<GroupId>(group)| group);
    let from = form.ignorable("last_login_after").map(|QueryText(moment)| moment);
    let until = form.ignorable("last_login_before").map(|QueryText(moment)| moment);
    let status = if everyone { Status::All } else { status.unwrap_or_default() };
    Filter { status, search, group, last_login: Period { from, until } }
}

/// An administrator sees all accounts; for anybody else the only account is their own, where the
/// dialect lets them ask at all.
///
/// # Errors
///
/// 400 naming fields of the query, 401, 403.
pub async fn handler(call: Call) -> ApiResult {
    let query = call.query::<Query>();
    let (caller, tally) =
        call.caller_and_tally(query.as_ref().is_ok_and(Query::wants_tally)).await?;
    let Query { selection, window, is_of_nobody, contradicts_itself } = query?;
    if contradicts_itself {
        return Err(ApiError::BadRequest(TENANCY_TWICE));
    }

    let listed = match call.dialect().lister(&caller)? {
        _ if is_of_nobody => Listed::new(Vec::new(), &window),
        Some(admin) => call.store().list_users(&admin, &selection, (&window, tally)).await?,
        None => oneself(caller.user(), &selection.filter, &window),
    };

    call.dialect().users(&listed, &window)
}

/// One page, which no walk goes on from.
fn oneself(user: &User, filter: &Filter, window: &Window) -> Listed {
    let is_person = user.kind == Kind::Person;
    let listed = is_person && filter.matches(user) && !window.goes_on();
    Listed::new(listed.then(|| user.clone()).into_iter().collect(), window)
}
