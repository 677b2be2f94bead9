//! W3023: a queue is not encrypted at rest.
//!
//! Source: SQS developer guide, encryption at rest.

use super::found;
use crate::diagnostic::{Diagnostic, QUEUE_NOT_ENCRYPTED};
use crate::template::TemplateResource;
use crate::world::graph::{Answer, Graph, flag, is_set, value};

pub(super) fn check(graph: &Graph) -> Vec<Diagnostic> {
    let is_plain = |queue: &TemplateResource<'_>| {
        let is_off = value(*queue, "SqsManagedSseEnabled").is_some()
            && flag(*queue, "SqsManagedSseEnabled") == Answer::No;
        is_off && is_set(*queue, "KmsMasterKeyId") == Answer::No
    };
    let plain = graph.of_type("AWS::SQS::Queue").filter(is_plain).map(|queue| {
        found(&QUEUE_NOT_ENCRYPTED, queue, "Encryption at rest is turned off.")
            .path("Properties.SqsManagedSseEnabled")
            .help("Leave `SqsManagedSseEnabled` out, or name a key in `KmsMasterKeyId`.")
    });
    plain.collect()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::super::fixture::{NONE, codes_after};

    #[test]
    fn encryption_may_not_be_turned_off() {
        let with = |managed| codes_after(json!({"Inbox": {"Properties": {"SqsManagedSseEnabled": managed}}}));
        assert_eq!(with(json!(false)), ["W3023"]);
        assert_eq!(with(json!(null)), NONE);
        let by_key = json!({"SqsManagedSseEnabled": false, "KmsMasterKeyId": "alias/own"});
        assert_eq!(codes_after(json!({"Inbox": {"Properties": by_key}})), NONE);
    }
}
