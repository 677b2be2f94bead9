//! W3019: a function's log group is not part of the stack.
//!
//! Lambda then makes one that keeps everything for ever and that no stack deletes.
//! Source: Lambda developer guide, configuring log groups.

use std::collections::BTreeSet;

use super::found;
use crate::diagnostic::{Diagnostic, LOG_GROUP_NOT_OWNED};
use crate::template::TemplateResource;
use crate::world::graph::{Answer, Graph, is_set, physical_name};
use crate::world::intrinsic::to_text;

pub(super) fn check(graph: &Graph) -> Vec<Diagnostic> {
    let groups = Groups::of(graph);
    let functions = graph.of_type("AWS::Lambda::Function");
    let alone = functions.filter(|function| is_set(*function, "LoggingConfig.LogGroup") == Answer::No);
    alone.filter(|function| groups.belong_to(*function) == Answer::No).map(unowned).collect()
}

fn unowned(function: TemplateResource<'_>) -> Diagnostic {
    let message =
        "The function's log group is not part of the stack: its logs are kept for ever and outlive it.";
    found(&LOG_GROUP_NOT_OWNED, function, message)
        .path("Properties.LoggingConfig.LogGroup")
        .help("Add an `AWS::Logs::LogGroup` with a retention, and name it in `LoggingConfig.LogGroup`.")
}

/// The log groups of the template.
struct Groups {
    names: BTreeSet<String>,
    /// A name is not known, or CDK's custom resource looks after groups that the template does not list.
    may_be_more: bool,
}

impl Groups {
    fn of(graph: &Graph) -> Self {
        let names = graph.of_type("AWS::Logs::LogGroup").filter_map(|group| group.property("LogGroupName"));
        let (known, unknown): (Vec<_>, Vec<_>) = names.map(to_text).partition(Option::is_some);
        let may_be_more = !unknown.is_empty() || graph.of_type("Custom::LogRetention").next().is_some();
        Self { names: known.into_iter().flatten().collect(), may_be_more }
    }

    /// Whether one of them has the name that Lambda would give the function's.
    fn belong_to(&self, function: TemplateResource<'_>) -> Answer {
        let by_reference = format!("/aws/lambda/${{{}}}", function.logical_id);
        let by_name = physical_name(function).map(|name| format!("/aws/lambda/{name}"));
        if self.names.contains(&by_reference) || by_name.is_some_and(|name| self.names.contains(&name)) {
            return Answer::Yes;
        }
        if self.may_be_more { Answer::Unknown } else { Answer::No }
    }
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
