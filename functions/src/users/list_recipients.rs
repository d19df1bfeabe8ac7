//! `GET /api/user/recipients`: whom a message can be sent to.

use shared::{
    domain::OffsetPage,
    http::{ApiResult, Call, Fields, FromFields},
};

struct Query(Option<OffsetPage>);

impl FromFields for Query {
    fn from_fields(form: &mut Fields<'_>) -> Option<Self> {
        Some(Self(form.offset_page()))
    }
}

/// Anybody with a session sees every active account. A page is not cut out, only told again where there is a
/// place for it, as in Metabase.
///
/// # Errors
///
/// 401.
pub async fn handler(call: Call) -> ApiResult {
    let caller = call.caller().await?;

    let users = call.store().recipients(&caller).await?;

    let page = call.query().ok().and_then(|Query(page)| page);
    call.dialect().recipients(&caller, &users, page)
}
