//! Who did what to whom.

use shared::{
    domain::{
        Action, AuditEvent, AuditEventId, AuditPage, AuditTarget, AuthMethod, RequestMeta, UserId,
    },
    http::{ApiError, response, view::AuditPageView},
};

use super::{DescribeFn, instance::TAG};
use crate::{errors::invalid, operation::Operation, requests::ListAudit, schemas::Schemas};

/// What is said of each.
pub(super) const ROUTES: &[(&str, DescribeFn)] = &[("list-audit", list)];

fn list(schemas: &mut Schemas) -> Operation<'_> {
    let trail = trail(schemas);
    Operation::new(schemas, TAG, "Tell who did what to whom")
        .paragraph("For administrators. Every change is told in the transaction that makes it, newest first: nothing that was \
            acknowledged is missing, and nothing is told that did not happen. Failed logins are told, too. Fields are named, their \
            values are not.")
        .paragraph("A page can be short, or empty, while there is a `next_cursor`: what is read for one request is bounded.")
        .dialects("Metabase does not have it; both answer alike. metabase takes a `limit` that makes no sense for absent.")
        .query::<ListAudit>()
        .authenticated()
        .error("forbidden", ApiError::Forbidden)
        .response::<AuditPageView<'_>>("The entries.", &[("page", response::ok(&AuditPageView::from(&trail)))])
        .errors([invalid("cursor", "value must be the next_cursor of an earlier response.")])
}

/// An administrator renames somebody.
fn trail(schemas: &Schemas) -> AuditPage {
    let (at, jane) = (schemas.examples.now, schemas.examples.jane.id);
    let id = AuditEventId { at, nonce: "bm90IHJhbmRv".to_owned() };
    let entry = AuditEvent {
        id: id.clone(),
        action: Action::UpdateUser.as_str().to_owned(),
        actor: Some(UserId::INSTALLER),
        method: AuthMethod::Session,
        target: Some(AuditTarget::User(jane)),
        request: RequestMeta {
            at,
            source_ip: "192.0.2.1".to_owned(),
            request_id: "JKJaXmPLvHcESHA=".to_owned(),
        },
        fields: vec!["first_name".to_owned(), "last_name".to_owned()],
    };
    AuditPage { events: vec![entry], next: Some(id) }
}
