//! W3020: nothing watches a queue where failures end.
//!
//! Source: SQS developer guide, creating alarms for dead-letter queues with CloudWatch.

use serde_json::Value as Json;

use super::found;
use crate::diagnostic::{DEAD_LETTER_QUEUE_WITHOUT_ALARM, Diagnostic};
use crate::reference::find_references;
use crate::template::TemplateResource;
use crate::world::graph::{Answer, Graph, physical_name};
use crate::world::intrinsic::to_text;

pub(super) fn check(graph: &Graph) -> Vec<Diagnostic> {
    let unwatched = graph.failure_queues().into_iter().filter(|queue| watched(graph, *queue) == Answer::No);
    unwatched
        .map(|queue| {
            let message = "Failures end in this queue, and no alarm watches it.";
            found(&DEAD_LETTER_QUEUE_WITHOUT_ALARM, queue, message)
                .help("Add an alarm on `ApproximateNumberOfMessagesVisible` of the queue above 0.")
        })
        .collect()
}

fn watched(graph: &Graph, queue: TemplateResource<'_>) -> Answer {
    Answer::any(graph.of_type("AWS::CloudWatch::Alarm").map(|alarm| {
        let mentions = find_references(alarm.json).iter().any(|it| it.target == queue.logical_id);
        let mut names = Vec::new();
        queue_names(alarm.json, &mut names);
        let by_name = names.iter().map(|name| match (to_text(name), physical_name(queue)) {
            (Some(text), Some(name)) => Answer::from(text == name),
            (Some(text), None) if !text.contains("${") => Answer::No,
            (Some(_), None) => Answer::from(mentions),
            (None, _) => Answer::Unknown,
        });
        Answer::any(by_name.chain([Answer::from(mentions)]))
    }))
}

/// The values of every dimension `QueueName`, at any depth: metric math nests them.
fn queue_names<'a>(json: &'a Json, found: &mut Vec<&'a Json>) {
    if json["Name"] == "QueueName" {
        found.extend(json.get("Value"));
    }
    match json {
        Json::Object(object) => object.values().for_each(|below| queue_names(below, found)),
        Json::Array(elements) => elements.iter().for_each(|below| queue_names(below, found)),
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

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
}
