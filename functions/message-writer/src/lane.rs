//! Messages that must be worked on one after the other.

use std::collections::BTreeMap;

use pipectl_messages::{PayloadError, Record};

use crate::event::SqsMessage;

/// A message and what is in it.
#[derive(Debug)]
pub(crate) struct Parsed {
    pub(crate) message: SqsMessage,
    pub(crate) record: Result<Record, PayloadError>,
}

/// Messages to be worked on in order; lanes do not wait for each other.
#[derive(Debug, Default)]
pub(crate) struct Lane {
    pub(crate) messages: Vec<Parsed>,
    /// Whether a failure gives back all that follow, as in a message group of a FIFO queue.
    pub(crate) stops_at_failure: bool,
}

#[derive(PartialEq, Eq, PartialOrd, Ord)]
enum Key {
    Group(String),
    Id(String),
    Poison(usize),
}

/// Sorts a batch into lanes. Messages of a FIFO queue share the lane of their group, in the order of the queue.
/// Others share a lane when they are for one id, the older ones first, which saves contention and revisions.
pub(crate) fn lanes(messages: Vec<SqsMessage>) -> Vec<Lane> {
    let mut lanes: BTreeMap<Key, Lane> = BTreeMap::new();
    for (index, message) in messages.into_iter().enumerate() {
        let record = Record::from_json(&message.body);
        let key = match (message.ordered_group(), &record) {
            (Some(group), _) => Key::Group(group.to_owned()),
            (None, Ok(record)) => Key::Id(record.id.as_str().to_owned()),
            (None, Err(_)) => Key::Poison(index),
        };
        let stops_at_failure = matches!(key, Key::Group(_));
        let lane = lanes.entry(key).or_default();
        lane.stops_at_failure = stops_at_failure;
        lane.messages.push(Parsed { message, record });
    }
    let mut lanes: Vec<Lane> = lanes.into_values().collect();
    for lane in lanes.iter_mut().filter(|lane| !lane.stops_at_failure) {
        lane.messages.sort_by(|one, other| ordering(one).cmp(&ordering(other)));
    }
    lanes
}

fn ordering(parsed: &Parsed) -> Option<&str> {
    parsed.record.as_ref().ok().map(|record| record.ordering.as_str())
}
