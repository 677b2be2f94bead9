//! W3019: a function's log group is not part of the stack.
//!
//! Lambda then makes one that keeps everything for ever and that no stack deletes.
//! Source: Lambda developer guide, configuring log groups.

use super::found;
use crate::diagnostic::{Diagnostic, LOG_GROUP_NOT_OWNED};
use crate::template::TemplateResource;
use crate::world::graph::{Answer, Graph, is_set, physical_name};
use crate::world::intrinsic::to_text;

pub(super) fn check(graph: &Graph) -> Vec<Diagnostic> {
    let functions = graph.of_type("AWS::Lambda::Function");
    let alone = functions.filter(|function| is_set(*function, "LoggingConfig.LogGroup") == Answer::No);
    alone.filter(|function| owns_group(graph, *function) == Answer::No).map(unowned).collect()
}

fn unowned(function: TemplateResource<'_>) -> Diagnostic {
    let message =
        "The function's log group is not part of the stack: its logs are kept for ever and outlive it.";
    found(&LOG_GROUP_NOT_OWNED, function, message)
        .path("Properties.LoggingConfig.LogGroup")
        .help("Add an `AWS::Logs::LogGroup` with a retention, and name it in `LoggingConfig.LogGroup`.")
}

/// Whether a log group of the template has the name that Lambda would give, or CDK's custom resource looks after it.
fn owns_group(graph: &Graph, function: TemplateResource<'_>) -> Answer {
    let by_reference = format!("/aws/lambda/${{{}}}", function.logical_id);
    let by_name = physical_name(function).map(|name| format!("/aws/lambda/{name}"));
    let by_custom_resource = graph.of_type("Custom::LogRetention").map(|_| Answer::Unknown);
    let groups = graph.of_type("AWS::Logs::LogGroup").map(|group| {
        let Some(name) = group.property("LogGroupName") else { return Answer::No };
        match to_text(name) {
            Some(text) => Answer::from(text == by_reference || Some(text) == by_name),
            None => Answer::Unknown,
        }
    });
    Answer::any(groups.chain(by_custom_resource))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::super::fixture::{NONE, codes_after};

    const LAMBDA: &str = "arn:aws:iam::aws:policy/service-role/AWSLambdaSQSQueueExecutionRole";

    #[test]
    fn log_group_must_be_named_by_the_function_or_named_after_it() {
        let with = |name: &str| {
            codes_after(json!({
                "Writer": {"Properties": {"LoggingConfig": null, "Environment": null}},
            "WriterRole": {"Properties": {"Policies": [], "ManagedPolicyArns": [LAMBDA]}},
                "WriterLogs": {"Properties": {"LogGroupName": {"Fn::Sub": name}}},
            }))
        };
        assert_eq!(with("/aws/lambda/writer"), ["W3019"]);
        assert_eq!(with("/aws/lambda/${Writer}"), NONE);
    }
}
