//! The events in `events/`: a request to each function from each front door.

mod function_url;
mod http_api;
mod load_balancer;
mod rest_api;

use std::{collections::BTreeMap, path::Path};

use functions::routes::Route;
use openapi::Tag;
use serde::{Serialize, Serializer};
use serde_json::Value;

use crate::{Error, GeneratedFile, catalog::Catalog, files};

const CLIENT_IP: &str = "192.0.2.1";
const USER_AGENT: &str = "curl/8.5.0";
const TIME: &str = "01/Jan/2026:00:00:00 +0000";
const TIME_EPOCH: u64 = 1_767_225_600_000;
const TRACE_ID: &str = "Root=1-6955b900-0123456789abcdef01234567";
const REQUEST_ID: &str = "01234567-89ab-cdef-0123-456789abcdef";

/// The event of a front door for a request.
type Event = fn(&Request) -> Result<String, Error>;

/// The directory of each front door.
const DIRECTORIES: [(&str, Event); 4] = [
    ("events", http_api::event),
    ("events/function-url", function_url::event),
    ("events/load-balancer", load_balancer::event),
    ("events/rest-api", rest_api::event),
];

pub(crate) fn files(
    workspace: &Path,
    catalog: &Catalog,
    document: &Value,
) -> Result<Vec<GeneratedFile>, Error> {
    let mut all = Vec::new();
    for (directory, event) in DIRECTORIES {
        let mut files = Vec::new();
        for function in &catalog.functions {
            let path = format!("{directory}/{}.json", function.route.function);
            let request = Request::new(function.route, document);
            files.push(GeneratedFile::new(path, event(&request)? + "\n"));
        }
        all.extend(files::directory(workspace, directory, files)?);
    }
    Ok(all)
}

/// The example request of a route.
struct Request {
    route: Route,
    /// The path with the values of its parameters.
    path: String,
    accept: &'static str,
}

impl Request {
    fn new(route: &Route, document: &Value) -> Self {
        let mut path = route.path.to_owned();
        for (name, value) in route.event.path {
            path = path.replace(&format!("{{{name}}}"), value);
        }
        let accept = if is_page(route, document) { "text/html" } else { "application/json" };
        Self { route: *route, path, accept }
    }

    /// The headers as sent by the client, without the host.
    fn client_headers(&self) -> Vec<(&'static str, &'static str)> {
        let mut headers = vec![("accept", self.accept), ("user-agent", USER_AGENT)];
        if self.route.event.body.is_some() {
            headers.push(("content-type", "application/json"));
        }
        if self.route.access.accepts_session() {
            headers.push(("x-metabase-session", "SESSION"));
        }
        headers
    }

    /// The headers from the client and the front door. All names are in lower case.
    fn headers(&self, others: &[(&'static str, &'static str)]) -> BTreeMap<&str, &str> {
        let forwarded = [
            ("x-forwarded-for", CLIENT_IP),
            ("x-forwarded-port", "443"),
            ("x-forwarded-proto", "https"),
        ];
        let all = self.client_headers().into_iter().chain(forwarded);
        all.chain(others.iter().copied()).collect()
    }

    /// The parameters of the query.
    const fn query(&self) -> Map {
        Map(self.route.event.query)
    }

    /// The query as sent by the client. No example needs an escape sequence.
    fn raw_query(&self) -> String {
        let query = self.route.event.query.iter().map(|(name, value)| format!("{name}={value}"));
        query.collect::<Vec<_>>().join("&")
    }

    /// The parameters of the path.
    const fn path_parameters(&self) -> Map {
        Map(self.route.event.path)
    }
}

/// Whether the route returns a page for browsers.
fn is_page(route: &Route, document: &Value) -> bool {
    if route.tag == Tag::Pages {
        return true;
    }
    let path = route.path.replace('/', "~1");
    let method = route.method.to_ascii_lowercase();
    let page = format!("/paths/{path}/{method}/responses/200/content/text~1html");
    document.pointer(&page).is_some()
}

/// An object with the parameters of a route, in the order of the declaration.
#[derive(Clone, Copy)]
struct Map(&'static [(&'static str, &'static str)]);

impl Map {
    const fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The object, or `None` without parameters.
    const fn non_empty(self) -> Option<Self> {
        if self.is_empty() { None } else { Some(self) }
    }
}

impl Serialize for Map {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map(self.0.iter().copied())
    }
}

/// Writes each value as a list.
fn lists<'a>(
    values: impl IntoIterator<Item = (&'a str, &'a str)>,
) -> BTreeMap<&'a str, [&'a str; 1]> {
    values.into_iter().map(|(name, value)| (name, [value])).collect()
}
