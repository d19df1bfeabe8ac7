//! `PUT /api/permissions/membership/{id}`: would make somebody the manager of a group, which Metabase sells.

use shared::http::{ApiError, ApiResult, Call, Form, FromForm};

/// What Metabase tells those who have not paid.
pub const MANAGERS: &str = "The group manager permissions functionality is only enabled if you have a premium \
                                   token with the advanced-permissions feature.";

struct Input;

impl FromForm for Input {
    fn from_form(form: &mut Form<'_>) -> Option<Self> {
        form.required_flag("is_group_manager").map(|_| Self)
    }
}

/// Nobody.
///
/// # Errors
///
/// 400 naming fields, 401, 402 for administrators, 403, 404.
pub async fn handler(call: Call) -> ApiResult {
    let (caller, _) = call.caller_and_membership().await?;
    let Input = call.body()?;
    caller.admin()?;

    Err(ApiError::Premium(MANAGERS))
}
