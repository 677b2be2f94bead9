//! W3020: nothing watches a queue where failures end.
//!
//! Source: SQS developer guide, creating alarms for dead-letter queues with CloudWatch.

use std::collections::BTreeSet;

use serde_json::Value as Json;

use super::found;
use crate::diagnostic::{DEAD_LETTER_QUEUE_WITHOUT_ALARM, Diagnostic};
use crate::reference::find_references;
use crate::template::TemplateResource;
use crate::world::graph::{Answer, Graph, physical_name};
use crate::world::intrinsic::to_text;

pub(super) fn check(graph: &Graph) -> Vec<Diagnostic> {
    let watched = Watched::of(graph);
    let queues = graph.failure_queues().into_iter();
    let unwatched = queues.filter(|queue| watched.has(*queue) == Answer::No);
    unwatched
        .map(|queue| {
            let message = "Failures end in this queue, and no alarm watches it.";
            found(&DEAD_LETTER_QUEUE_WITHOUT_ALARM, queue, message)
                .help("Add an alarm on `ApproximateNumberOfMessagesVisible` of the queue above 0.")
        })
        .collect()
}

/// What the alarms of the template watch.
#[derive(Default)]
struct Watched {
    /// Logical IDs that an alarm mentions, wherever.
    mentioned: BTreeSet<String>,
    /// Names of queues in dimensions.
    names: BTreeSet<String>,
    has_unknown_name: bool,
}

impl Watched {
    fn of(graph: &Graph) -> Self {
        let mut watched = Self::default();
        let mut names = Vec::new();
        for alarm in graph.of_type("AWS::CloudWatch::Alarm") {
            watched.mentioned.extend(find_references(alarm.json).into_iter().map(|it| it.target));
            queue_names(alarm.json, &mut names);
        }
        for name in names {
            match to_text(name) {
                Some(text) => drop(watched.names.insert(text)),
                None => watched.has_unknown_name = true,
            }
        }
        watched
    }

    fn has(&self, queue: TemplateResource<'_>) -> Answer {
        let is_named = || physical_name(queue).is_some_and(|name| self.names.contains(&name));
        if self.mentioned.contains(queue.logical_id) || is_named() {
            return Answer::Yes;
        }
        if self.has_unknown_name { Answer::Unknown } else { Answer::No }
    }
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
