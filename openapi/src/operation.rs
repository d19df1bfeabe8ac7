//! One operation, said in words of this service.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::Serialize;
use serde_json::{Map, Value, json};
use shared::http::{ApiError, ApiResult, Response};

use crate::{
    errors::{self, NamedError},
    response::ResponseObject,
    schemas::Schemas,
};

const JSON: &str = "application/json";

/// What is said of one route.
pub(crate) struct Operation<'s> {
    pub(crate) schemas: &'s mut Schemas,
    tag: &'static str,
    summary: &'static str,
    text: String,
    security: Option<Value>,
    pub(crate) parameters: Vec<Value>,
    body: Option<Value>,
    answers: Vec<(u16, ResponseObject)>,
    refusals: Vec<NamedError>,
}

/// The operation object of the document.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct OperationObject {
    operation_id: String,
    tags: [&'static str; 1],
    summary: &'static str,
    description: String,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    parameters: Vec<Value>,
    #[serde(skip_serializing_if = "Option::is_none")]
    request_body: Option<Value>,
    pub(crate) responses: BTreeMap<String, Value>,
    #[serde(skip_serializing_if = "Option::is_none")]
    security: Option<Value>,
}

impl<'s> Operation<'s> {
    pub(crate) fn new(schemas: &'s mut Schemas, tag: &'static str, summary: &'static str) -> Self {
        Self {
            schemas,
            tag,
            summary,
            text: String::new(),
            security: None,
            parameters: Vec::new(),
            body: None,
            answers: Vec::new(),
            refusals: errors::always(),
        }
    }

    /// A paragraph of the description.
    pub(crate) fn paragraph(mut self, paragraph: &str) -> Self {
        if !self.text.is_empty() {
            self.text.push_str("\n\n");
        }
        self.text.push_str(paragraph);
        self
    }

    /// Where the dialects differ.
    pub(crate) fn dialects(self, paragraph: &str) -> Self {
        self.paragraph(&format!("**Dialects.** {paragraph}"))
    }

    /// Needs a session, or the key of a program.
    pub(crate) fn authenticated(mut self) -> Self {
        self.security = Some(json!([{ "session": [] }, { "cookie": [] }, { "apiKey": [] }]));
        self.error("unauthenticated", ApiError::Unauthenticated)
            .error("password-change-required", ApiError::PasswordChangeRequired)
    }

    /// Serves also those who must change their password first.
    pub(crate) fn allow_pending_password_change(mut self) -> Self {
        self.refusals.retain(|(name, _)| *name != "password-change-required");
        self
    }

    /// Needs a session and changes something, which a page of another site may not.
    pub(crate) fn authenticated_write(self) -> Self {
        self.authenticated().error("forbidden", ApiError::Forbidden)
    }

    /// May come with a session, and says 404 and not 401 when it does not.
    pub(crate) fn optional_session(mut self) -> Self {
        self.security = Some(json!([{ "session": [] }, { "cookie": [] }, {}]));
        self.error("forbidden", ApiError::Forbidden).error("no-session", ApiError::NotFound)
    }

    /// Has a body, such as the examples.
    pub(crate) fn request_body<T: JsonSchema + Serialize>(
        mut self,
        examples: &[(&str, T)],
    ) -> Self {
        let schema = self.schemas.request::<T>();
        let examples: Map<String, Value> =
            examples.iter().map(|(name, value)| ((*name).to_owned(), example(value))).collect();
        self.body = Some(json!({
            "required": true,
            "content": { JSON: { "schema": schema, "examples": examples } },
        }));
        self.errors(errors::of_body())
    }

    /// Is answered with 200 and JSON of a type, such as the examples.
    pub(crate) fn response<T: JsonSchema>(
        self,
        what: &str,
        examples: &[(&str, ApiResult)],
    ) -> Self {
        let response = ResponseObject::new(what).body(JSON, self.schemas.answer::<T>());
        let response = examples.iter().fold(response, |response, (name, told)| {
            response.example(JSON, name, example(&body(told)))
        });
        self.with(200, response)
    }

    /// Is answered with nothing.
    pub(crate) fn no_content(self, what: &str) -> Self {
        self.with(204, ResponseObject::new(what))
    }

    /// Is answered with one of the files that come with the program.
    pub(crate) fn static_file(mut self, what: &str, kinds: &[(&str, Value)]) -> Self {
        self.parameters.push(json!({
            "name": "If-None-Match", "in": "header", "required": false,
            "description": "The tags of what is known already.",
            "schema": { "type": "string" },
        }));
        let file = |what| {
            ResponseObject::new(what)
                .header("Cache-Control", "Kept")
                .header("Content-Security-Policy", "Policy")
                .header("ETag", "Tag")
                .header("Referrer-Policy", "NoReferrer")
                .header("X-Content-Type-Options", "NoSniff")
        };
        let bodies = kinds.iter().cloned();
        let sent = bodies.fold(file(what), |response, (kind, schema)| response.body(kind, schema));
        self.with(200, sent).with(304, file("It is known already."))
    }

    /// Sets the session's cookie with the answer that was described last.
    pub(crate) fn sets_cookie(self) -> Self {
        self.last_response(|response| response.header("Set-Cookie", "SessionCookie"))
    }

    /// Clears the session's cookie with the answer that was described last, if the session has ended.
    pub(crate) fn may_clear_cookie(self) -> Self {
        self.last_response(|response| response.header("Set-Cookie", "ClearedCookie"))
    }

    /// What a client can do next with the answer that was described last.
    pub(crate) fn link(self, links: &[(&str, &str)]) -> Self {
        self.last_response(|response| {
            links.iter().fold(response, |response, (operation, id)| response.link(operation, id))
        })
    }

    /// May be refused.
    pub(crate) fn error(mut self, name: &'static str, error: ApiError) -> Self {
        self.refusals.retain(|(known, _)| *known != name);
        self.refusals.push((name, error));
        self
    }

    /// May be refused in one of the dialects.
    pub(crate) fn error_if(self, so: bool, name: &'static str, error: ApiError) -> Self {
        if so { self.error(name, error) } else { self }
    }

    /// May be refused.
    pub(crate) fn errors(mut self, refusals: impl IntoIterator<Item = NamedError>) -> Self {
        self.refusals.extend(refusals);
        self
    }

    pub(crate) fn with(mut self, status: u16, response: ResponseObject) -> Self {
        self.answers.push((status, response));
        self
    }

    pub(crate) fn last_response(
        mut self,
        change: impl FnOnce(ResponseObject) -> ResponseObject,
    ) -> Self {
        if let Some((status, response)) = self.answers.pop() {
            self.answers.push((status, change(response)));
        }
        self
    }

    /// The operation object; an answer to HEAD is that to GET without its body.
    pub(crate) fn described(self, id: String, is_head: bool) -> OperationObject {
        let refused = errors::responses(self.refusals, self.schemas);
        let all = self.answers.into_iter().chain(refused);
        let responses = all.map(|(status, response)| {
            let response = if is_head { response.without_body() } else { response };
            (status.to_string(), json!(response))
        });
        OperationObject {
            operation_id: id,
            tags: [self.tag],
            summary: self.summary,
            description: self.text,
            parameters: self.parameters,
            request_body: self.body,
            responses: responses.collect(),
            security: self.security,
        }
    }
}

fn example(value: &impl Serialize) -> Value {
    json!({ "value": value })
}

/// The body of an answer; null, which no schema admits, if it is none.
fn body(told: &ApiResult) -> Value {
    let text = told.as_ref().map(|Response { body, .. }| body.as_str()).unwrap_or_default();
    serde_json::from_str(text).unwrap_or_default()
}
