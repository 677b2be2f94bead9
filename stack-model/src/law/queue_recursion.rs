//! W3047: a function sends to the queue that invokes it.
//!
//! With `RecursiveLoop: Allow` it is meant, and Lambda lets it run.
//! Lambda ends such a loop after about 16 rounds, and the message goes to the dead-letter queue or is lost.
//! Source: Lambda developer guide, recursive loop detection; boto3#3899, the loop ends with its 16th round (read
//! 2026-11-23).

use super::found;
use crate::diagnostic::{Diagnostic, QUEUE_RECURSION};
use crate::world::graph::{Answer, Graph, value};

pub(super) fn check(graph: &Graph) -> Vec<Diagnostic> {
    let looping = graph.queue_mappings().into_iter().filter_map(|it| {
        let function = it
            .function
            .filter(|it| value(*it, "RecursiveLoop").is_none_or(|setting| setting == "Terminate"))?;
        let grants = graph.grants_of(function)?;
        (grants.allow("sqs:SendMessage", it.queue) == Answer::Yes).then(|| {
            let message = format!("The function may send to `{}`, which invokes it.", it.queue.logical_id);
            found(&QUEUE_RECURSION, function, message)
                .help("Return the failed IDs to have messages again, or send to another queue.")
        })
    });
    looping.collect()
}

#[cfg(test)]
mod tests {
    use serde_json::{Value as Json, json};

    use super::super::fixture::{NONE, codes_after};

    #[test]
    fn consumer_may_not_send_to_its_own_queue() {
        let with = |queue: &str, setting: Json| {
            let statement = json!({"Effect": "Allow", "Action": "sqs:SendMessage", "Resource": {"Fn::GetAtt": [queue, "Arn"]}});
            let policy = json!({"PolicyName": "p", "RoleName": {"Ref": "WriterRole"}, "PolicyDocument": {"Statement": [statement]}});
            let writer = json!({"Properties": {"RecursiveLoop": setting}});
            codes_after(
                json!({"Own": {"Type": "AWS::IAM::RolePolicy", "Properties": policy}, "Writer": writer}),
            )
        };
        assert_eq!(with("Messages", json!(null)), ["W3047"]);
        assert_eq!(with("Messages", json!("Terminate")), ["W3047"]);
        assert_eq!(with("Messages", json!("Allow")), NONE);
        assert_eq!(with("Inbox", json!(null)), NONE);
    }
}
