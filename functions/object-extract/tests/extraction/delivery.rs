//! Events that repeat, objects that vanish, connections that break, queues that refuse.

use std::collections::BTreeSet;
use std::time::Duration;

use crate::support::{Answer, Extract, Reopening};
use object_extract::effects::Destination;
use object_extract::handler::{ExtractError, HandlerError};
use pipectl_invocation::aws_error::{AwsError, Retry};

/// `count` lines of JSON.
fn lines(count: usize) -> String {
    (0..count).map(|number| format!("{{\"n\":{number}}}\n")).collect()
}

#[test]
fn event_delivered_twice_queues_equal_messages() {
    let extract = Extract::new(&[], "x.jsonl", lines(3));
    extract.put(&["x.jsonl"], "A1").expect("nothing fails");
    extract.put(&["x.jsonl"], "A1").expect("nothing fails");
    let messages = extract.messages(Destination::Records);
    assert_eq!(messages[..3], messages[3..]);
}

#[test]
fn object_put_twice_keeps_ids_and_deduplication_ids_and_orders_later() {
    let extract = Extract::new(&[], "x.jsonl", lines(1));
    extract.put(&["x.jsonl"], "FF").expect("nothing fails");
    extract.put(&["x.jsonl"], "100").expect("nothing fails");
    let records = extract.records();
    assert_eq!(records[0].id, records[1].id);
    assert_eq!(records[0].deduplication_id, records[1].deduplication_id);
    assert!(records[0].ordering < records[1].ordering);
    // Else a FIFO queue would drop content that returns to a former state within five minutes.
    let messages = extract.messages(Destination::Records);
    assert_ne!(messages[0].deduplication_id, messages[1].deduplication_id);
}

#[test]
fn equal_lines_of_one_object_are_different_records() {
    let extract = Extract::new(&[], "x.txt", "same\nsame\n");
    extract.put(&["x.txt"], "1").expect("nothing fails");
    let ids: BTreeSet<_> = extract.records().into_iter().map(|record| record.id).collect();
    assert_eq!(ids.len(), 2);
}

#[test]
fn later_line_with_the_same_id_is_newer() {
    let extract = Extract::new(&[("ID_FIELD", "n")], "x.jsonl", "{\"n\":1}\n".repeat(11));
    extract.put(&["x.jsonl"], "1").expect("nothing fails");
    let mut records = extract.records();
    records.sort_by_key(|record| record.position);
    assert!(records.is_sorted_by(|earlier, later| earlier.ordering < later.ordering));
}

#[test]
fn key_is_decoded_and_the_version_read() {
    let extract = Extract::new(&[], "in box/new+orders.jsonl", lines(1));
    let event = serde_json::from_str(include_str!("events/put.json")).expect("a legal event");
    extract.handle(&event).expect("nothing fails");
    assert_eq!(extract.records()[0].source, "s3://uploads/in box/new+orders.jsonl");
    let opened = extract.function.store.opened.lock().expect("no panic");
    assert_eq!(opened[0].version_id.as_deref(), Some("096fKKXTRTtl3on89fVO.nfljtsv6qko"));
}

#[test]
fn messages_carry_the_trace_of_the_invocation() {
    let extract = Extract::new(&[], "x.jsonl", lines(1));
    extract.put(&["x.jsonl"], "1").expect("nothing fails");
    let trace_id = extract.messages(Destination::Records)[0].trace_id.clone();
    assert_eq!(trace_id.as_deref(), Some("Root=1-5759e988-bd862e3fe1be46a994272793;Sampled=1"));
}

#[test]
fn object_deleted_before_it_was_read_is_a_success() {
    let extract = Extract::new(&[], "x.jsonl", "");
    extract.put(&["gone.jsonl"], "1").expect("gone is no failure");
    assert_eq!(extract.output.lines()[0]["outcome"], "gone");
}

#[test]
fn failing_object_does_not_keep_others_from_being_queued() {
    let mut extract = Extract::new(&[], "bad.jsonl", lines(1));
    extract.function.store.contents.insert("good.jsonl".to_owned(), lines(2).into_bytes());
    let refused = AwsError {
        operation: "sqs:SendMessage",
        code: Some("AccessDenied".to_owned()),
        message: "no".to_owned(),
        request_id: None,
        retry: Retry::Useless,
    };
    extract.function.queue.script.lock().expect("no panic").push_back(Answer::Fail(refused));
    let error = extract.put(&["bad.jsonl", "good.jsonl"], "1").expect_err("one object failed");
    assert_eq!((error.failed, error.objects), (1, 2));
    assert_eq!(extract.records().len(), 2);
}

#[test]
fn only_the_refused_messages_of_a_batch_are_sent_again() {
    let extract = Extract::new(&[("BATCHES_IN_FLIGHT", "1")], "x.jsonl", lines(10));
    extract
        .function
        .queue
        .script
        .lock()
        .expect("no panic")
        .extend([Answer::Refuse(vec![2, 7]), Answer::Refuse(vec![1])]);
    extract.put(&["x.jsonl"], "1").expect("refusals pass");
    let sizes: Vec<usize> =
        extract.function.queue.requests.lock().expect("no panic").iter().map(|(_, size)| *size).collect();
    assert_eq!(sizes, [10, 2, 1]);
    assert_eq!(extract.bodies().len(), 10);
}

#[test]
fn message_refused_for_good_fails_the_invocation() {
    let extract = Extract::new(&[], "x.jsonl", lines(1));
    let script = (0..6).map(|_| Answer::Refuse(vec![0]));
    extract.function.queue.script.lock().expect("no panic").extend(script);
    let error = extract.put(&["x.jsonl"], "1").expect_err("refused six times");
    assert_eq!(
        pipectl_invocation::log::chain(&error),
        "1 of 1 objects could not be extracted: sending failed: 1 messages were refused in each of 6 attempts: \
         entry 0 refused with `InternalError`"
    );
}

#[test]
fn batches_under_way_stay_within_the_setting() {
    let extract = Extract::new(&[("BATCHES_IN_FLIGHT", "3")], "x.jsonl", lines(200));
    extract.put(&["x.jsonl"], "1").expect("nothing fails");
    assert_eq!(*extract.function.queue.most_under_way.lock().expect("no panic"), 3);
    assert_eq!(extract.bodies().len(), 200);
}

#[test]
fn batches_of_large_messages_wait_for_each_other() {
    let line = format!("{}\n", "x".repeat(300_000));
    let extract = Extract::new(&[], "x.txt", line.repeat(30));
    extract.put(&["x.txt"], "1").expect("nothing fails");
    assert_eq!(*extract.function.queue.most_under_way.lock().expect("no panic"), 3);
    assert_eq!(extract.bodies().len(), 30);
}

#[test]
fn object_as_message_group_is_sent_one_batch_at_a_time_and_in_order() {
    let set = [("QUEUE_URL", "https://sqs/messages.fifo"), ("MESSAGE_GROUP", "object")];
    let extract = Extract::new(&set, "x.jsonl", lines(50));
    extract.put(&["x.jsonl"], "1").expect("nothing fails");
    assert_eq!(*extract.function.queue.most_under_way.lock().expect("no panic"), 1);
    assert!(extract.records().is_sorted_by_key(|record| record.position));
    let groups: BTreeSet<String> =
        extract.messages(Destination::Records).into_iter().map(|message| message.group_id).collect();
    assert_eq!(groups.len(), 1);
}

#[test]
fn broken_connection_is_taken_up_where_it_broke() {
    let extract = Extract::new(&[], "x.jsonl", lines(500));
    extract.function.store.breaks.lock().expect("no panic").extend([0, 1_500, 1_500, 3_000]);
    extract.put(&["x.jsonl"], "1").expect("the content is read in the end");
    assert_eq!(extract.bodies().len(), 500);
    let opened = extract.function.store.opened.lock().expect("no panic");
    let offsets: Vec<u64> = opened.iter().map(|opened| opened.from).collect();
    assert_eq!(offsets, [0, 0, 2_000, 2_000, 3_000]);
    assert!(opened[1..].iter().all(|opened| opened.entity_tag.as_deref() == Some("\"tag\"")));
}

/// Extracts 500 lines over a connection that breaks within the second thousand bytes.
fn extract_over_a_break(reopening: Reopening) -> (Extract, Result<(), HandlerError>) {
    let mut extract = Extract::new(&[], "x.jsonl", lines(500));
    extract.function.store.reopening = reopening;
    extract.function.store.breaks.lock().expect("no panic").extend([2_000]);
    let result = extract.put(&["x.jsonl"], "1");
    (extract, result)
}

#[test]
fn rest_that_starts_too_early_is_read_from_where_the_connection_broke() {
    for reopening in [Reopening::Whole, Reopening::PartFrom(-700), Reopening::PartFrom(-1)] {
        let (extract, result) = extract_over_a_break(reopening);
        result.expect("the content is read in the end");
        let expected: Vec<String> = (0..500).map(|number| format!("{{\"n\":{number}}}")).collect();
        assert_eq!((extract.bodies(), extract.rejects()), (expected, vec![]), "{reopening:?}");
    }
}

#[test]
fn rest_that_is_not_shown_to_go_on_fails_the_invocation() {
    for (reopening, sent) in [
        (Reopening::PartFrom(1), "content from byte 2001 on"),
        (Reopening::OtherContent, "content with entity tag `\"other\"` instead of `\"tag\"`"),
        (Reopening::Untagged, "content with entity tag none instead of `\"tag\"`"),
    ] {
        let (_, result) = extract_over_a_break(reopening);
        assert_eq!(
            pipectl_invocation::log::chain(&result.expect_err("not the rest")),
            format!(
                "1 of 1 objects could not be extracted: reading failed: reading could not be taken up again at \
                 byte 2000: the store sent {sent}"
            )
        );
    }
}

#[test]
fn connection_that_never_holds_fails_the_invocation() {
    let extract = Extract::new(&[], "x.jsonl", lines(1));
    extract.function.store.breaks.lock().expect("no panic").extend([0; 4]);
    extract.put(&["x.jsonl"], "1").expect_err("four attempts brought nothing");
}

#[test]
fn invocation_stops_by_itself_before_its_deadline() {
    let mut extract = Extract::new(&[("BATCHES_IN_FLIGHT", "1")], "x.jsonl", lines(500));
    // The pauses after five refusals take longer than the time left.
    extract.function.queue.script.lock().expect("no panic").extend((0..5).map(|_| Answer::Refuse(vec![0])));
    extract.time_left = Duration::from_secs(1);
    let error = extract.put(&["x.jsonl"], "1").expect_err("the time is up");
    assert!(matches!(*error.first, ExtractError::Deadline { position } if position.number > 1), "{error:?}");
}

#[test]
fn metrics_count_records_and_rejects() {
    let extract = Extract::new(&[], "x.jsonl", "1\n2\nx\n");
    extract.put(&["x.jsonl"], "1").expect("nothing fails");
    let line = extract.output.lines().pop().expect("the metrics");
    assert_eq!(
        (&line["RecordsQueued"], &line["RecordsRejected"], &line["BytesRead"]),
        (&2.into(), &1.into(), &6.into())
    );
}

#[test]
fn log_has_one_line_an_object_and_no_content() {
    let extract = Extract::new(&[], "x.jsonl", "{\"secret\":1}\n{\"secret\":\n");
    extract.put(&["x.jsonl"], "1").expect("nothing fails");
    let lines = extract.output.lines();
    assert_eq!(lines.len(), 2, "the object and the metrics");
    assert_eq!(lines[0]["item"], "s3://uploads/x.jsonl");
    assert!(!format!("{lines:?}").contains("secret"));
}
