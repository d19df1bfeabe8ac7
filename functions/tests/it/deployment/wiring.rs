//! Routes, binaries and local gateway agree.

use std::{
    collections::BTreeSet,
    fs,
    path::{Path, PathBuf},
    process::Command,
};

use functions::routes::ROUTES;
use serde_json::json;
use testkit::TestApp;

use crate::{
    deployment::MAILING,
    support::{binary, functions, is_file},
};

#[test]
fn every_route_has_a_binary_and_every_binary_a_route() {
    let directory = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/bin");
    let binaries: BTreeSet<String> = fs::read_dir(directory)
        .unwrap()
        .map(|entry| entry.unwrap().path().file_stem().unwrap().to_str().unwrap().to_owned())
        .collect();
    let routes = ROUTES.iter().map(|route| route.function.to_owned()).collect();
    assert_eq!(binaries, routes);
}

/// The file of a handler, and the path of its module in `functions`.
fn handler_of(function: &str) -> (PathBuf, String) {
    let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let name = function.replace('-', "_");
    let folders = fs::read_dir(&source).unwrap().map(|entry| entry.unwrap().path());
    let directory = folders.filter(|directory| directory.join(format!("{name}.rs")).is_file());
    let directory = directory.into_iter().next().unwrap();
    let resource = directory.file_name().unwrap().to_str().unwrap();
    (directory.join(format!("{name}.rs")), format!("{resource}::{name}"))
}

#[test]
fn every_binary_is_the_same_but_for_its_module() {
    let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    for route in functions() {
        let (file, module) = handler_of(route.function);
        let main = fs::read_to_string(source.join(format!("bin/{}.rs", route.function))).unwrap();
        let (_, name) = module.rsplit_once("::").unwrap();
        let expected = format!(
            "//! The Lambda for [`functions::{module}`].\n\n\
             use functions::{module};\n\
             use shared::lambda::{{self, Routes}};\n\n\
             const ROUTES: Routes = &[…];\n\n\
             #[tokio::main(flavor = \"current_thread\")]\n\
             async fn main() -> Result<(), lambda::Error> {{\n    \
             lambda::serve(ROUTES, {name}::handler).await\n}}\n"
        );
        let (before, rest) = main.split_once("&[").unwrap();
        let (routes, after) = rest.split_once("];").unwrap();
        assert_eq!(format!("{before}&[…];{after}"), expected);
        let of_function = ROUTES.iter().filter(|other| other.function == route.function);
        assert_eq!(routes.matches(".pattern()").count(), of_function.count());
        let handler = fs::read_to_string(file).unwrap();
        let (title, _) = handler.split_once(": ").unwrap();
        let name = format!("`{} {}`", route.method, route.path);
        assert!(title.starts_with("//! `") && title.contains(&name), "{module}: {name}");
    }
}

#[test]
fn functions_contain_hashing_password_list_and_mail_only_if_needed() {
    for route in functions() {
        let bytes = fs::read(binary(route.function)).unwrap();
        let text = String::from_utf8_lossy(&bytes);
        let has = |part: &str| text.contains(part);
        let function = route.function;
        let sets =
            ["create-user", "reset-password", "setup", "update-password"].contains(&function);
        let verifies = ["login", "revert-email", "update-user"].contains(&function);
        assert_eq!(has("fill_blocks"), sets || verifies, "{function}");
        assert_eq!(has("/v2/email/outbound-emails"), MAILING.contains(&function), "{function}");
        assert_eq!(has("1qaz2wsx3edc4rfv"), sets || function == "password-check", "{function}");
    }
}

/// Texts of a schema, of a route and of an access.
const DOCUMENTATION: [&str; 3] = [
    "Whether the welcome dialog",
    "Ten failures for an email address",
    "Requires a session or an API key",
];

#[test]
fn only_the_openapi_function_contains_documentation() {
    for route in functions() {
        let bytes = fs::read(binary(route.function)).unwrap();
        let binary = String::from_utf8_lossy(&bytes);
        for text in DOCUMENTATION {
            let expected = route.function == "openapi";
            assert_eq!(binary.contains(text), expected, "{} {text}", route.function);
        }
    }
}

#[test]
fn a_function_without_table_name_exits_with_one_line() {
    for route in functions() {
        let output = Command::new(binary(route.function)).env_clear().output().unwrap();
        assert!(!output.status.success());
        let message = String::from_utf8(output.stderr).unwrap();
        assert_eq!(message, "Error: the environment variable TABLE_NAME is not set\n");
    }
}

#[tokio::test]
async fn the_gateway_serves_every_route_with_and_without_slash() {
    let app = TestApp::new().await;
    for route in ROUTES {
        let path = route.path.replace("{id}", "1").replace("{modal}", "qbnewb");
        let path = path.replace("{session}", "AAAAAAAAAAAAAAAAAAAAAA");
        let path = path.replace("{asset}", "docs.js").replace("{proxy+}", "people");
        if path == "/assets/{file}" {
            continue;
        }
        for path in [format!("{}/", path.trim_end_matches('/')), path] {
            let response = app.request(route.method, &path).send().await;
            let is_cacheable = response.header("cache-control") != Some("no-store");
            assert_eq!(is_cacheable, is_file(route.function), "{} {path}", route.method);
            assert!(response.body.get("message").is_none(), "{} {path}", route.method);
        }
    }
}

#[tokio::test]
async fn the_gateway_serves_no_other_path() {
    let app = TestApp::new().await;
    for (method, path) in [
        ("GET", "//"),
        ("GET", "/assets"),
        ("POST", "/admin/people"),
        ("GET", "/api"),
        ("GET", "/api/users"),
        ("GET", "/api/user/1/2"),
        ("GET", "/api/user/1//"),
        ("GET", "//api/user"),
        ("GET", "/API/user"),
        ("PATCH", "/api/user/1"),
        ("OPTIONS", "/api/user"),
        ("POST", "/api/user/current"),
        ("GET", "/api/user/1/password"),
        ("PUT", "/api/user/1/modal"),
        ("POST", "/api/user/1/sessions"),
        ("GET", "/api/user/1/sessions/1"),
    ] {
        let response = app.request(method, path).session(&app.admin.session).send().await;
        assert_eq!(
            response.status_and_body(),
            (404, json!({ "message": "Not Found" })),
            "{method} {path}"
        );
    }
}
