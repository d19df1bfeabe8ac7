//! `GET /api/api-key`: lists API keys without their secrets.

use openapi::{Access, Examples, Operation, Tag};
use shared::{
    domain::{ApiKeyList, CredentialCutoff},
    http::{ApiResult, Call, response, view::ListedApiKeyView},
};

use crate::{
    page::Page,
    route::{Event, Lambda, Permission, Route},
};

/// The route.
pub const ROUTE: Route = Route {
    method: "GET",
    path: "/api/api-key",
    function: "list-api-keys",
    summary: "List API keys",
    tag: Tag::ApiKeys,
    access: Access::Administrator,
    lambda: Lambda::READ,
    permissions: &[
        Permission::BatchGetItem(&["USER#*"]),
        Permission::Query(&["APIKEYS", "GROUPS"]),
    ],
    event: Event::EMPTY,
    doc,
    handler: |call| Box::pin(handler(call)),
};

fn doc(operation: Operation<'_>) -> Operation<'_> {
    let Examples { api_key, analysts, ada, now, .. } = operation.examples();
    let list = ApiKeyList {
        keys: vec![api_key.clone()],
        users: vec![ada.clone()],
        uses: [(api_key.id, *now)].into(),
        groups: vec![analysts.clone()],
        cutoff: CredentialCutoff::default(),
    };
    let keys = response::ok(&ListedApiKeyView::all(&list, *now));
    operation
        .text(
            "The response contains no secrets. It names the owner of each API key, who is \
            responsible for it. The last use is recorded once an hour.",
        )
        .page()
        .response::<Vec<ListedApiKeyView<'_>>>("The API keys.", &[("keys", keys)])
}

/// Lists API keys without their secrets. Allowed for administrators.
///
/// # Errors
///
/// Returns 401 without a valid session or API key, and 403 for other callers. Returns 400 for an
/// invalid page.
pub async fn handler(call: Call) -> ApiResult {
    let caller = call.caller().await?;
    let page: Page = call.query()?;
    let admin = caller.admin()?;

    let keys = call.store().api_keys(&admin).await?;

    response::ok(&page.slice(ListedApiKeyView::all(&keys, call.now())))
}
