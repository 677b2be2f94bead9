//! What to write in the spec for a variable of a contract.

use super::{Checker, ValueKind, Variable};
use crate::spec::file::{DataVerb, Name, QueueVerb};

impl<'a> Checker<'a> {
    /// Returns the line for a variable; the only resource of its kind stands in it by name.
    pub(super) fn snippet(&self, name: &str, variable: &Variable) -> String {
        match self.names_of(&variable.value).as_slice() {
            [only] => written(name, variable, only.as_str()),
            _ => written(name, variable, "<name>"),
        }
    }

    /// Returns the line for a variable bound to `resource`.
    pub(super) fn snippet_for(&self, name: &str, variable: &Variable, resource: &Name) -> String {
        written(name, variable, resource.as_str())
    }

    /// Lists the spec's resources of the kind that a value names.
    pub(super) fn names_of(&self, value: &ValueKind) -> Vec<&'a Name> {
        match value {
            ValueKind::QueueUrl { .. } => self.spec.queues.keys().collect(),
            ValueKind::TableName { .. } => self.spec.tables.keys().collect(),
            ValueKind::BucketName { .. } => self.spec.buckets.keys().collect(),
            ValueKind::TopicArn => self.spec.topics.keys().collect(),
            ValueKind::Text | ValueKind::Choice(_) | ValueKind::Number { .. } | ValueKind::Secret => {
                Vec::new()
            }
        }
    }
}

fn written(name: &str, variable: &Variable, resource: &str) -> String {
    let value = match &variable.value {
        ValueKind::Text => "<text>".to_owned(),
        ValueKind::Choice(names) => names.first().cloned().unwrap_or_default(),
        ValueKind::Number { minimum, .. } => variable.default.clone().unwrap_or_else(|| minimum.to_string()),
        ValueKind::Secret => "{ secret: <name> }".to_owned(),
        ValueKind::QueueUrl { access, .. } => {
            format!("{{ queue: {resource}, access: {} }}", queue_verb(*access))
        }
        ValueKind::TableName { access, actions } if actions.is_empty() => {
            format!("{{ table: {resource}, access: {} }}", data_verb(*access))
        }
        ValueKind::TableName { access, actions } => {
            let actions = actions.join(", ");
            format!("{{ table: {resource}, access: {}, actions: [{actions}] }}", data_verb(*access))
        }
        ValueKind::BucketName { access } => {
            format!("{{ bucket: {resource}, access: {} }}", data_verb(*access))
        }
        ValueKind::TopicArn => format!("{{ topic: {resource}, access: publish }}"),
    };
    format!("{name}: {value}")
}

fn queue_verb(verb: QueueVerb) -> &'static str {
    match verb {
        QueueVerb::Send => "send",
        QueueVerb::Receive => "receive",
        QueueVerb::Consume => "consume",
    }
}

fn data_verb(verb: DataVerb) -> &'static str {
    match verb {
        DataVerb::Read => "read",
        DataVerb::Write => "write",
        DataVerb::ReadWrite => "read_write",
    }
}
