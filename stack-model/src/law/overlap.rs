//! E3012: two notifications of a bucket overlap.
//!
//! Source: S3 refuses with "Cannot have overlapping prefixes or suffixes in two rules for the same event type"
//! (read 2026-11-23); S3 user guide, event notifications using object key name filtering.

use serde_json::Value as Json;

use super::found;
use crate::diagnostic::{Diagnostic, OVERLAPPING_NOTIFICATIONS};
use crate::template::TemplateResource;
use crate::world::graph::{Graph, elements, is_unresolved};
use crate::world::wildcard::matches;

/// The lists of notifications and the name of the destination in each.
const LISTS: [(&str, &str); 3] = [
    ("LambdaConfigurations", "Function"),
    ("QueueConfigurations", "Queue"),
    ("TopicConfigurations", "Topic"),
];

/// One notification of a bucket.
pub(super) struct Notification<'a> {
    pub(super) bucket: TemplateResource<'a>,
    /// As `s3:ObjectCreated:*`.
    pub(super) event: &'a str,
    /// The list it stands in, as `LambdaConfigurations`.
    pub(super) list: &'static str,
    pub(super) destination: Option<&'a Json>,
    /// Start of the keys; `None` when it is not known.
    pub(super) prefix: Option<&'a str>,
    /// End of the keys; `None` when it is not known.
    suffix: Option<&'a str>,
}

/// Every notification of every bucket, in order of logical ID.
pub(super) fn notifications(graph: &Graph) -> Vec<Notification<'_>> {
    let mut all = Vec::new();
    for bucket in graph.of_type("AWS::S3::Bucket") {
        for (list, destination) in LISTS {
            for entry in elements(bucket, &format!("NotificationConfiguration.{list}")) {
                all.push(Notification {
                    bucket,
                    event: entry["Event"].as_str().unwrap_or_default(),
                    list,
                    destination: entry.get(destination),
                    prefix: rule(entry, "prefix"),
                    suffix: rule(entry, "suffix"),
                });
            }
        }
    }
    all
}

/// A filter's value; empty when there is none, `None` when it is not known.
fn rule<'a>(entry: &'a Json, name: &str) -> Option<&'a str> {
    let filter = &entry["Filter"];
    if is_unresolved(filter) || is_unresolved(&filter["S3Key"]) || is_unresolved(&filter["S3Key"]["Rules"]) {
        return None;
    }
    let rules = filter["S3Key"]["Rules"].as_array().map(Vec::as_slice).unwrap_or_default();
    let own = rules.iter().find(|rule| rule["Name"].as_str().is_some_and(|it| it.eq_ignore_ascii_case(name)));
    own.map_or(Some(""), |rule| rule["Value"].as_str())
}

pub(super) fn check(graph: &Graph) -> Vec<Diagnostic> {
    let all = notifications(graph);
    let mut report = Vec::new();
    for (index, first) in all.iter().enumerate() {
        let same = |other: &&Notification<'_>| other.bucket.logical_id == first.bucket.logical_id;
        // Those of one bucket stand together.
        let mut others = all[..index].iter().rev().take_while(same);
        if others.any(|second| overlap(first, second) == Some(true)) {
            let message = format!("Two notifications for `{}` can match one object.", first.event);
            report.push(
                found(&OVERLAPPING_NOTIFICATIONS, first.bucket, message)
                    .path("Properties.NotificationConfiguration")
                    .help("Give them prefixes or suffixes that no key shares."),
            );
        }
    }
    report
}

fn overlap(one: &Notification<'_>, two: &Notification<'_>) -> Option<bool> {
    let (prefix, other_prefix) = (one.prefix?, two.prefix?);
    let (suffix, other_suffix) = (one.suffix?, two.suffix?);
    Some(
        (matches(one.event, two.event) || matches(two.event, one.event))
            && (prefix.starts_with(other_prefix) || other_prefix.starts_with(prefix))
            && (suffix.ends_with(other_suffix) || other_suffix.ends_with(suffix)),
    )
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::super::fixture::{NONE, codes_after};

    fn with(second: &str) -> Vec<&'static str> {
        let entry = |prefix: &str| {
            json!({
                "Event": "s3:ObjectCreated:*",
                "Filter": {"S3Key": {"Rules": [{"Name": "prefix", "Value": prefix}]}},
                "Function": {"Fn::GetAtt": ["Extract", "Arn"]},
            })
        };
        let notifications = json!({"LambdaConfigurations": [entry("in/"), entry(second)]});
        codes_after(json!({"Uploads": {"Properties": {"NotificationConfiguration": notifications}}}))
    }

    #[test]
    fn prefixes_that_share_a_key_overlap() {
        assert_eq!(with("in/csv/"), ["E3012"]);
        assert_eq!(with("csv/"), NONE);
    }
}
