//! The paths of an OpenAPI document for API Gateway, with the function of each operation.

use std::fmt::Write;

use functions::routes::Route;

use crate::{Error, catalog::Catalog, template::quoted};

/// The differences between the documents of the HTTP API and of the REST API.
pub(crate) struct Integrations {
    /// The paths of a route. An HTTP API tells a trailing slash apart.
    pub(crate) paths: fn(&Route) -> Vec<String>,
    /// The address of a function, for `!Sub`.
    pub(crate) uri: fn(&Route) -> String,
    /// Other members of an integration, each with a comma and a space at its end.
    pub(crate) options: &'static str,
    /// Describes a path parameter. A greedy one has a plus at its end.
    pub(crate) parameter: fn(&str) -> String,
}

impl Integrations {
    /// The paths, indented below `paths:` in a resource.
    pub(crate) fn paths(&self, catalog: &Catalog) -> Result<String, Error> {
        let mut lines = String::new();
        for routes in catalog.paths().into_values() {
            let Some(first) = routes.first() else { continue };
            let condition = routes.iter().find_map(|route| route.lambda.condition);
            let operations = self.operations(&routes)?;
            for path in (self.paths)(first) {
                let path = quoted(&path);
                match condition {
                    None => write!(lines, "          {path}:\n{operations}")?,
                    Some(condition) => write!(
                        lines,
                        "          {path}: !If\n            - {condition}\n{}            \
                         - !Ref AWS::NoValue\n",
                        list_item(&operations)
                    )?,
                }
            }
        }
        Ok(lines)
    }

    /// The methods of a path, one a line.
    fn operations(&self, routes: &[&Route]) -> Result<String, Error> {
        let mut lines = String::new();
        for route in routes {
            let parameters: Vec<_> = path_parameters(route.path).map(self.parameter).collect();
            let parameters = match parameters.as_slice() {
                [] => String::new(),
                some => format!("parameters: [{}], ", some.join(", ")),
            };
            let (uri, options) = ((self.uri)(route), self.options);
            for method in route.methods() {
                writeln!(
                    lines,
                    "            {}: {{ {parameters}responses: {{}}, \
                     x-amazon-apigateway-integration: \
                     {{ type: aws_proxy, httpMethod: POST, {options}uri: !Sub \"{uri}\" }} }}",
                    method.to_ascii_lowercase()
                )?;
            }
        }
        Ok(lines)
    }
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

/// The names of the parameters in a path.
fn path_parameters(path: &str) -> impl Iterator<Item = &str> {
    path.split('/').filter_map(|part| part.strip_prefix('{')?.strip_suffix('}'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_the_parameters_of_a_path() {
        let names: Vec<&str> = path_parameters("/api/user/{id}/modal/{modal}").collect();
        assert_eq!(names, ["id", "modal"]);
        assert_eq!(path_parameters("/api/user").count(), 0);
        assert_eq!(path_parameters("/admin/{proxy+}").collect::<Vec<_>>(), ["proxy+"]);
    }

    #[test]
    fn turns_a_mapping_into_an_item() {
        let mapping = "            get: {}\n            head: {}\n";
        assert_eq!(list_item(mapping), "            - get: {}\n              head: {}\n");
    }
}
