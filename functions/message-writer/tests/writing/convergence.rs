//! Whatever the order of messages, however often they come, and wherever calls are lost, the table ends equal.
//!
//! All orders and all single and double faults are tried; nothing is random.

use pipectl_messages::Record;

use crate::support::{Fault, Writer, message, record};

/// Content `a`, then `b`, then `a` again: the case in which neither content nor order alone is enough.
fn history() -> Vec<Record> {
    vec![record("r", 1, "a"), record("r", 2, "b"), record("r", 3, "a"), record("r", 3, "a")]
}

/// All orders of `0..count`.
fn permutations(count: usize) -> Vec<Vec<usize>> {
    if count == 0 {
        return vec![vec![]];
    }
    let shorter = permutations(count - 1);
    let insert = |order: &Vec<usize>, place: usize| {
        let mut order = order.clone();
        order.insert(place, count - 1);
        order
    };
    shorter
        .iter()
        .flat_map(|order| (0..count).map(|place| insert(order, place)).collect::<Vec<_>>())
        .collect()
}

/// Delivers each record as a batch of its own, again and again until it is taken.
fn deliver(writer: &Writer, record: &Record) {
    for _ in 0..5 {
        if writer.handle(vec![message("m", &record.to_json())]).is_empty() {
            return;
        }
    }
    panic!("never taken");
}

fn assert_ends_as_newest(writer: &Writer, context: &str) {
    let item = writer.item("r").expect("written");
    let newest = record("r", 3, "a");
    assert_eq!((item.body, item.ordering), (newest.body, newest.ordering), "{context}");
}

#[test]
fn every_order_of_messages_ends_as_the_newest() {
    let history = history();
    for order in permutations(history.len()) {
        let writer = Writer::new(4);
        order.iter().for_each(|index| deliver(&writer, &history[*index]));
        assert_ends_as_newest(&writer, &format!("{order:?}"));
    }
}

#[test]
fn lost_answers_and_refusals_at_any_call_change_nothing() {
    let history = history();
    for order in permutations(history.len()) {
        for place in 0..6 {
            for fault in [Fault::AnswerLost, Fault::Refused, Fault::Throttled] {
                let faults = std::iter::repeat_n(Fault::None, place).chain([fault, fault]);
                let writer = Writer::new(4).with_faults(faults);
                order.iter().for_each(|index| deliver(&writer, &history[*index]));
                assert_ends_as_newest(&writer, &format!("{order:?}, {fault:?} at {place}"));
            }
        }
    }
}

#[test]
fn delivering_everything_again_changes_nothing() {
    let history = history();
    for order in permutations(history.len()) {
        let writer = Writer::new(4);
        history.iter().for_each(|record| deliver(&writer, record));
        let before = writer.item("r");
        order.iter().for_each(|index| deliver(&writer, &history[*index]));
        assert_eq!(writer.item("r"), before, "{order:?}");
    }
}

#[test]
fn messages_of_one_id_in_one_batch_end_as_the_newest() {
    let history = history();
    for order in permutations(history.len()) {
        let writer = Writer::new(4);
        let batch = order.iter().map(|index| message(&format!("m{index}"), &history[*index].to_json()));
        assert!(writer.handle(batch.collect()).is_empty());
        assert_ends_as_newest(&writer, &format!("{order:?}"));
    }
}

#[test]
fn content_put_again_raises_the_ordering_and_no_revision() {
    let writer = Writer::new(4);
    deliver(&writer, &record("r", 1, "a"));
    deliver(&writer, &record("r", 2, "a"));
    let item = writer.item("r").expect("written");
    assert_eq!((item.revision, item.ordering), (1, record("r", 2, "a").ordering));
    assert_eq!(writer.outcomes(), ["written", "confirmed"]);
}

#[test]
fn duplicate_does_not_undo_a_deletion_and_newer_content_does() {
    let writer = Writer::new(4);
    deliver(&writer, &record("r", 1, "a"));
    writer.function.table.items.lock().unwrap().get_mut("r").unwrap().deleted = true;
    deliver(&writer, &record("r", 1, "a"));
    deliver(&writer, &record("r", 2, "a"));
    assert!(writer.item("r").expect("a tombstone").deleted);
    deliver(&writer, &record("r", 3, "b"));
    assert!(!writer.item("r").expect("a record").deleted);
}
