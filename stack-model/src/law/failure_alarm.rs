//! W3020: no alarm goes off when failures end in a queue.
//!
//! What SQS itself moves to a dead-letter queue does not count as sent to it.
//! Source: SQS developer guide, creating alarms for dead-letter queues with CloudWatch; available CloudWatch metrics
//! for SQS, NumberOfMessagesSent (read 2026-12-01).

use serde_json::Value as Json;

use super::found;
use crate::diagnostic::{DEAD_LETTER_QUEUE_WITHOUT_ALARM, Diagnostic};
use crate::template::TemplateResource;
use crate::world::graph::{
    Answer, Found, Graph, elements, find, is_unresolved, one_or_many, physical_name, references,
};
use crate::world::intrinsic::to_text;
use crate::world::wildcard::meet;

/// Metrics that rise when a message waits, however it came.
const DEPTHS: [&str; 2] = ["ApproximateAgeOfOldestMessage", "ApproximateNumberOfMessagesVisible"];

pub(super) fn check(graph: &Graph) -> Vec<Diagnostic> {
    let alarms: Vec<_> = graph.of_type("AWS::CloudWatch::Alarm").collect();
    let queues = graph.failure_queues().into_iter();
    let unwatched = queues
        .filter(|queue| Answer::any(alarms.iter().map(|alarm| watches(graph, *alarm, *queue))) == Answer::No);
    unwatched
        .map(|queue| {
            let message = "Failures end in this queue, and no alarm goes off when they do.";
            let help = format!(
                "Add an alarm on `ApproximateNumberOfMessagesVisible` above 0 whose dimension `QueueName` is `!GetAtt {}.QueueName`.",
                queue.logical_id
            );
            found(&DEAD_LETTER_QUEUE_WITHOUT_ALARM, queue, message).help(help)
        })
        .collect()
}

/// Whether the alarm goes off when messages wait in the queue.
fn watches(graph: &Graph, alarm: TemplateResource<'_>, queue: TemplateResource<'_>) -> Answer {
    let falls = |operator: &Json| operator == "LessThanThreshold" || operator == "LessThanOrEqualToThreshold";
    let own = match (find(alarm, "MetricName"), find(alarm, "ComparisonOperator")) {
        (Found::Unknown, _) => Answer::Unknown,
        (Found::Absent, _) => Answer::No,
        (Found::Value(_), Found::Value(operator)) if falls(operator) => Answer::No,
        (Found::Value(_), _) => {
            alarm.attribute("Properties").map_or(Answer::No, |it| measures(graph, it, queue))
        }
    };
    let queries = match find(alarm, "Metrics") {
        Found::Unknown => vec![Answer::Unknown],
        _ => elements(alarm, "Metrics").into_iter().map(|query| asks_for(graph, query, queue)).collect(),
    };
    Answer::any(queries.into_iter().chain([own]))
}

/// Whether an entry of metric math is about messages that wait in the queue.
fn asks_for(graph: &Graph, query: &Json, queue: TemplateResource<'_>) -> Answer {
    // A search or a query in SQL finds queues by itself.
    let finds = |expression: &str| ["SEARCH", "SELECT"].iter().any(|verb| expression.contains(verb));
    match (query.get("Expression"), query.get("MetricStat")) {
        (Some(Json::String(expression)), _) => {
            if finds(expression) {
                Answer::Unknown
            } else {
                Answer::No
            }
        }
        (Some(_), _) => Answer::Unknown,
        (None, Some(statistic)) if !is_unresolved(statistic) => measures(graph, &statistic["Metric"], queue),
        (None, _) if is_unresolved(query) || query.get("MetricStat").is_some() => Answer::Unknown,
        (None, _) => Answer::No,
    }
}

/// Whether a metric with its namespace and dimensions is one of messages that wait in the queue.
fn measures(graph: &Graph, metric: &Json, queue: TemplateResource<'_>) -> Answer {
    let is_one = |name: &str, allowed: &dyn Fn(&str) -> bool| match metric.get(name) {
        Some(Json::String(text)) => Answer::from(allowed(text)),
        Some(_) => Answer::Unknown,
        None => Answer::No,
    };
    let dimensions = metric.get("Dimensions").map(one_or_many).unwrap_or_default();
    let dimensions = dimensions.into_iter().map(|dimension| match &dimension["Name"] {
        Json::String(name) if name == "QueueName" => is_name_of(graph, &dimension["Value"], queue),
        Json::String(_) => Answer::No,
        _ => Answer::Unknown,
    });
    // What others send counts as sent; what SQS moves does not.
    let counts = |name: &str| {
        DEPTHS.contains(&name) || (name == "NumberOfMessagesSent" && !is_redriven_to(graph, queue))
    };
    let parts = [
        is_one("Namespace", &|text| text == "AWS/SQS"),
        is_one("MetricName", &counts),
        Answer::any(dimensions),
    ];
    if parts.contains(&Answer::No) {
        Answer::No
    } else if parts.contains(&Answer::Unknown) {
        Answer::Unknown
    } else {
        Answer::Yes
    }
}

fn is_redriven_to(graph: &Graph, queue: TemplateResource<'_>) -> bool {
    graph.of_type("AWS::SQS::Queue").any(|source| {
        let target = graph.target(source, "RedrivePolicy.deadLetterTargetArn", "AWS::SQS::Queue");
        target.is_some_and(|target| target.logical_id == queue.logical_id)
    })
}

/// Whether a value is the queue's name. `Ref` gives its URL, by which CloudWatch knows no queue.
fn is_name_of(graph: &Graph, value: &Json, queue: TemplateResource<'_>) -> Answer {
    let Some(text) = to_text(value) else { return Answer::Unknown };
    let named = text.strip_prefix("${").and_then(|text| text.strip_suffix(".QueueName}"));
    if let Some(named) = named.and_then(|id| graph.resource(id)) {
        return Answer::from(named.logical_id == queue.logical_id);
    }
    let mentioned = references(&text);
    let may_be_any = || mentioned.iter().any(|(id, _)| !graph.has(id));
    match physical_name(queue) {
        Some(name) if name == text => Answer::Yes,
        Some(name) => meet(&name, &text, |_, _| Answer::Unknown),
        // Nobody can write down a name that CloudFormation makes.
        None if may_be_any() => Answer::Unknown,
        None => Answer::No,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value as Json, json};

    use super::super::fixture::{NONE, codes_after};

    #[test]
    fn dead_letter_queue_needs_an_alarm() {
        assert_eq!(codes_after(json!({"DlqAlarm": null})), ["W3020"]);
        assert_eq!(codes_after(json!({"FailuresAlarm": null})), ["W3020"]);
        assert_eq!(codes_after(json!({})), NONE);
    }

    #[test]
    fn alarm_on_a_name_that_is_not_known_may_be_the_one() {
        let dimension = json!({"Name": "QueueName", "Value": {"Fn::ImportValue": "name"}});
        assert_eq!(codes_after(json!({"DlqAlarm": {"Properties": {"Dimensions": [dimension]}}})), NONE);
    }

    fn with(properties: Json) -> Vec<&'static str> {
        codes_after(json!({"DlqAlarm": {"Properties": properties}}))
    }

    fn of_queue(name: Json) -> Json {
        json!({"AlarmDescription": {"Fn::Sub": "Watches ${Dlq}."}, "Dimensions": [{"Name": "QueueName", "Value": name}]})
    }

    #[test]
    fn alarm_is_on_the_queues_name() {
        assert_eq!(with(json!({"Dimensions": null})), ["W3020"]);
        assert_eq!(with(of_queue(json!({"Fn::GetAtt": ["Messages", "QueueName"]}))), ["W3020"]);
        assert_eq!(with(of_queue(json!({"Ref": "Dlq"}))), ["W3020"]);
        assert_eq!(with(of_queue(json!("dlq"))), ["W3020"]);
        assert_eq!(with(of_queue(json!({"Ref": "ArtifactBucket"}))), NONE);
        let by_arn = json!({"Fn::Select": [5, {"Fn::Split": [":", {"Fn::GetAtt": ["Dlq", "Arn"]}]}]});
        assert_eq!(with(of_queue(by_arn)), NONE);
    }

    #[test]
    fn queue_with_a_name_of_its_own_is_watched_by_that() {
        let named = |name: &str| {
            codes_after(json!({
                "Dlq": {"Properties": {"QueueName": {"Fn::Sub": "${AWS::StackName}-dlq"}}},
                "DlqAlarm": {"Properties": of_queue(json!({"Fn::Sub": name}))},
            }))
        };
        assert_eq!(named("${AWS::StackName}-inbox"), ["W3020"]);
        assert_eq!(named("${AWS::StackName}-dlq"), NONE);
    }

    #[test]
    fn metric_moves_when_sqs_moves_a_message() {
        assert_eq!(with(json!({"MetricName": "NumberOfMessagesDeleted"})), ["W3020"]);
        assert_eq!(with(json!({"MetricName": "NumberOfMessagesSent"})), ["W3020"]);
        assert_eq!(with(json!({"Namespace": "Own"})), ["W3020"]);
        assert_eq!(with(json!({"ComparisonOperator": "LessThanThreshold"})), ["W3020"]);
        assert_eq!(with(json!({"MetricName": "ApproximateAgeOfOldestMessage"})), NONE);
        // Lambda sends what fails for good.
        let sent = json!({"FailuresAlarm": {"Properties": {"MetricName": "NumberOfMessagesSent"}}});
        assert_eq!(codes_after(sent), NONE);
    }

    #[test]
    fn metric_math_is_seen_through() {
        let math = |queue: &str| {
            let dimension = json!({"Name": "QueueName", "Value": {"Fn::GetAtt": [queue, "QueueName"]}});
            let metric = json!({"Namespace": "AWS/SQS", "MetricName": "ApproximateNumberOfMessagesVisible", "Dimensions": [dimension]});
            let queries = json!([
                {"Id": "m", "MetricStat": {"Metric": metric, "Period": 60, "Stat": "Maximum"}, "ReturnData": false},
                {"Id": "e", "Expression": "m * 2"},
            ]);
            with(json!({"MetricName": null, "Namespace": null, "Dimensions": null, "Metrics": queries}))
        };
        assert_eq!(math("Messages"), ["W3020"]);
        assert_eq!(math("Dlq"), NONE);
    }
}
