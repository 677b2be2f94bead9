//! E3015: a function's role may not receive from the queue that its event source mapping polls.
//!
//! Lambda polls with the function's role and refuses the mapping.
//! Source: Lambda developer guide, using Lambda with SQS, execution role permissions (read 2026-11-23).

use super::found;
use crate::diagnostic::{CONSUMER_MAY_NOT_RECEIVE, Diagnostic};
use crate::world::graph::{Answer, Graph, QueueMapping};

const NEEDED: [&str; 3] = ["sqs:DeleteMessage", "sqs:GetQueueAttributes", "sqs:ReceiveMessage"];

pub(super) fn check(graph: &Graph) -> Vec<Diagnostic> {
    let judge = |QueueMapping { mapping, queue, function }: QueueMapping<'_>| {
        let grants = graph.grants_of(function?)?;
        let missing: Vec<_> =
            NEEDED.into_iter().filter(|action| grants.allow(action, queue) == Answer::No).collect();
        (!missing.is_empty()).then(|| {
            let (actions, queue) = (missing.join(", "), queue.logical_id);
            let message = format!("The function's role does not allow {actions} on `{queue}`.");
            found(&CONSUMER_MAY_NOT_RECEIVE, mapping, message)
                .path("Properties.FunctionName")
                .help("Allow these actions in the role's policy, on the queue's ARN.")
        })
    };
    graph.queue_mappings().into_iter().filter_map(judge).collect()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::super::fixture::{NONE, codes_after};

    fn with(actions: &[&str]) -> Vec<&'static str> {
        let statement =
            json!({"Effect": "Allow", "Action": actions, "Resource": {"Fn::GetAtt": ["Messages", "Arn"]}});
        let policy = json!({"PolicyName": "p", "PolicyDocument": {"Statement": [statement]}});
        codes_after(json!({
            "WriterRole": {"Properties": {"Policies": [policy]}},
            "Writer": {"Properties": {"Environment": null}},
        }))
    }

    #[test]
    fn consumer_must_receive_delete_and_get_attributes() {
        assert_eq!(with(&["sqs:ReceiveMessage", "sqs:DeleteMessage"]), ["E3015"]);
        assert_eq!(with(&["sqs:ReceiveMessage", "sqs:DeleteMessage", "sqs:GetQueueAttributes"]), NONE);
    }

    #[test]
    fn unknown_managed_policy_may_grant_it() {
        let unknown = json!({"WriterRole": {"Properties": {"Policies": [], "ManagedPolicyArns": [{"Fn::ImportValue": "x"}]}}});
        assert_eq!(codes_after(unknown), NONE);
        let lambda = "arn:aws:iam::aws:policy/service-role/AWSLambdaSQSQueueExecutionRole";
        let managed = json!({"WriterRole": {"Properties": {"Policies": [], "ManagedPolicyArns": [lambda]}}, "Writer": {"Properties": {"Environment": null}}});
        assert_eq!(codes_after(managed), NONE);
    }
}
