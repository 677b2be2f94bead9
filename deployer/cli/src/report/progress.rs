//! What was seen of an operation so far, for the lines that sum it up.

use std::collections::BTreeSet;

use pipectl_engine::deployed::{STACK_TYPE, StackEvent};
use pipectl_engine::event::{Event, EventKind, Operation};
use pipectl_engine::status::ResourceStatus;

/// What was seen of an operation.
#[derive(Debug, Default)]
pub(super) struct Progress {
    /// The local engine names every resource of an update, also those that it does not change.
    names_everything: bool,
    /// Resources that have settled.
    pub(super) settled: usize,
    /// Resources that are complete without a change.
    pub(super) untouched: usize,
    /// Resources that the template changes; `None` where it is not known.
    planned: Option<BTreeSet<String>>,
    /// Resources that were seen at work.
    at_work: BTreeSet<String>,
    building_since_ms: Option<i64>,
    /// Time that building and packing took.
    pub(super) built_ms: i64,
    is_attached: bool,
    /// What was over when it was looked at.
    pub(super) past: Option<Past>,
}

/// An operation that is over.
#[derive(Debug, Default)]
pub(super) struct Past {
    /// Resources that it changed, in the order of their end.
    pub(super) changed: Vec<String>,
    /// Its first and its last event, in milliseconds since the Unix epoch by AWS's clock.
    pub(super) span_ms: Option<(i64, i64)>,
}

impl Progress {
    /// Nothing was seen yet.
    pub(super) fn new(names_everything: bool) -> Self {
        Self { names_everything, ..Self::default() }
    }

    /// Takes note of an event, before it is shown.
    pub(super) fn note(&mut self, event: &Event) {
        match &event.kind {
            EventKind::Started { operation, .. } => self.is_attached = *operation == Operation::Attach,
            EventKind::StackRead { status } => {
                let is_over = status.as_ref().is_some_and(|status| status.is_settled());
                self.past = (self.is_attached && is_over).then(Past::default);
            }
            EventKind::Planned { changes, .. } => self.planned = Some(changes.iter().cloned().collect()),
            EventKind::PackagingStarted { .. } => self.building_since_ms = Some(event.at_ms),
            EventKind::Packaged { .. } => {
                self.built_ms = self.building_since_ms.map_or(0, |since| event.at_ms - since);
            }
            EventKind::OperationStarted { .. } => (self.settled, self.untouched) = (0, 0),
            EventKind::ResourceChanged(event) => self.step(event),
            _ => {}
        }
    }

    fn step(&mut self, event: &StackEvent) {
        if let Some(past) = &mut self.past {
            let (first, _) = past.span_ms.unwrap_or((event.at_ms, event.at_ms));
            past.span_ms = Some((first, event.at_ms));
        }
        if event.resource_type == STACK_TYPE {
            return;
        }
        if !event.status.is_settled() {
            self.at_work.insert(event.logical_id.clone());
            return;
        }
        self.settled += 1;
        if !self.is_change(event) {
            self.untouched += 1;
        } else if let Some(past) = &mut self.past
            && !past.changed.contains(&event.logical_id)
        {
            past.changed.push(event.logical_id.clone());
        }
    }

    /// False for a resource that only says that its update is complete: nothing was seen of one.
    pub(super) fn is_change(&self, event: &StackEvent) -> bool {
        let is_planned = || self.planned.as_ref().is_none_or(|planned| planned.contains(&event.logical_id));
        event.status != ResourceStatus::UpdateComplete
            || self.at_work.contains(&event.logical_id) && (!self.names_everything || is_planned())
    }
}

#[cfg(test)]
mod tests {
    use pipectl_engine::status::StackStatus;

    use super::*;

    fn step(logical_id: &str, status: ResourceStatus, at_ms: i64) -> Event {
        let event = StackEvent {
            id: at_ms.to_string(),
            at_ms,
            logical_id: logical_id.to_owned(),
            physical_id: None,
            resource_type: "AWS::SQS::Queue".to_owned(),
            status,
            reason: None,
            client_request_token: None,
        };
        Event { at_ms, kind: EventKind::ResourceChanged(event) }
    }

    fn update(progress: &mut Progress, logical_ids: &[&str]) {
        for id in logical_ids {
            progress.note(&step(id, ResourceStatus::UpdateInProgress, 1000));
            progress.note(&step(id, ResourceStatus::UpdateComplete, 3000));
        }
    }

    #[test]
    fn what_an_emulator_names_beside_the_plan_is_no_change_and_what_aws_names_is_one() {
        for (is_local, untouched) in [(true, 2), (false, 0)] {
            let mut progress = Progress::new(is_local);
            let planned = EventKind::Planned { steps: Vec::new(), changes: vec!["A".to_owned()] };
            progress.note(&Event { at_ms: 0, kind: planned });
            update(&mut progress, &["A", "B", "C"]);
            assert_eq!((progress.settled, progress.untouched), (3, untouched));
        }
    }

    #[test]
    fn resource_that_was_never_at_work_is_untouched_and_a_failed_one_is_not() {
        let mut progress = Progress::new(false);
        progress.note(&step("A", ResourceStatus::UpdateComplete, 1));
        progress.note(&step("B", ResourceStatus::UpdateFailed, 2));
        assert_eq!((progress.settled, progress.untouched), (2, 1));
    }

    #[test]
    fn building_is_timed_apart() {
        let mut progress = Progress::new(false);
        let started = EventKind::PackagingStarted { functions: vec!["a".to_owned()] };
        progress.note(&Event { at_ms: 1000, kind: started });
        let packaged = EventKind::Packaged {
            function: "a".to_owned(),
            bytes: 1,
            sha256: String::new(),
            deployed: true,
            causes: Vec::new(),
        };
        progress.note(&Event { at_ms: 31_000, kind: packaged });
        assert_eq!(progress.built_ms, 30_000);
    }

    #[test]
    fn operation_that_was_over_is_summed_up() {
        let mut progress = Progress::new(false);
        let kind = EventKind::Started { operation: Operation::Attach, stack: "s".to_owned() };
        progress.note(&Event { at_ms: 9000, kind });
        progress.note(&Event {
            at_ms: 9000,
            kind: EventKind::StackRead { status: Some(StackStatus::UpdateComplete) },
        });
        update(&mut progress, &["A", "B"]);
        let past = progress.past.expect("it was over");
        assert_eq!((past.changed, past.span_ms), (vec!["A".to_owned(), "B".to_owned()], Some((1000, 3000))));
    }
}
