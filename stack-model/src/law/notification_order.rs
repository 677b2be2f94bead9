//! E3016: a bucket may be created before what lets it send its notifications.
//!
//! S3 tries each destination when it takes the notifications and refuses the bucket when it may not send yet.
//! Source: re:Post knowledge centre, "Unable to validate the following destination configurations";
//! AWS::S3::Bucket, NotificationConfiguration (read 2026-11-23).

use super::found;
use super::notification_grant::notification_grants;
use super::overlap::notifications;
use crate::diagnostic::{Diagnostic, NOTIFICATION_BEFORE_PERMISSION};
use crate::world::graph::Graph;

pub(super) fn check(graph: &Graph) -> Vec<Diagnostic> {
    let mut report: Vec<Diagnostic> = Vec::new();
    for notification in notifications(graph) {
        let bucket = notification.bucket.logical_id;
        let Some((_, granting)) = notification_grants(graph, &notification) else { continue };
        let is_ordered = graph.settles_one_before(&granting, bucket);
        if let (false, Some(first)) = (is_ordered, granting.first()) {
            let message =
                format!("The bucket does not wait for `{}`, which lets it notify.", first.logical_id);
            let help = format!(
                "Add `DependsOn: {}` to the bucket, and compute the bucket's ARN there.",
                first.logical_id
            );
            report.push(
                found(&NOTIFICATION_BEFORE_PERMISSION, notification.bucket, message)
                    .path("DependsOn")
                    .help(help),
            );
        }
    }
    report.dedup();
    report
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::super::fixture::{NONE, codes_after};

    #[test]
    fn bucket_must_wait_for_its_permission() {
        let with = |dependency| codes_after(json!({"Uploads": {"DependsOn": dependency}}));
        assert_eq!(with(json!(null)), ["E3016"]);
        assert_eq!(with(json!("UploadsPermission")), NONE);
    }
}
