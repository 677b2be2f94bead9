//! E3039: a dead-letter queue does not allow its source queue.
//!
//! Source: AWS::SQS::Queue, RedriveAllowPolicy (read 2026-11-23).

use super::found;
use crate::diagnostic::{Diagnostic, REDRIVE_NOT_ALLOWED};
use crate::template::TemplateResource;
use crate::world::graph::{Answer, Graph, elements, text};

pub(super) fn check(graph: &Graph) -> Vec<Diagnostic> {
    let refused = graph.of_type("AWS::SQS::Queue").filter_map(|source| {
        let target = graph.target(source, "RedrivePolicy.deadLetterTargetArn", "AWS::SQS::Queue")?;
        (allows(graph, target, source) == Answer::No).then(|| {
            let message = format!("It does not allow its source queue `{}`.", source.logical_id);
            found(&REDRIVE_NOT_ALLOWED, target, message)
                .path("Properties.RedriveAllowPolicy")
                .help("Leave `RedriveAllowPolicy` out, or list the source queue's ARN.")
        })
    });
    refused.collect()
}

fn allows(graph: &Graph, target: TemplateResource<'_>, source: TemplateResource<'_>) -> Answer {
    match text(target, "RedriveAllowPolicy.redrivePermission") {
        Some("denyAll") => Answer::No,
        Some("byQueue") => {
            let listed = elements(target, "RedriveAllowPolicy.sourceQueueArns");
            Answer::any(listed.into_iter().map(|arn| match graph.named(arn) {
                Some(named) => Answer::from(named.logical_id == source.logical_id),
                None => Answer::Unknown,
            }))
        }
        _ => Answer::Unknown,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::super::fixture::{NONE, codes_after};

    #[test]
    fn dead_letter_queue_must_allow_its_source() {
        let with = |permission: &str| {
            codes_after(
                json!({"Dlq": {"Properties": {"RedriveAllowPolicy": {"redrivePermission": permission}}}}),
            )
        };
        assert_eq!(with("denyAll"), ["E3039"]);
        assert_eq!(with("allowAll"), NONE);
    }

    #[test]
    fn queue_that_is_not_listed_is_refused() {
        let with = |queue: &str| {
            let policy =
                json!({"redrivePermission": "byQueue", "sourceQueueArns": [{"Fn::GetAtt": [queue, "Arn"]}]});
            codes_after(json!({"Dlq": {"Properties": {"RedriveAllowPolicy": policy}}}))
        };
        assert_eq!(with("Inbox"), ["E3039"]);
        assert!(!with("Messages").contains(&"E3039"));
    }
}
