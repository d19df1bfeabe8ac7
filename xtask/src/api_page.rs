//! The table of routes in `docs/api.md`.

use openapi::Tag;
use serde_json::Value;

use crate::{
    GeneratedFile,
    catalog::{Catalog, Function},
};

const INTRODUCTION: &str = "\
# API

`cargo xtask generate` writes this page from the routes in `functions/src`. [using.md](using.md)
explains the behavior shared by all routes. [openapi.json](../openapi.json) describes every field
and every error, and `/api/docs` shows it as a page.

Every path also works with a trailing slash. Every GET route also accepts HEAD. Success is the
documented dialect; [dialects.md](dialects.md) lists the differences of the metabase dialect.
";

pub(crate) fn file(catalog: &Catalog, document: &Value) -> GeneratedFile {
    let mut text = INTRODUCTION.to_owned();
    for tag in Tag::ALL {
        let functions = catalog.functions.iter().filter(|function| function.route.tag == tag);
        let rows: String = functions.map(|function| row(function, document)).collect();
        text += &section(tag, &rows);
    }
    GeneratedFile::new("docs/api.md", text)
}

fn section(tag: Tag, rows: &str) -> String {
    let (name, description) = (tag.name(), tag.description());
    let head = "| Route | Function | Callers | Success |\n| --- | --- | --- | --- |\n";
    format!("\n## {name}\n\n{description}\n\n{head}{rows}")
}

fn row(function: &Function, document: &Value) -> String {
    let Function { route, source, .. } = function;
    format!(
        "| {} | [{}](../{source}) | {} | {} |\n",
        routes(function),
        route.function,
        route.access.callers(),
        success(function, document)
    )
}

/// The methods of each path: ``GET, HEAD `/api/docs` ``.
fn routes(function: &Function) -> String {
    let mut paths: Vec<(&str, Vec<&str>)> = Vec::new();
    for route in &function.routes {
        match paths.iter_mut().find(|(path, _)| *path == route.path) {
            Some((_, methods)) => methods.push(route.method),
            None => paths.push((route.path, vec![route.method])),
        }
    }
    let paths = paths.iter().map(|(path, methods)| format!("{} `{path}`", methods.join(", ")));
    paths.collect::<Vec<_>>().join("<br>")
}

/// The successful responses, or the paid feature of Metabase instead of them.
fn success(function: &Function, document: &Value) -> String {
    if function.route.tag == Tag::Pages {
        return "200: The page".to_owned();
    }
    let path = function.route.path.replace('/', "~1");
    let method = function.route.method.to_ascii_lowercase();
    let responses = document.pointer(&format!("/paths/{path}/{method}/responses"));
    let Some(responses) = responses.and_then(Value::as_object) else { return String::new() };
    let with = |first: char| {
        let found = responses.iter().filter(move |(status, _)| status.starts_with(first));
        found.map(|(status, response)| {
            let text = response.get("description").and_then(Value::as_str).unwrap_or_default();
            format!("{status}: {}", text.trim_end_matches('.'))
        })
    };
    let successes: Vec<String> = with('2').collect();
    if successes.is_empty() {
        return with('4').find(|text| text.starts_with("402")).unwrap_or_default();
    }
    successes.join("<br>")
}
