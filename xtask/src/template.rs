//! The routes, the functions and the rate limits in `template.yaml`.

use std::{collections::BTreeMap, fmt::Write, fs, path::Path};

use functions::{
    route::{Lambda, Permission, SetupToken},
    routes::Route,
};

use crate::{
    Error, GeneratedFile,
    catalog::{Catalog, Function},
    integrations::Integrations,
    section,
};

const PATH: &str = "template.yaml";

/// All requests to the HTTP API.
const THIS_API: &str =
    "arn:${AWS::Partition}:execute-api:${AWS::Region}:${AWS::AccountId}:${Api}/*";

/// The routes of the HTTP API. SAM gives this name to the alias `live` of a function.
const INTEGRATIONS: Integrations = Integrations {
    paths: Route::paths,
    uri: |route| {
        let name = logical_id(route.function);
        format!(
            "arn:${{AWS::Partition}}:apigateway:${{AWS::Region}}:lambda:path/2015-03-31/functions/\
             ${{{name}Aliaslive}}/invocations"
        )
    },
    options: "payloadFormatVersion: \"2.0\", ",
    // As in an exported HTTP API, a greedy parameter keeps its plus.
    parameter: |name| format!("{{ name: {name}, in: path, required: true }}"),
};

/// The partition of the read by every function, see [`Permission`].
const INSTANCE: &str = "INSTANCE";

const RESERVED_CONCURRENCY: &str = "      ReservedConcurrentExecutions: \
    !If [HasReserve, !Ref ReservedConcurrency, !Ref AWS::NoValue]\n";
const MAIL: &str = "          MAIL_FROM: !Ref MailFrom
          SECURITY_EMAILS: !Ref SecurityEmails
";
const SETUP_TOKEN: &str = "          \
    SETUP_TOKEN: !Sub \"{{resolve:secretsmanager:${SetupTokenSecret}}}\"\n";
const SETUP_TOKEN_IN_METABASE: &str = "          SETUP_TOKEN: !If
            - IsMetabase
            - !Sub \"{{resolve:secretsmanager:${SetupTokenSecret}}}\"
            - !Ref AWS::NoValue
";
const VERSION_VARIABLES: &str = "        \
    - TableName: !If [OwnsTable, !Ref Table, !Ref ExistingTable]
          BaseUrl: !If [HasSiteUrl, !Ref SiteUrl, \
    !If [HasDomain, !Sub \"https://${DomainName}\", \"\"]]
          Proxy: !If [HasProxy, !Ref ProxySecret, \"\"]
";
const SECRET_IN_METABASE: &str = "          \
    Secret: !If [IsMetabase, !Ref SetupTokenSecret, \"\"]\n";
const SEND_EMAIL: &str = "            - !If
              - HasMail
              - Effect: Allow
                Action: ses:SendEmail
                Resource: !Ref MailIdentityArn
                Condition: { StringEquals: { ses:FromAddress: !Ref MailFrom } }
              - !Ref AWS::NoValue
";

pub(crate) fn file(workspace: &Path, catalog: &Catalog) -> Result<GeneratedFile, Error> {
    let text = fs::read_to_string(workspace.join(PATH))?;
    let text = section::replace(&text, "paths", &INTEGRATIONS.paths(catalog)?)?;
    let text = section::replace(&text, "rate limits", &rate_limits(catalog)?)?;
    let mut functions = String::new();
    for function in &catalog.functions {
        functions += &resource(function)?;
    }
    Ok(GeneratedFile::new(PATH, section::replace(&text, "functions", &functions)?))
}

/// The route settings of all rate-limited functions.
fn rate_limits(catalog: &Catalog) -> Result<String, Error> {
    let mut lines = String::new();
    let routes = catalog.paths().into_values().flatten();
    for route in routes.filter(|route| route.lambda.is_rate_limited) {
        let keys = route.methods().iter().flat_map(|method| {
            route.paths().into_iter().map(move |path| format!("{method} {path}"))
        });
        for key in keys {
            writeln!(lines, "        {key}:")?;
            writeln!(lines, "          ThrottlingRateLimit: !Ref HashRateLimit")?;
            writeln!(lines, "          ThrottlingBurstLimit: !Ref HashRateLimit")?;
        }
    }
    Ok(lines)
}

/// The resource of a function.
fn resource(function: &Function) -> Result<String, Error> {
    let Route { function: name, summary, lambda, .. } = function.route;
    let condition = lambda.condition.map(|name| format!("    Condition: {name}\n"));
    let condition = condition.unwrap_or_default();
    let mut lines = format!(
        "
  {}:
    Type: AWS::Serverless::Function
{condition}    Metadata: {{ SkipBuild: true }}
    Properties:
      FunctionName: !Sub ${{AWS::StackName}}-{name}
      Description: {summary}.
      CodeUri: target/lambda/{name}/
",
        logical_id(name)
    );
    if lambda.memory != Lambda::READ.memory {
        writeln!(lines, "      MemorySize: {}", lambda.memory)?;
    }
    if lambda.is_rate_limited {
        lines += RESERVED_CONCURRENCY;
    }
    lines += &environment(*lambda);
    lines += &version_description(*lambda);
    lines += "      Policies:\n        - Version: \"2012-10-17\"\n          Statement:\n";
    lines += &statements(&function.route.all_permissions(), lambda.setup_token);
    if lambda.sends_email {
        lines += SEND_EMAIL;
    }
    lines += &permission(name, &condition);
    Ok(lines)
}

/// The permission of the HTTP API to call a function, with any of its routes.
fn permission(function: &str, condition: &str) -> String {
    let name = logical_id(function);
    format!(
        "
  {name}Permission:
    Type: AWS::Lambda::Permission
{condition}    Properties:
      Action: lambda:InvokeFunction
      FunctionName: !Ref {name}Aliaslive
      Principal: apigateway.amazonaws.com
      SourceArn: !Sub {THIS_API}
"
    )
}

fn environment(lambda: Lambda) -> String {
    let mail = if lambda.has_sender { MAIL } else { "" };
    let token = match lambda.setup_token {
        SetupToken::Never => "",
        SetupToken::InMetabase => SETUP_TOKEN_IN_METABASE,
        SetupToken::Always => SETUP_TOKEN,
    };
    if mail.is_empty() && token.is_empty() {
        return String::new();
    }
    format!("      Environment:\n        Variables:\n{mail}{token}")
}

/// The values of all parameters in the configuration of the function.
///
/// A version is a snapshot of the configuration. A deployment publishes another one if this text
/// changes, and fails if the configuration does not change with it. The expressions are therefore
/// those of the configuration.
fn version_description(lambda: Lambda) -> String {
    let mut values = "${TableName} ${BaseUrl} ${ApiDialect} ${SessionTtlMinutes} \
        ${SessionIdleMinutes} ${MaxSessionsPerUser} ${CredentialsNotBefore} ${AuditRetentionDays} \
        ${PasswordComplexity} ${ListShards} ${IdBlockSize} ${ClientIpHeader} ${Proxy} ${XRay}"
        .to_owned();
    let mut variables = VERSION_VARIABLES.to_owned();
    if lambda.has_sender {
        values += " ${MailFrom} ${SecurityEmails}";
    }
    match lambda.setup_token {
        SetupToken::Never => {}
        SetupToken::InMetabase => {
            values += " ${Secret}";
            variables += SECRET_IN_METABASE;
        }
        SetupToken::Always => values += " ${SetupTokenSecret}",
    }
    format!(
        "      AutoPublishAliasAllProperties: true\n      VersionDescription: !Sub\n        \
        - {values}\n{variables}"
    )
}

/// The statements for the table, one for each action.
///
/// The function `setup` keeps only its reads and its counters when `AllowSetup` is false.
fn statements(permissions: &[Permission], setup_token: SetupToken) -> String {
    let mut by_action: BTreeMap<_, Vec<&str>> = BTreeMap::new();
    by_action.insert(("BatchGetItem", TABLE), vec![INSTANCE]);
    for permission in permissions {
        let (action, resource, keys) = parts(*permission);
        by_action.entry((action, resource)).or_default().extend(keys);
    }
    let mut lines = String::new();
    for ((action, resource), mut keys) in by_action {
        keys.sort_unstable();
        keys.dedup();
        let is_kept = action == "BatchGetItem" || keys == ["THROTTLE#*"];
        let keys = keys.into_iter().map(quoted).collect::<Vec<_>>().join(", ");
        let statement = format!(
            "- Effect: Allow
  Action: dynamodb:{action}
  Resource: {resource}
  Condition: {{ \"ForAllValues:StringLike\": {{ dynamodb:LeadingKeys: [{keys}] }} }}
"
        );
        if is_kept || setup_token != SetupToken::Always {
            lines += &indented(&statement, 12);
        } else {
            lines += "            - !If\n              - AllowsSetup\n";
            lines += &indented(&statement, 14);
            lines += "              - !Ref AWS::NoValue\n";
        }
    }
    lines
}

/// A text with spaces before each line.
fn indented(text: &str, width: usize) -> String {
    let spaces = " ".repeat(width);
    text.lines().flat_map(|line| [&spaces, line, "\n"]).collect()
}

const TABLE: &str = "!If [OwnsTable, !GetAtt Table.Arn, !Sub \"arn:${AWS::Partition}:dynamodb:\
    ${AWS::Region}:${AWS::AccountId}:table/${ExistingTable}\"]";
const INDEX: &str = "!If [OwnsTable, !Sub \"${Table.Arn}/index/users-by-name\", \
    !Sub \"arn:${AWS::Partition}:dynamodb:${AWS::Region}:${AWS::AccountId}:\
    table/${ExistingTable}/index/users-by-name\"]";

/// The action, the resource and the keys of a permission.
const fn parts(permission: Permission) -> (&'static str, &'static str, &'static [&'static str]) {
    match permission {
        Permission::BatchGetItem(keys) => ("BatchGetItem", TABLE, keys),
        Permission::ConditionCheckItem(keys) => ("ConditionCheckItem", TABLE, keys),
        Permission::DeleteItem(keys) => ("DeleteItem", TABLE, keys),
        Permission::PutItem(keys) => ("PutItem", TABLE, keys),
        Permission::Query(keys) => ("Query", TABLE, keys),
        Permission::QueryIndex(keys) => ("Query", INDEX, keys),
        Permission::UpdateItem(keys) => ("UpdateItem", TABLE, keys),
    }
}

/// The logical ID of a function. A changed ID would replace the function.
pub(crate) fn logical_id(function: &str) -> String {
    match function {
        "openapi" => "OpenApi".to_owned(),
        // `Pages` is a parameter.
        "pages" => "PagesFunction".to_owned(),
        name => pascal_case(name),
    }
}

fn pascal_case(name: &str) -> String {
    let words = name.trim_matches(['{', '}']).split(['-', '_']);
    let capitalized = words.map(|word| {
        let (first, rest) = word.split_at_checked(1).unwrap_or((word, ""));
        first.to_ascii_uppercase() + rest
    });
    capitalized.collect()
}

/// A YAML string, quoted if necessary.
pub(crate) fn quoted(text: &str) -> String {
    let is_plain = text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"/-_.".contains(&byte));
    if is_plain { text.to_owned() } else { format!("\"{text}\"") }
}
