//! `PUT /api/permissions/membership/{id}`: would make somebody the manager of a group, which Metabase sells.

use shared::http::{ApiError, ApiResult, Call, Fields, FromFields, PathMembership};

/// What Metabase tells those who have not paid.
pub const GROUP_MANAGERS_ARE_PREMIUM: &str = "The group manager permissions functionality is only enabled if you have a premium \
                                   token with the advanced-permissions feature.";

struct Input;

impl FromFields for Input {
    fn from_fields(form: &mut Fields<'_>) -> Option<Self> {
        form.required_bool("is_group_manager").map(|_| Self)
    }
}

/// Nobody.
///
/// # Errors
///
/// 400 naming fields, 401, 402 for administrators, 403, 404.
pub async fn handler(call: Call) -> ApiResult {
    let (caller, _) = call.authenticate_active(PathMembership).await?;
    let Input = call.body()?;
    caller.admin()?;

    Err(ApiError::PremiumFeature(GROUP_MANAGERS_ARE_PREMIUM))
}
