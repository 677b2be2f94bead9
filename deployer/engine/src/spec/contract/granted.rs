//! What a function may do with one resource, by all of its bindings and events together.

use std::collections::BTreeSet;

use super::{Checker, ValueKind};
use crate::spec::file::{
    Access, DataVerb, EnvironmentValue, EventSource, Function, Name, QueueVerb, TableAccess,
};
use crate::spec::lower::table_actions;

/// Permissions of a function for one resource.
#[derive(Debug, Default)]
pub(super) struct Granted {
    sends: bool,
    receives: bool,
    deletes: bool,
    reads: bool,
    writes: bool,
    actions: BTreeSet<String>,
}

impl Checker<'_> {
    /// Collects what `function` may do with the resource that `access` names.
    pub(super) fn granted(&self, function: &Function, access: &Access) -> Granted {
        let mut granted = Granted::default();
        let bindings = function.environment.values().filter_map(|value| match value {
            EnvironmentValue::Access(access) => Some(access),
            _ => None,
        });
        for other in bindings.chain(&function.access) {
            match (access, other) {
                (Access::Queue(wanted), Access::Queue(other)) if wanted.queue == other.queue => {
                    granted.queue(other.access);
                }
                (Access::Table(wanted), Access::Table(other)) if wanted.table == other.table => {
                    granted.table(other);
                }
                (Access::Bucket(wanted), Access::Bucket(other)) if wanted.bucket == other.bucket => {
                    granted.data(other.access);
                }
                _ => {}
            }
        }
        for event in &function.events {
            granted.event(event, access);
        }
        granted
    }
}

impl Granted {
    fn queue(&mut self, verb: QueueVerb) {
        self.sends |= verb == QueueVerb::Send;
        self.receives |= verb != QueueVerb::Send;
        self.deletes |= verb == QueueVerb::Consume;
    }

    fn data(&mut self, verb: DataVerb) {
        self.reads |= verb != DataVerb::Write;
        self.writes |= verb != DataVerb::Read;
    }

    fn table(&mut self, access: &TableAccess) {
        self.data(access.access);
        match access.actions.is_empty() {
            true => self.actions.extend(table_actions(access.access).into_iter().map(str::to_owned)),
            false => self.actions.extend(access.actions.iter().cloned()),
        }
    }

    fn event(&mut self, event: &EventSource, access: &Access) {
        let is = |name: &Name, other: &Name| name == other;
        match (event, access) {
            (EventSource::Queue(source), Access::Queue(access)) if is(&source.queue, &access.queue) => {
                self.queue(QueueVerb::Consume);
            }
            (EventSource::Bucket(source), Access::Bucket(access)) if is(&source.bucket, &access.bucket) => {
                self.data(DataVerb::Read);
            }
            _ => {}
        }
    }

    /// Says what a function with this contract does and may not; `None` when it may do all.
    pub(super) fn lacks(&self, value: &ValueKind) -> Option<String> {
        match value {
            ValueKind::QueueUrl { access, .. } => self.lacks_queue(*access).map(str::to_owned),
            ValueKind::TableName { access, actions } if actions.is_empty() => self.lacks_data(*access),
            ValueKind::TableName { actions, .. } => {
                let lacking: Vec<&str> = actions
                    .iter()
                    .filter(|action| !self.actions.contains(*action))
                    .map(String::as_str)
                    .collect();
                (!lacking.is_empty()).then(|| format!("calls {} on", lacking.join(", ")))
            }
            ValueKind::BucketName { access } => self.lacks_data(*access),
            _ => None,
        }
    }

    fn lacks_queue(&self, verb: QueueVerb) -> Option<&'static str> {
        match verb {
            QueueVerb::Send if !self.sends => Some("sends to"),
            QueueVerb::Receive if !self.receives => Some("receives from"),
            QueueVerb::Consume if !self.deletes => Some("receives and deletes messages of"),
            _ => None,
        }
    }

    fn lacks_data(&self, verb: DataVerb) -> Option<String> {
        let lacks_reading = verb != DataVerb::Write && !self.reads;
        let lacks_writing = verb != DataVerb::Read && !self.writes;
        match (lacks_reading, lacks_writing) {
            (true, true) => Some("reads and writes".to_owned()),
            (true, false) => Some("reads".to_owned()),
            (false, true) => Some("writes".to_owned()),
            (false, false) => None,
        }
    }
}
