//! API keys.

use shared::http::{
    ApiError, response,
    view::{ApiKeyCreated, ApiKeyView},
};

use super::DescribeFn;
use crate::{
    errors::invalid,
    examples::Examples,
    fields::LineText,
    operation::Operation,
    requests::{CreateApiKey, UpdateApiKey},
    schemas::Schemas,
};

pub(crate) const TAG: &str = "API keys";

/// What is said of each.
pub(super) const ROUTES: &[(&str, DescribeFn)] = &[
    ("list-api-keys", list),
    ("count-api-keys", count),
    ("create-api-key", create),
    ("update-api-key", update),
    ("regenerate-api-key", regenerate),
    ("delete-api-key", delete),
];

fn operation<'s>(schemas: &'s mut Schemas, summary: &'static str, says: &str) -> Operation<'s> {
    Operation::new(schemas, TAG, summary)
        .paragraph(says)
        .authenticated()
        .error("forbidden", ApiError::Forbidden)
}

fn of_key(operation: Operation<'_>) -> Operation<'_> {
    operation.path_id("The key's number.", 7).error("unknown", ApiError::NotFound)
}

fn view(examples: &Examples) -> ApiKeyView<'_> {
    let Examples { api_key, analysts, ada, .. } = examples;
    ApiKeyView::new(api_key, analysts, ada)
}

fn list(schemas: &mut Schemas) -> Operation<'_> {
    let keys = response::ok(&[view(&schemas.examples)]);
    operation(schemas, "List the API keys", "For administrators. The secrets are not shown.")
        .response::<Vec<ApiKeyView<'_>>>("The keys.", &[("keys", keys)])
}

fn count(schemas: &mut Schemas) -> Operation<'_> {
    operation(schemas, "Count the API keys", "For administrators.")
        .response::<usize>("How many there are.", &[("one", response::ok(&1))])
}

fn create(schemas: &mut Schemas) -> Operation<'_> {
    let body = CreateApiKey { name: LineText("Nightly sync"), group_id: 1 };
    let key = response::ok(&ApiKeyCreated::new(view(&schemas.examples), &schemas.examples.secret));
    let says = "For administrators. The key has the rights of one group, for as long as whoever made it is an administrator. \
        Its secret is in the answer and never again.";
    named(operation(schemas, "Make an API key", says))
        .request_body(&[("key", body)])
        .response::<ApiKeyCreated<'_>>("The key and its secret.", &[("key", key)])
        .idempotent_without_replay()
        .link(&[
            ("update-api-key", "$response.body#/id"),
            ("regenerate-api-key", "$response.body#/id"),
            ("delete-api-key", "$response.body#/id"),
        ])
}

/// Sends a name and a group.
fn named(operation: Operation<'_>) -> Operation<'_> {
    operation
        .errors([invalid("name", "value must be a non-blank string.")])
        .error("name-taken", ApiError::KeyNameTaken)
        .error("no-such-group", ApiError::UnknownReference("group_id"))
        .error("conflict", ApiError::Contention)
}

fn update(schemas: &mut Schemas) -> Operation<'_> {
    let body = UpdateApiKey { name: Some(LineText("Weekly sync")), group_id: None };
    let key = response::ok(&view(&schemas.examples));
    let says = "For administrators. The secret stays.";
    named(of_key(operation(schemas, "Give an API key another name or group", says)))
        .request_body(&[("rename", body)])
        .response::<ApiKeyView<'_>>("The key as it is now.", &[("key", key)])
}

fn regenerate(schemas: &mut Schemas) -> Operation<'_> {
    let key = response::ok(&ApiKeyCreated::new(view(&schemas.examples), &schemas.examples.secret));
    let says = "For administrators. The old secret counts no more, and whoever asks answers for the new one.";
    of_key(operation(schemas, "Put another secret in the place of an API key's", says))
        .response::<ApiKeyCreated<'_>>("The key and its new secret.", &[("key", key)])
        .error("conflict", ApiError::Contention)
}

fn delete(schemas: &mut Schemas) -> Operation<'_> {
    of_key(operation(schemas, "Delete an API key", "For administrators."))
        .no_content("The key counts no more.")
        .error("conflict", ApiError::Contention)
}
