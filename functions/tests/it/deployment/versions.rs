//! Versions of the functions: a change of the configuration publishes one.
//!
//! SAM derives the name of a version from the text of the template, and not from the values of its
//! parameters. A deployment replaces a version with another description. It fails if the
//! configuration of the function is the same as before.

use std::collections::BTreeSet;

use serde_json::{Value, json};
use testkit::template;

/// Properties of a function that are not part of a version.
const UNVERSIONED: [&str; 9] = [
    "AutoPublishAlias",
    "AutoPublishAliasAllProperties",
    "DeploymentPreference",
    "FunctionName",
    "PermissionsBoundary",
    "Policies",
    "ReservedConcurrentExecutions",
    "VersionDeletionPolicy",
    "VersionDescription",
];
/// Properties with a parameter that also changes the code, and thereby the name of the version.
const WITH_CODE: [&str; 1] = ["Architectures"];

/// The parameters, conditions and resources in a value.
fn names(value: &Value) -> BTreeSet<String> {
    let known: BTreeSet<&str> = ["Parameters", "Conditions"]
        .iter()
        .flat_map(|section| template().section(section).as_object().unwrap().keys())
        .map(String::as_str)
        .chain(["Table"])
        .collect();
    let mut names = BTreeSet::new();
    collect(value, &known, &mut names);
    names
}

fn collect(value: &Value, known: &BTreeSet<&str>, names: &mut BTreeSet<String>) {
    match value {
        Value::Array(items) => items.iter().for_each(|item| collect(item, known, names)),
        Value::Object(members) => members.values().for_each(|item| collect(item, known, names)),
        Value::String(text) if known.contains(text.as_str()) => {
            names.insert(text.clone());
        }
        Value::String(text) => {
            let variables = text.split("${").skip(1).filter_map(|rest| rest.split('}').next());
            names.extend(variables.filter(|name| known.contains(name)).map(str::to_owned));
        }
        _ => {}
    }
}

/// The configuration of a function in its version.
fn configuration(function: &Value) -> Value {
    let global = template().section("Globals")["Function"].as_object().unwrap();
    let properties = global.iter().chain(function.as_object().unwrap());
    let is_versioned =
        |name: &str| UNVERSIONED.iter().chain(&WITH_CODE).all(|other| *other != name);
    properties.filter(|(name, _)| is_versioned(name)).map(|(_, value)| value.clone()).collect()
}

#[test]
fn exactly_the_parameters_of_a_configuration_publish_a_version() {
    let mut descriptions = BTreeSet::new();
    for (name, function) in template().functions() {
        let description = &function["VersionDescription"];
        assert_eq!(names(description), names(&configuration(function)), "{name}");
        assert_eq!(function["AutoPublishAliasAllProperties"], json!(true), "{name}");
        descriptions.insert(description.to_string());
    }
    assert_eq!(descriptions.len(), 4, "with an email, with the setup token, in Metabase, others");
}

#[test]
fn a_version_has_the_values_of_the_environment() {
    let variables = &template().section("Globals")["Function"]["Environment"]["Variables"];
    for (name, function) in template().functions() {
        let values = &function["VersionDescription"][1];
        assert_eq!(values["TableName"], variables["TABLE_NAME"], "{name}");
        assert_eq!(values["BaseUrl"], variables["SITE_URL"], "{name}");
    }
}
