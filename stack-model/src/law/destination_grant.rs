//! E3035: a function's role may not send to its own on-failure destination.
//!
//! Source: Lambda developer guide, adding a destination, permissions for destinations; the refusal reads "The
//! provided execution role does not have permissions to call SendMessage on SQS" (read 2026-11-23).

use super::found;
use crate::diagnostic::{DESTINATION_WITHOUT_GRANT, Diagnostic};
use crate::world::graph::{Answer, Graph, value};

const PLACES: [(&str, &str, &str); 3] = [
    ("AWS::Lambda::EventInvokeConfig", "FunctionName", "DestinationConfig.OnFailure.Destination"),
    ("AWS::Lambda::EventInvokeConfig", "FunctionName", "DestinationConfig.OnSuccess.Destination"),
    ("AWS::Lambda::Function", "", "DeadLetterConfig.TargetArn"),
];

pub(super) fn check(graph: &Graph) -> Vec<Diagnostic> {
    let mut report = Vec::new();
    for (resource_type, function, path) in PLACES {
        for resource in graph.of_type(resource_type) {
            let function =
                if function.is_empty() { Some(resource) } else { graph.function(resource, function) };
            let Some(destination) = value(resource, path).and_then(|json| graph.named(json)) else {
                continue;
            };
            let Some(grants) = function.and_then(|function| graph.grants_of(function)) else { continue };
            let action = match destination.resource_type() {
                "AWS::SQS::Queue" => "sqs:SendMessage",
                "AWS::SNS::Topic" => "sns:Publish",
                "AWS::Lambda::Function" => "lambda:InvokeFunction",
                _ => continue,
            };
            if grants.allow(action, destination) == Answer::No {
                let message =
                    format!("The function's role does not allow {action} on `{}`.", destination.logical_id);
                let found =
                    found(&DESTINATION_WITHOUT_GRANT, resource, message).path(format!("Properties.{path}"));
                report.push(found.help("Allow it in the role's policy, on the destination's ARN."));
            }
        }
    }
    report
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::super::fixture::{NONE, codes_after};

    #[test]
    fn role_must_allow_to_send_to_the_destination() {
        let with = |queue: &str| {
            let arn = json!({"Fn::GetAtt": [queue, "Arn"]});
            codes_after(
                json!({"ExtractAsync": {"Properties": {"DestinationConfig": {"OnFailure": {"Destination": arn}}}}}),
            )
        };
        assert_eq!(with("Dlq"), ["E3035"]);
        assert_eq!(with("Failures"), NONE);
    }
}
