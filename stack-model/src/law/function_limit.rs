//! E3056 and E3057: a function's environment or name is over Lambda's limit.
//!
//! What references come to counts as nothing, so that a finding is certain.
//! Source: Lambda developer guide, quotas: 4 KB of environment variables; Lambda API, CreateFunction, FunctionName: 64
//! characters (read 2026-12-01).

use serde_json::Value as Json;

use super::found;
use crate::diagnostic::{Diagnostic, ENVIRONMENT_OVER_LIMIT, FUNCTION_NAME_TOO_LONG};
use crate::template::TemplateResource;
use crate::world::graph::{Graph, physical_name, value};
use crate::world::intrinsic::to_text;
use crate::world::wildcard::{Sign, signs};

/// All names and values of a function's variables, in bytes.
const ENVIRONMENT: usize = 4_096;
/// In characters.
const NAME: usize = 64;

pub(super) fn check(graph: &Graph) -> Vec<Diagnostic> {
    let functions = graph.of_type("AWS::Lambda::Function");
    functions.flat_map(|function| [environment(function), name(function)]).flatten().collect()
}

fn environment(function: TemplateResource<'_>) -> Option<Diagnostic> {
    let path = "Environment.Variables";
    let Json::Object(variables) = value(function, path)? else { return None };
    let of =
        |(name, json): (&String, &Json)| name.len() + to_text(json).map_or(0, |text| literal(&text).len());
    let bytes: usize = variables.iter().map(of).sum();
    (bytes > ENVIRONMENT).then(|| {
        let message =
            format!("Its variables take {bytes} bytes or more, but Lambda takes {ENVIRONMENT} in all.");
        found(&ENVIRONMENT_OVER_LIMIT, function, message)
            .path(format!("Properties.{path}"))
            .help("Keep large values in Parameter Store, a secret or the package, and pass their names.")
    })
}

fn name(function: TemplateResource<'_>) -> Option<Diagnostic> {
    let name = physical_name(function).filter(|name| !name.contains(':'))?;
    let length = literal(&name).chars().count();
    (length > NAME).then(|| {
        let message = format!("Its name has {length} characters or more, but Lambda takes {NAME}.");
        found(&FUNCTION_NAME_TOO_LONG, function, message)
            .path("Properties.FunctionName")
            .help("Shorten the name, or leave it out: CloudFormation then makes one.")
    })
}

/// A text without its references.
fn literal(text: &str) -> String {
    let chars = signs(text).into_iter().filter_map(|sign| match sign {
        Sign::Char(c) => Some(c),
        Sign::Reference(_) => None,
    });
    chars.collect()
}

#[cfg(test)]
mod tests {
    use serde_json::{Value as Json, json};

    use super::super::fixture::{NONE, codes_after};

    #[test]
    fn variables_take_four_kilobytes_in_all() {
        let with = |bytes: usize| {
            let variables = json!({"TEXT": "x".repeat(bytes - 4), "QUEUE_URL": {"Ref": "Messages"}});
            codes_after(json!({"Extract": {"Properties": {"Environment": {"Variables": variables}}}}))
        };
        assert_eq!(with(4_088), ["E3056"]);
        assert_eq!(with(4_087), NONE);
    }

    #[test]
    fn name_takes_64_characters() {
        let with = |name: Json| codes_after(json!({"Extract": {"Properties": {"FunctionName": name}}}));
        assert_eq!(with(json!("x".repeat(65))), ["E3057"]);
        assert_eq!(with(json!("x".repeat(64))), NONE);
        assert_eq!(with(json!({"Fn::Sub": format!("${{AWS::StackName}}-{}", "x".repeat(60))})), NONE);
    }
}
