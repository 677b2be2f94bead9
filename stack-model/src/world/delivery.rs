//! What is delivered to what without a consumer asking: subscriptions of topics, targets of rules and schedules.

use serde_json::Value as Json;

use super::graph::{Graph, elements, value};
use crate::template::TemplateResource;

/// A subscription, on its own or in the topic's list.
#[derive(Clone, Copy)]
pub(crate) struct Subscription<'a> {
    /// What the template keeps it in: the subscription, or the topic.
    pub(crate) resource: TemplateResource<'a>,
    /// The property that holds it in the topic; `None` for one on its own.
    list: Option<usize>,
    /// `None` when the topic is outside the template or not known.
    pub(crate) topic: Option<TemplateResource<'a>>,
    pub(crate) protocol: Option<&'a str>,
    pub(crate) endpoint: Option<&'a Json>,
    /// ARN of the queue that takes what cannot be delivered.
    pub(crate) dead_letter_queue: Option<&'a Json>,
}

impl Subscription<'_> {
    /// Where a property of the subscription stands.
    pub(crate) fn path(&self, property: &str) -> String {
        match self.list {
            Some(index) => format!("Properties.Subscription.{index}.{property}"),
            None => format!("Properties.{property}"),
        }
    }
}

/// What EventBridge sends to, by a rule or a schedule.
#[derive(Clone, Copy)]
pub(crate) struct EventTarget<'a> {
    pub(crate) resource: TemplateResource<'a>,
    /// Name of the property that holds the target.
    pub(crate) property: &'static str,
    pub(crate) arn: Option<&'a Json>,
    /// Whether it is sent with a role, and not as the service.
    pub(crate) by_role: bool,
    /// ARN of the queue that takes what cannot be delivered.
    pub(crate) dead_letter_queue: Option<&'a Json>,
}

impl Graph {
    /// Every subscription of the template.
    pub(crate) fn subscriptions(&self) -> Vec<Subscription<'_>> {
        let alone = self.of_type("AWS::SNS::Subscription").map(|resource| Subscription {
            resource,
            list: None,
            topic: self.target(resource, "TopicArn", "AWS::SNS::Topic"),
            protocol: value(resource, "Protocol").and_then(Json::as_str),
            endpoint: value(resource, "Endpoint"),
            dead_letter_queue: value(resource, "RedrivePolicy.deadLetterTargetArn"),
        });
        let listed = self.of_type("AWS::SNS::Topic").flat_map(|topic| {
            let all = elements(topic, "Subscription").into_iter().enumerate();
            all.map(move |(index, entry)| Subscription {
                resource: topic,
                list: Some(index),
                topic: Some(topic),
                protocol: entry["Protocol"].as_str(),
                endpoint: entry.get("Endpoint"),
                dead_letter_queue: None,
            })
        });
        alone.chain(listed).collect()
    }

    /// Every target of a rule or schedule.
    pub(crate) fn event_targets(&self) -> Vec<EventTarget<'_>> {
        let of_rules = self.of_type("AWS::Events::Rule").flat_map(|rule| {
            elements(rule, "Targets").into_iter().map(move |target| event_target(rule, "Targets", target))
        });
        let of_schedules = self
            .of_type("AWS::Scheduler::Schedule")
            .filter_map(|schedule| Some(event_target(schedule, "Target", value(schedule, "Target")?)));
        of_rules.chain(of_schedules).collect()
    }

    /// The queues that a topic or EventBridge sends to when a delivery fails.
    pub(crate) fn delivery_failures(&self) -> impl Iterator<Item = &Json> {
        let of_topics = self.subscriptions().into_iter().filter_map(|it| it.dead_letter_queue);
        of_topics.chain(self.event_targets().into_iter().filter_map(|it| it.dead_letter_queue))
    }
}

fn event_target<'a>(
    resource: TemplateResource<'a>,
    property: &'static str,
    target: &'a Json,
) -> EventTarget<'a> {
    EventTarget {
        resource,
        property,
        arn: target.get("Arn"),
        by_role: target.get("RoleArn").is_some(),
        dead_letter_queue: target.get("DeadLetterConfig").and_then(|config| config.get("Arn")),
    }
}
