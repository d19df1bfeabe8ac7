//! Who did what to whom.

use shared::{
    domain::{Action, Arrival, Entry, EntryId, Subject, Trail, UserId, Via},
    http::{ApiError, reply, view::TrailView},
};

use super::{Describe, instance::TAG};
use crate::{operation::Operation, refusals::invalid, requests::ListAudit, schemas::Schemas};

/// What is said of each.
pub(super) const ROUTES: &[(&str, Describe)] = &[("list-audit", list)];

fn list(schemas: &mut Schemas) -> Operation<'_> {
    let trail = trail(schemas);
    Operation::new(schemas, TAG, "Tell who did what to whom")
        .says("For administrators. Every change is told in the transaction that makes it, newest first: nothing that was \
            acknowledged is missing, and nothing is told that did not happen. Failed logins are told, too. Fields are named, their \
            values are not.")
        .says("A page can be short, or empty, while there is a `next_cursor`: what is read for one request is bounded.")
        .dialects("Metabase does not have it; both answer alike. metabase takes a `limit` that makes no sense for absent.")
        .query::<ListAudit>()
        .guarded()
        .refuses("forbidden", ApiError::Forbidden)
        .answers::<TrailView<'_>>("The entries.", &[("page", reply::ok(&TrailView::from(&trail)))])
        .refuses_all([invalid("cursor", "value must be a cursor of an earlier answer.")])
}

/// An administrator renames somebody.
fn trail(schemas: &Schemas) -> Trail {
    let (at, jane) = (schemas.examples.now, schemas.examples.jane.id);
    let id = EntryId { at, nonce: "bm90IHJhbmRv".to_owned() };
    let entry = Entry {
        id: id.clone(),
        action: Action::UpdateUser.as_str().to_owned(),
        actor: Some(UserId::INSTALLER),
        via: Via::Session,
        target: Some(Subject::User(jane)),
        arrival: Arrival {
            at,
            source_ip: "192.0.2.1".to_owned(),
            request_id: "JKJaXmPLvHcESHA=".to_owned(),
        },
        fields: vec!["first_name".to_owned(), "last_name".to_owned()],
    };
    Trail { entries: vec![entry], next: Some(id) }
}
