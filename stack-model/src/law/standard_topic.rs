//! E3053: a FIFO topic where AWS sends to a standard one only.
//!
//! A FIFO topic takes no message without a group, and neither alarms nor buckets name one.
//! Source: SNS API, Publish, MessageGroupId: required for FIFO topics; S3 user guide, event notification types and
//! destinations: no SNS FIFO topics (read 2026-12-01).

use super::found;
use super::overlap::notifications;
use crate::diagnostic::{Diagnostic, STANDARD_TOPIC_NEEDED};
use crate::world::graph::{Answer, Graph, elements, flag};

const ALARMS: [&str; 2] = ["AWS::CloudWatch::Alarm", "AWS::CloudWatch::CompositeAlarm"];
const ACTIONS: [&str; 3] = ["AlarmActions", "InsufficientDataActions", "OKActions"];

pub(super) fn check(graph: &Graph) -> Vec<Diagnostic> {
    let mut report = Vec::new();
    for alarm in ALARMS.into_iter().flat_map(|resource_type| graph.of_type(resource_type)) {
        for (property, arn) in
            ACTIONS.into_iter().flat_map(|name| elements(alarm, name).into_iter().map(move |it| (name, it)))
        {
            let topic = graph.named(arn).filter(|it| flag(*it, "FifoTopic") == Answer::Yes);
            if let Some(topic) = topic {
                let message =
                    format!("The alarm notifies `{}`, a FIFO topic, which takes no alarm.", topic.logical_id);
                let found =
                    found(&STANDARD_TOPIC_NEEDED, alarm, message).path(format!("Properties.{property}"));
                report.push(found.help("Notify a standard topic."));
            }
        }
    }
    for notification in notifications(graph).into_iter().filter(|it| it.list == "TopicConfigurations") {
        let named = notification.destination.and_then(|arn| graph.named(arn));
        if let Some(topic) = named.filter(|it| flag(*it, "FifoTopic") == Answer::Yes) {
            let message =
                format!("The bucket notifies `{}`, a FIFO topic, which S3 refuses.", topic.logical_id);
            let found = found(&STANDARD_TOPIC_NEEDED, notification.bucket, message)
                .path("Properties.NotificationConfiguration.TopicConfigurations");
            report.push(found.help("Notify a standard topic."));
        }
    }
    report
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::super::fixture::{NONE, codes_after};

    #[test]
    fn alarm_notifies_a_standard_topic() {
        let with = |fifo| {
            codes_after(json!({
                "Events": {"Type": "AWS::SNS::Topic", "Properties": {"FifoTopic": fifo}},
                "DlqAlarm": {"Properties": {"AlarmActions": [{"Ref": "Events"}]}},
                "FailuresAlarm": {"Properties": {"AlarmActions": []}},
            }))
        };
        assert_eq!(with(true), ["E3053"]);
        assert_eq!(with(false), NONE);
    }
}
