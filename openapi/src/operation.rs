//! One operation of the document.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::Serialize;
use serde_json::{Map, Value, json};
use shared::http::{ApiError, ApiResult, Dialect, Response};

use crate::{
    Access, Examples, Schemas, Tag,
    errors::{self, NamedError},
    parameters::Parameter,
    response::ResponseObject,
};

const JSON: &str = "application/json";

/// Facts about a route, known before its description.
#[derive(Debug, Clone, Copy)]
pub struct Outline {
    /// The summary.
    pub summary: &'static str,
    /// The group of operations.
    pub tag: Tag,
    /// The allowed callers.
    pub access: Access,
    /// An example for each path parameter.
    pub path_parameters: &'static [(&'static str, &'static str)],
}

/// The description of a route under construction.
#[derive(Debug)]
pub struct Operation<'s> {
    pub(crate) schemas: &'s mut Schemas,
    pub(crate) parameters: Vec<Parameter>,
    outline: Outline,
    text: String,
    body: Option<Value>,
    is_omitted: bool,
    responses: Vec<(u16, ResponseObject)>,
    errors: Vec<NamedError>,
}

/// The operation object of the document.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct OperationObject {
    operation_id: String,
    tags: [&'static str; 1],
    summary: &'static str,
    description: String,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    parameters: Vec<Parameter>,
    #[serde(skip_serializing_if = "Option::is_none")]
    request_body: Option<Value>,
    /// The response objects by status.
    pub responses: BTreeMap<String, Value>,
    #[serde(skip_serializing_if = "Option::is_none")]
    security: Option<Value>,
}

impl<'s> Operation<'s> {
    /// An operation with the errors of every route and of its access.
    #[must_use]
    pub fn new(schemas: &'s mut Schemas, outline: Outline) -> Self {
        Self {
            schemas,
            parameters: Vec::new(),
            text: outline.access.sentence().to_owned(),
            body: None,
            is_omitted: false,
            responses: Vec::new(),
            errors: errors::always().into_iter().chain(outline.access.errors()).collect(),
            outline,
        }
    }

    /// The dialect of the document.
    #[must_use]
    pub const fn dialect(&self) -> Dialect {
        self.schemas.dialect()
    }

    /// Omits the operation from the document of the other dialect.
    #[must_use]
    pub fn only_in(mut self, dialect: Dialect) -> Self {
        self.is_omitted = self.dialect() != dialect;
        self
    }

    /// Omits the operation from all documents.
    #[must_use]
    pub const fn omitted(mut self) -> Self {
        self.is_omitted = true;
        self
    }

    /// Whether the document contains the operation.
    #[must_use]
    pub const fn is_described(&self) -> bool {
        !self.is_omitted
    }

    /// Users and other objects for examples.
    #[must_use]
    pub const fn examples(&self) -> &Examples {
        &self.schemas.examples
    }

    /// The example for a path parameter.
    pub(crate) fn path_example(&self, name: &str) -> Option<&'static str> {
        let parameter = self.outline.path_parameters.iter().find(|(known, _)| *known == name);
        parameter.map(|(_, example)| *example)
    }

    /// Continues the first paragraph of the description.
    #[must_use]
    pub fn text(mut self, sentences: &str) -> Self {
        self.text.push(' ');
        self.text.push_str(sentences);
        self
    }

    /// Adds a paragraph to the description.
    #[must_use]
    pub fn paragraph(mut self, paragraph: &str) -> Self {
        self.text.push_str("\n\n");
        self.text.push_str(paragraph);
        self
    }

    /// Adds a paragraph on the differences between the dialects.
    #[must_use]
    pub fn dialects(self, paragraph: &str) -> Self {
        self.paragraph(&format!("**Dialects.** {paragraph}"))
    }

    /// Also allows callers with a pending password change.
    #[must_use]
    pub fn allow_pending_password_change(mut self) -> Self {
        self.errors.retain(|(name, _)| *name != "password-change-required");
        self
    }

    /// Adds a request body of a type, with examples.
    #[must_use]
    pub fn request_body<T: JsonSchema>(mut self, examples: &[(&str, Value)]) -> Self {
        let schema = self.schemas.request::<T>();
        let examples: Map<String, Value> =
            examples.iter().map(|(name, value)| ((*name).to_owned(), example(value))).collect();
        self.body = Some(json!({
            "required": true,
            "content": { JSON: { "schema": schema, "examples": examples } },
        }));
        self.errors.extend(errors::of_body());
        self
    }

    /// Adds a 200 response with JSON of a type, and examples.
    #[must_use]
    pub fn response<T: JsonSchema>(
        self,
        description: &str,
        examples: &[(&str, ApiResult)],
    ) -> Self {
        let response = ResponseObject::new(description).body(JSON, self.schemas.response::<T>());
        let response = examples.iter().fold(response, |response, (name, result)| {
            response.example(JSON, name, example(&body(result)))
        });
        self.with(200, response)
    }

    /// Adds a 204 response.
    #[must_use]
    pub fn no_content(self, description: &str) -> Self {
        self.with(204, ResponseObject::new(description))
    }

    /// Adds the responses of a static file, with its content types and their schemas.
    #[must_use]
    pub fn static_file(self, description: &str, content: &[(&str, Value)]) -> Self {
        self.file(description, content, |response| response)
    }

    /// Adds the responses of a static file that is compressed for clients with `Accept-Encoding`.
    #[must_use]
    pub fn compressed_file(mut self, description: &str, content: &[(&str, Value)]) -> Self {
        let known = "The codings of the client. With `gzip`, the response is compressed.";
        self.parameters.push(Parameter::header("Accept-Encoding", known));
        self.file(description, content, |response| response.header("Vary", "VaryEncoding"))
    }

    fn file(
        mut self,
        description: &str,
        content: &[(&str, Value)],
        vary: fn(ResponseObject) -> ResponseObject,
    ) -> Self {
        let known = "ETags of the versions known to the client.";
        self.parameters.push(Parameter::header("If-None-Match", known));
        let file = |description| {
            vary(ResponseObject::new(description))
                .header("Cache-Control", "PublicCache")
                .header("Content-Security-Policy", "ContentSecurityPolicy")
                .header("ETag", "FileETag")
                .header("Referrer-Policy", "NoReferrer")
                .header("X-Content-Type-Options", "NoSniff")
        };
        let bodies = content.iter().cloned();
        let found =
            bodies.fold(file(description), |response, (kind, schema)| response.body(kind, schema));
        self.with(200, found).with(304, file("The client has the current version."))
    }

    /// Adds the session cookie to the last response.
    #[must_use]
    pub fn sets_cookie(self) -> Self {
        self.last_response(|response| response.header("Set-Cookie", "SessionCookie"))
    }

    /// Adds the cleared session cookie to the last response.
    #[must_use]
    pub fn clears_cookie(self) -> Self {
        self.sets_cookie()
            .last_response(|response| response.header("Clear-Site-Data", "ClearSiteData"))
    }

    /// Adds the cleared session cookie to the last response, for the end of the caller's session.
    #[must_use]
    pub fn may_clear_cookie(self) -> Self {
        self.last_response(|response| {
            response
                .header("Set-Cookie", "ClearedCookie")
                .header("Clear-Site-Data", "ClearSiteData")
        })
    }

    /// Adds links from the last response to operations on the same ID.
    #[must_use]
    pub fn link(self, links: &[(&str, &str)]) -> Self {
        self.last_response(|response| {
            links.iter().fold(response, |response, (operation, id)| response.link(operation, id))
        })
    }

    /// Adds an error, or replaces the one with this name.
    #[must_use]
    pub fn error(mut self, name: &'static str, error: ApiError) -> Self {
        self.errors.retain(|(known, _)| *known != name);
        self.errors.push((name, error));
        self
    }

    /// Adds an error if a condition on the dialect is true.
    #[must_use]
    pub fn error_if(self, condition: bool, name: &'static str, error: ApiError) -> Self {
        if condition { self.error(name, error) } else { self }
    }

    pub(crate) fn with(mut self, status: u16, response: ResponseObject) -> Self {
        self.responses.push((status, response));
        self
    }

    pub(crate) fn last_response(
        mut self,
        change: impl FnOnce(ResponseObject) -> ResponseObject,
    ) -> Self {
        if let Some((status, response)) = self.responses.pop() {
            self.responses.push((status, change(response)));
        }
        self
    }

    /// The operation object. A response to HEAD is the one to GET without its body.
    #[must_use]
    pub fn into_object(self, id: String, is_head: bool) -> OperationObject {
        let is_metabase = self.dialect() == Dialect::Metabase;
        let errors = errors::responses(self.errors, self.schemas);
        let all = self.responses.into_iter().chain(errors);
        let responses = all.map(|(status, response)| {
            let response = if is_head { response.without_body() } else { response };
            let response = if is_metabase {
                response.header("X-Metabase-Version", "MetabaseVersion")
            } else {
                response
            };
            (status.to_string(), json!(response))
        });
        OperationObject {
            operation_id: id,
            tags: [self.outline.tag.name()],
            summary: self.outline.summary,
            description: self.text,
            parameters: self.parameters,
            request_body: self.body,
            responses: responses.collect(),
            security: self.outline.access.security(),
        }
    }
}

fn example(value: &Value) -> Value {
    json!({ "value": value })
}

/// The body of a response as JSON, or null, which is invalid for every schema.
fn body(result: &ApiResult) -> Value {
    let text = result.as_ref().map(|Response { body, .. }| body.as_str()).unwrap_or_default();
    serde_json::from_str(text).unwrap_or_default()
}
