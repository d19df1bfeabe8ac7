//! `PUT /api/user/{id}/modal/{modal}`: dismisses a welcome dialog.

use openapi::{Access, Operation, Tag, errors::invalid};
use shared::{
    domain::Modal,
    http::{ApiError, ApiResult, Call, FieldErrors, PathUser, response},
};

use crate::route::{Event, Lambda, Permission, Route};

/// The route.
pub const ROUTE: Route = Route {
    method: "PUT",
    path: "/api/user/{id}/modal/{modal}",
    function: "dismiss-modal",
    summary: "Dismiss a welcome dialog",
    tag: Tag::Users,
    access: Access::SelfOrAdministrator,
    lambda: Lambda::READ,
    permissions: &[
        Permission::BatchGetItem(&["USER#*"]),
        Permission::PutItem(&["AUDIT#*", "USER#*"]),
    ],
    event: Event::path(&[("id", "2"), ("modal", "qbnewb")]),
    doc,
    handler: |call| Box::pin(handler(call)),
};

fn doc(operation: Operation<'_>) -> Operation<'_> {
    operation
        .text("A deactivated user returns 404.")
        .path_user_id()
        .path_enum("modal", "The welcome dialog of Metabase.", &["qbnewb", "datasetnewb"])
        .response::<response::Success>(
            "The dialog is dismissed.",
            &[("dismissed", Ok(response::success()))],
        )
        .conditional_write()
        .error("unknown-modal", invalid("modal", "value must be either qbnewb or datasetnewb."))
        .error("contention", ApiError::Contention)
}

/// Dismisses a welcome dialog of a user. Allowed for the user and for administrators.
///
/// # Errors
///
/// Returns 401 without a valid session or API key, and 403 for other callers. Returns 400 for an
/// invalid ID or modal, 404 for an unknown or deactivated user, 409 after contention, and 412 for a
/// failed precondition.
pub async fn handler(call: Call) -> ApiResult {
    let (caller, target) = call.authenticate_active(PathUser).await?;
    let modal = Modal::parse(&call.path("modal")).ok_or_else(|| {
        FieldErrors::single("modal", "value must be either qbnewb or datasetnewb.")
    })?;
    let access = caller.self_or_admin(target)?;

    call.store().dismiss_modal(&access, modal, caller.write_context()).await?;

    Ok(response::success())
}
