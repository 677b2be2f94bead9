//! W3011: a function writes to the bucket, and the prefix, that invokes it.
//!
//! Source: Lambda developer guide, using Lambda with S3.

use super::found;
use super::overlap::notifications;
use crate::diagnostic::{BUCKET_RECURSION, Diagnostic};
use crate::template::TemplateResource;
use crate::world::graph::{Graph, one_or_many, physical_name};
use crate::world::intrinsic::to_text;

pub(super) fn check(graph: &Graph) -> Vec<Diagnostic> {
    let mut report = Vec::new();
    for notification in notifications(graph) {
        let Some(function) = notification.destination.and_then(|json| graph.function_named(json)) else {
            continue;
        };
        let Some(watched) =
            notification.prefix.filter(|_| notification.event.starts_with("s3:ObjectCreated"))
        else {
            continue;
        };
        let bucket = notification.bucket;
        let written = written_prefixes(graph, function, bucket);
        if written.iter().any(|prefix| prefix.starts_with(watched) || watched.starts_with(prefix.as_str())) {
            let message = format!("The function may write to `{}`, which invokes it.", bucket.logical_id);
            let help =
                "Let it write to another bucket, or below a prefix that the notification does not match.";
            report.push(found(&BUCKET_RECURSION, function, message).help(help));
        }
    }
    report
}

/// Starts of the keys that the function's role may put into the bucket.
fn written_prefixes(
    graph: &Graph,
    function: TemplateResource<'_>,
    bucket: TemplateResource<'_>,
) -> Vec<String> {
    let Some(grants) = graph.grants_of(function) else { return Vec::new() };
    let name = physical_name(bucket);
    let statements = grants.allowing("s3:PutObject");
    let patterns = statements.flat_map(|it| it.get("Resource").map(one_or_many).unwrap_or_default());
    patterns
        .filter_map(to_text)
        .filter_map(|text| {
            let (arn, key) = text.split_once('/')?;
            let own = [
                format!("${{{}.Arn}}", bucket.logical_id),
                format!("arn:aws:s3:::${{{}}}", bucket.logical_id),
            ];
            let is_own = own.contains(&arn.to_owned())
                || name.as_ref().is_some_and(|name| arn.split_once(":::").is_some_and(|(_, it)| it == name));
            is_own.then(|| key.split(['*', '?']).next().unwrap_or_default().to_owned())
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::super::fixture::{NONE, codes_after};

    fn with(prefix: &str) -> Vec<&'static str> {
        let arn =
            json!({"Fn::Sub": format!("arn:${{AWS::Partition}}:s3:::uploads-${{AWS::AccountId}}/{prefix}*")});
        let statement = json!({"Effect": "Allow", "Action": "s3:PutObject", "Resource": arn});
        codes_after(json!({"Own": {
            "Type": "AWS::IAM::RolePolicy",
            "Properties": {"PolicyName": "p", "RoleName": {"Ref": "ExtractRole"}, "PolicyDocument": {"Statement": [statement]}},
        }}))
    }

    #[test]
    fn function_may_not_write_where_it_is_invoked_from() {
        assert_eq!(with(""), ["W3011"]);
        assert_eq!(with("in/"), ["W3011"]);
        assert_eq!(with("out/"), NONE);
    }
}
