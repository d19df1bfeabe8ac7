//! The routes, permissions and rate limits in `rest-api.yaml`.

use std::{fmt::Write, fs, path::Path};

use functions::routes::Route;

use crate::{
    Error, GeneratedFile,
    catalog::Catalog,
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
    let text = section::replace(&text, "paths", &paths(catalog)?)?;
    let text = section::replace(&text, "rate limits", &rate_limits(catalog)?)?;
    let text = section::replace(&text, "permissions", &permissions(catalog)?)?;
    let text = section::replace(&text, DEPLOYMENTS, "")?;
    let text = section::replace(&text, DEPLOYMENT_OF_STAGE, "")?;
    let hash = hash(&text);
    let text = section::replace(&text, DEPLOYMENTS, &deployments(&hash)?)?;
    let text = section::replace(&text, DEPLOYMENT_OF_STAGE, &deployment_of_stage(&hash))?;
    Ok(GeneratedFile::new(PATH, text))
}

/// The paths of the OpenAPI document, without trailing slashes.
fn paths(catalog: &Catalog) -> Result<String, Error> {
    let mut lines = String::new();
    for (path, routes) in catalog.paths() {
        let mut operations = String::new();
        for route in &routes {
            for method in route.methods() {
                operations += &operation(route, method)?;
            }
        }
        let path = quoted(path);
        match routes.iter().find_map(|route| route.lambda.condition) {
            None => write!(lines, "          {path}:\n{operations}")?,
            Some(condition) => write!(
                lines,
                "          {path}: !If\n            - {condition}\n{}            \
                 - !Ref AWS::NoValue\n",
                list_item(&operations)
            )?,
        }
    }
    Ok(lines)
}

/// The lines of a YAML mapping as the item of a list.
fn list_item(mapping: &str) -> String {
    let lines = mapping.lines().enumerate().map(|(number, line)| {
        let indented = format!("  {line}\n");
        if number == 0 {
            indented.replacen("              ", "            - ", 1)
        } else {
            indented
        }
    });
    lines.collect()
}

/// A method with its function.
fn operation(route: &Route, method: &str) -> Result<String, Error> {
    let mut lines = String::new();
    writeln!(lines, "            {}:", method.to_ascii_lowercase())?;
    let parameters: Vec<String> = path_parameters(route.path)
        .map(|name| {
            format!("{{ name: {name}, in: path, required: true, schema: {{ type: string }} }}")
        })
        .collect();
    if !parameters.is_empty() {
        writeln!(lines, "              parameters: [{}]", parameters.join(", "))?;
    }
    writeln!(lines, "              responses: {{}}")?;
    writeln!(lines, "              x-amazon-apigateway-integration:")?;
    writeln!(lines, "                type: aws_proxy")?;
    writeln!(lines, "                httpMethod: POST")?;
    let function = function_name(route.function);
    writeln!(lines, "                uri: !Sub {INTEGRATION}{function}/invocations")?;
    Ok(lines)
}

/// The names of the parameters in a path.
fn path_parameters(path: &str) -> impl Iterator<Item = &str> {
    let names = path.split('/').filter_map(|part| part.strip_prefix('{')?.strip_suffix('}'));
    names.map(|name| name.trim_end_matches('+'))
}

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

    #[test]
    fn names_the_parameters_of_a_path() {
        let names: Vec<&str> = path_parameters("/api/user/{id}/modal/{modal}").collect();
        assert_eq!(names, ["id", "modal"]);
        assert_eq!(path_parameters("/api/user").count(), 0);
        assert_eq!(path_parameters("/admin/{proxy+}").collect::<Vec<_>>(), ["proxy"]);
    }
}
