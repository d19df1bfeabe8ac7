//! Access to `template.yaml` and `rest-api.yaml`.

use std::{fs, path::Path, sync::LazyLock};

use serde_json::Value;

/// A template. `!Ref x`, `!Sub x` and `!GetAtt x` become strings, `!If [..]` becomes a list.
#[derive(Debug)]
pub struct Template(Value);

/// The template of this workspace.
#[must_use]
pub fn template() -> &'static Template {
    static TEMPLATE: LazyLock<Template> = LazyLock::new(|| Template::read("template.yaml"));
    &TEMPLATE
}

/// The nested template of the REST API.
#[must_use]
pub fn rest_api_template() -> &'static Template {
    static TEMPLATE: LazyLock<Template> = LazyLock::new(|| Template::read("rest-api.yaml"));
    &TEMPLATE
}

impl Template {
    fn read(name: &str) -> Self {
        let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("..").join(name);
        let text = fs::read_to_string(file).expect("a template");
        Self(serde_saphyr::from_str(&text).expect("the template is YAML"))
    }

    /// A section such as `Parameters`.
    #[must_use]
    pub fn section(&self, name: &str) -> &Value {
        &self.0[name]
    }

    /// The properties of each function by the name of its binary.
    pub fn functions(&self) -> impl Iterator<Item = (String, &Value)> {
        let resources = self.0["Resources"].as_object().expect("resources").values();
        resources.filter(|resource| resource["Type"] == "AWS::Serverless::Function").map(
            |resource| {
                let properties = &resource["Properties"];
                let code = properties["CodeUri"].as_str().expect("a path");
                let binary = code.trim_end_matches('/').rsplit('/').next().expect("a name");
                (binary.to_owned(), properties)
            },
        )
    }
}
