//! The routes, permissions and rate limits in `rest-api.yaml`.

use std::{fmt::Write, fs, path::Path};

use crate::{
    Error, GeneratedFile,
    catalog::Catalog,
    integrations::Integrations,
    section,
    template::{logical_id, quoted},
};

const PATH: &str = "rest-api.yaml";

/// The sections with the name of the deployment. Its hash excludes them.
const DEPLOYMENTS: &str = "deployments";
const DEPLOYMENT_OF_STAGE: &str = "deployment of the stage";

/// The integration of API Gateway with a function, before the name of the function.
const INTEGRATION: &str = "arn:${AWS::Partition}:apigateway:${AWS::Region}:lambda:path/2015-03-31/\
    functions/arn:${AWS::Partition}:lambda:${AWS::Region}:${AWS::AccountId}:function:";

/// All requests to the API.
const THIS_API: &str =
    "arn:${AWS::Partition}:execute-api:${AWS::Region}:${AWS::AccountId}:${RestApi}/*";

pub(crate) fn file(workspace: &Path, catalog: &Catalog) -> Result<GeneratedFile, Error> {
    let text = fs::read_to_string(workspace.join(PATH))?;
    let text = section::replace(&text, "paths", &INTEGRATIONS.paths(catalog)?)?;
    let text = section::replace(&text, "rate limits", &rate_limits(catalog)?)?;
    let text = section::replace(&text, "permissions", &permissions(catalog)?)?;
    let text = section::replace(&text, DEPLOYMENTS, "")?;
    let text = section::replace(&text, DEPLOYMENT_OF_STAGE, "")?;
    let hash = hash(&text);
    let text = section::replace(&text, DEPLOYMENTS, &deployments(&hash)?)?;
    let text = section::replace(&text, DEPLOYMENT_OF_STAGE, &deployment_of_stage(&hash))?;
    Ok(GeneratedFile::new(PATH, text))
}

/// A REST API ignores a trailing slash.
const INTEGRATIONS: Integrations = Integrations {
    paths: |route| vec![route.path.to_owned()],
    uri: |route| format!("{INTEGRATION}{}/invocations", function_name(route.function)),
    options: "",
    parameter: |name| {
        let name = name.trim_end_matches('+');
        format!("{{ name: {name}, in: path, required: true, schema: {{ type: string }} }}")
    },
};

/// The name of a function, with its alias.
fn function_name(function: &str) -> String {
    format!("${{ServiceName}}-{function}${{Qualifier}}")
}

/// The method settings of all rate-limited functions.
fn rate_limits(catalog: &Catalog) -> Result<String, Error> {
    let mut lines = String::new();
    let routes = catalog.paths().into_values().flatten();
    let limited = routes.filter(|route| route.lambda.is_rate_limited);
    for (route, method) in limited.flat_map(|route| route.methods().iter().map(move |m| (route, m)))
    {
        let path = quoted(&format!("/{}", route.path.replace('/', "~1")));
        writeln!(lines, "        - ResourcePath: {path}")?;
        writeln!(lines, "          HttpMethod: {method}")?;
        writeln!(lines, "          ThrottlingRateLimit: !Ref HashRateLimit")?;
        writeln!(lines, "          ThrottlingBurstLimit: !Ref HashRateLimit")?;
    }
    Ok(lines)
}

/// The permission of API Gateway to call each function.
fn permissions(catalog: &Catalog) -> Result<String, Error> {
    let mut lines = String::new();
    for function in &catalog.functions {
        let name = function.route.function;
        let condition = function.route.lambda.condition;
        let condition = condition.map(|name| format!("    Condition: {name}\n"));
        write!(
            lines,
            "
  {}Permission:
    Type: AWS::Lambda::Permission
{}    Properties:
      Action: lambda:InvokeFunction
      FunctionName: !Sub {}
      Principal: apigateway.amazonaws.com
      SourceArn: !Sub {THIS_API}
",
            logical_id(name),
            condition.unwrap_or_default(),
            function_name(name)
        )?;
    }
    Ok(lines)
}

/// A deployment with an alias and one without, each with pages and without. A deployment is a
/// snapshot, so another value of these parameters needs another one.
fn deployments(hash: &str) -> Result<String, Error> {
    let mut lines = String::new();
    for (prefix, condition) in [
        ("", "HasNoQualifierButPages"),
        ("Alias", "HasQualifierAndPages"),
        ("Pageless", "HasNoQualifierNorPages"),
        ("PagelessAlias", "HasQualifierButNoPages"),
    ] {
        write!(
            lines,
            "  {prefix}Deployment{hash}:
    Type: AWS::ApiGateway::Deployment
    Condition: {condition}
    Properties: {{ RestApiId: !Ref RestApi }}
"
        )?;
    }
    Ok(lines)
}

fn deployment_of_stage(hash: &str) -> String {
    let select = |prefix: &str| {
        format!(
            "!If [HasQualifier, !Ref {prefix}AliasDeployment{hash}, !Ref {prefix}Deployment{hash}]"
        )
    };
    let (with, without) = (select(""), select("Pageless"));
    format!("      DeploymentId: !If\n        - HasPages\n        - {with}\n        - {without}\n")
}

/// A hash of the template: 64-bit FNV-1a in hexadecimal digits.
fn hash(text: &str) -> String {
    let hash = text.bytes().fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
    });
    format!("{hash:016x}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hashes_as_published() {
        assert_eq!(hash(""), "cbf29ce484222325");
        assert_eq!(hash("foobar"), "85944171f73967e8");
    }
}
