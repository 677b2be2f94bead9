//! The declaration as a whole, and as the file that deployments read.

use serde::ser::SerializeMap as _;
use serde::{Serialize, Serializer};

use crate::{Payload, Presence, ValueKind, Variable};

/// Version of the file's format.
const VERSION: u32 = 1;

/// What a function asks of its infrastructure.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Contract {
    /// Every variable that the function reads, besides those that Lambda and the SDK define.
    pub environment: &'static [Variable],
    /// Every kind of event that the function takes; `None` when that is not said.
    pub events: Option<&'static [Event]>,
}

/// A kind of event that invokes a function.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Event {
    /// Request of an API Gateway HTTP API, payload format 2.0.
    Api,
    /// Notification of an S3 bucket.
    Bucket,
    /// Batch of an SQS event source mapping.
    Queue {
        /// Every payload that the function can read; empty when that is not said.
        #[serde(skip_serializing_if = "<[Payload]>::is_empty")]
        payloads: &'static [Payload],
    },
    /// Lambda action of a CloudWatch alarm.
    Alarm,
}

impl Contract {
    /// The contract as its file holds it: JSON in the order of the declaration, with a final newline.
    #[must_use]
    pub fn to_json(&self) -> String {
        let file = File { version: VERSION, environment: ByName(self.environment), events: self.events };
        let text = serde_json::to_string_pretty(&file).expect("text keys and integers always serialise");
        text + "\n"
    }
}

#[derive(Serialize)]
struct File {
    version: u32,
    environment: ByName,
    #[serde(skip_serializing_if = "Option::is_none")]
    events: Option<&'static [Event]>,
}

struct ByName(&'static [Variable]);

impl Serialize for ByName {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(Some(self.0.len()))?;
        for variable in self.0 {
            map.serialize_entry(variable.name, &Entry::from(variable))?;
        }
        map.end()
    }
}

#[derive(Serialize)]
struct Entry {
    documentation: &'static str,
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    required: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    default: Option<&'static str>,
    value: ValueKind,
}

impl From<&Variable> for Entry {
    fn from(variable: &Variable) -> Self {
        let (required, default) = match variable.presence {
            Presence::Required => (true, None),
            Presence::Optional => (false, None),
            Presence::Default(value) => (false, Some(value)),
        };
        Self { documentation: variable.documentation, required, default, value: variable.value }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::QueueAccess;

    const ORDER: Payload = Payload { name: "shop.order", version: 2 };

    const fn variable(name: &'static str, presence: Presence, value: ValueKind) -> Variable {
        Variable { name, presence, value, documentation: "What it sets." }
    }

    #[test]
    fn file_holds_the_declaration_in_its_order() {
        const CONTRACT: Contract = Contract {
            environment: &[
                variable(
                    "QUEUE_URL",
                    Presence::Required,
                    ValueKind::QueueUrl { access: QueueAccess::Send, payloads: &[ORDER] },
                ),
                variable("COLOR", Presence::Default("red"), ValueKind::Choice(&["red", "green"])),
                variable("COUNT", Presence::Optional, ValueKind::Number { minimum: 1, maximum: 9 }),
            ],
            events: Some(&[Event::Api, Event::Queue { payloads: &[ORDER] }]),
        };
        let expected = r#"{"version":1,"environment":{
            "QUEUE_URL":{"documentation":"What it sets.","required":true,
                "value":{"queue_url":{"access":"send","payloads":["shop.order/2"]}}},
            "COLOR":{"documentation":"What it sets.","default":"red","value":{"choice":["red","green"]}},
            "COUNT":{"documentation":"What it sets.","value":{"number":{"minimum":1,"maximum":9}}}},
            "events":["api",{"queue":{"payloads":["shop.order/2"]}}]}"#;
        let packed = |text: &str| text.split('\n').map(str::trim).collect::<String>().replace("\": ", "\":");
        assert_eq!(packed(&CONTRACT.to_json()), packed(expected));
    }

    #[test]
    fn events_that_are_not_said_are_left_out() {
        let contract = Contract { environment: &[], events: None };
        assert_eq!(contract.to_json(), "{\n  \"version\": 1,\n  \"environment\": {}\n}\n");
    }
}
