//! API keys.

use shared::http::{
    ApiError, reply,
    view::{ApiKeyView, NewApiKey},
};

use super::Describe;
use crate::{
    examples::Examples,
    fields::LineText,
    operation::Operation,
    refusals::invalid,
    requests::{CreateApiKey, UpdateApiKey},
    schemas::Schemas,
};

pub(crate) const TAG: &str = "API keys";

/// What is said of each.
pub(super) const ROUTES: &[(&str, Describe)] = &[
    ("list-api-keys", list),
    ("count-api-keys", count),
    ("create-api-key", create),
    ("update-api-key", update),
    ("regenerate-api-key", regenerate),
    ("delete-api-key", delete),
];

fn operation<'s>(schemas: &'s mut Schemas, summary: &'static str, says: &str) -> Operation<'s> {
    Operation::new(schemas, TAG, summary)
        .says(says)
        .guarded()
        .refuses("forbidden", ApiError::Forbidden)
}

fn of_key(operation: Operation<'_>) -> Operation<'_> {
    operation.path_id("The key's number.", 7).refuses("unknown", ApiError::NotFound)
}

fn view(examples: &Examples) -> ApiKeyView<'_> {
    let Examples { api_key, analysts, ada, .. } = examples;
    ApiKeyView::new(api_key, analysts, ada)
}

fn list(schemas: &mut Schemas) -> Operation<'_> {
    let keys = reply::ok(&[view(&schemas.examples)]);
    operation(schemas, "List the API keys", "For administrators. The secrets are not shown.")
        .answers::<Vec<ApiKeyView<'_>>>("The keys.", &[("keys", keys)])
}

fn count(schemas: &mut Schemas) -> Operation<'_> {
    operation(schemas, "Count the API keys", "For administrators.")
        .answers::<usize>("How many there are.", &[("one", reply::ok(&1))])
}

fn create(schemas: &mut Schemas) -> Operation<'_> {
    let body = CreateApiKey { name: LineText("Nightly sync"), group_id: 1 };
    let key = reply::ok(&NewApiKey::new(view(&schemas.examples), &schemas.examples.secret));
    let says = "For administrators. The key has the rights of one group, for as long as whoever made it is an administrator. \
        Its secret is in the answer and never again.";
    named(operation(schemas, "Make an API key", says))
        .takes(&[("key", body)])
        .answers::<NewApiKey<'_>>("The key and its secret.", &[("key", key)])
        .once_and_never_again()
        .leads_to(&[
            ("update-api-key", "$response.body#/id"),
            ("regenerate-api-key", "$response.body#/id"),
            ("delete-api-key", "$response.body#/id"),
        ])
}

/// Sends a name and a group.
fn named(operation: Operation<'_>) -> Operation<'_> {
    operation
        .refuses_all([invalid("name", "value must be a non-blank string.")])
        .refuses("name-taken", ApiError::KeyNameTaken)
        .refuses("no-such-group", ApiError::NoSuch("group_id"))
        .refuses("conflict", ApiError::Conflict)
}

fn update(schemas: &mut Schemas) -> Operation<'_> {
    let body = UpdateApiKey { name: Some(LineText("Weekly sync")), group_id: None };
    let key = reply::ok(&view(&schemas.examples));
    let says = "For administrators. The secret stays.";
    named(of_key(operation(schemas, "Give an API key another name or group", says)))
        .takes(&[("rename", body)])
        .answers::<ApiKeyView<'_>>("The key as it is now.", &[("key", key)])
}

fn regenerate(schemas: &mut Schemas) -> Operation<'_> {
    let key = reply::ok(&NewApiKey::new(view(&schemas.examples), &schemas.examples.secret));
    let says = "For administrators. The old secret counts no more, and whoever asks answers for the new one.";
    of_key(operation(schemas, "Put another secret in the place of an API key's", says))
        .answers::<NewApiKey<'_>>("The key and its new secret.", &[("key", key)])
        .refuses("conflict", ApiError::Conflict)
}

fn delete(schemas: &mut Schemas) -> Operation<'_> {
    of_key(operation(schemas, "Delete an API key", "For administrators."))
        .answers_nothing("The key counts no more.")
        .refuses("conflict", ApiError::Conflict)
}
