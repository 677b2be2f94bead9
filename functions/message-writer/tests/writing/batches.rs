//! What a batch does, and what is given back to the queue.

use message_writer::event::{BatchItemFailure, PartialBatchResponse};

use crate::support::{Fault, Writer, fifo_message, message, record};

#[test]
fn records_of_a_batch_are_written_side_by_side() {
    let writer = Writer::new(3);
    let messages = (0..10).map(|n| message(&format!("m{n}"), &record(&format!("r{n}"), 1, "a").to_json()));
    assert!(writer.handle(messages.collect()).is_empty());
    assert_eq!(*writer.function.table.most_under_way.lock().unwrap(), 3);
    assert!((0..10).all(|n| writer.item(&format!("r{n}")).is_some()));
}

#[test]
fn poison_is_given_back_and_the_rest_is_written() {
    let writer = Writer::new(16);
    let unknown_version = record("r2", 1, "a").to_json().replacen("\"version\":1", "\"version\":9", 1);
    let given_back = writer.handle(vec![
        message("m1", "not json"),
        message("m2", &unknown_version),
        message("m3", &record("r3", 1, "a").to_json()),
    ]);
    assert_eq!(given_back, ["m1", "m2"]);
    assert!(writer.item("r3").is_some());
}

#[test]
fn messages_of_one_id_in_a_batch_are_applied_in_their_ordering() {
    let writer = Writer::new(16);
    writer.handle(vec![
        message("m1", &record("r", 3, "c").to_json()),
        message("m2", &record("r", 1, "a").to_json()),
        message("m3", &record("r", 2, "b").to_json()),
    ]);
    let item = writer.item("r").expect("written");
    assert_eq!((item.revision, item.body.to_json()), (3, "\"c\"".to_owned()));
}

#[test]
fn failure_in_a_message_group_gives_back_the_rest_of_that_group_only() {
    let writer = Writer::new(1).with_faults([Fault::None, Fault::Refused]);
    let given_back = writer.handle(vec![
        fifo_message("a1", "A", &record("r1", 1, "a").to_json()),
        fifo_message("b1", "B", &record("r2", 1, "a").to_json()),
        fifo_message("a2", "A", &record("r3", 1, "a").to_json()),
        fifo_message("a3", "A", &record("r4", 1, "a").to_json()),
    ]);
    assert_eq!(given_back, ["a2", "a3"]);
    assert!(writer.item("r2").is_some(), "the other group goes on");
    assert!(writer.item("r4").is_none(), "what follows the failure is not touched");
}

#[test]
fn poison_in_a_message_group_holds_the_group() {
    let writer = Writer::new(16);
    let given_back = writer.handle(vec![
        fifo_message("a1", "A", "poison"),
        fifo_message("a2", "A", &record("r1", 1, "a").to_json()),
    ]);
    assert_eq!(given_back, ["a1", "a2"]);
}

#[test]
fn message_group_of_a_fair_queue_holds_nothing() {
    let writer = Writer::new(16);
    let mut messages = vec![message("m1", "poison"), message("m2", &record("r1", 1, "a").to_json())];
    for message in &mut messages {
        message["attributes"]["MessageGroupId"] = "tenant".into();
    }
    assert_eq!(writer.handle(messages), ["m1"]);
}

#[test]
fn throttling_is_backed_off_until_it_passes() {
    let writer = Writer::new(16).with_faults([Fault::Throttled; 5]);
    assert!(writer.handle(vec![message("m1", &record("r", 1, "a").to_json())]).is_empty());
    assert_eq!(writer.function.table.calls.lock().unwrap().len(), 6);
}

#[test]
fn throttling_until_the_deadline_gives_the_message_back_in_time() {
    let writer = Writer::new(16).with_faults([Fault::Throttled; 1_000]);
    let started = pipectl_invocation::clock::Clock::now(&*writer.clock);
    assert_eq!(writer.handle(vec![message("m1", &record("r", 1, "a").to_json())]), ["m1"]);
    let taken = pipectl_invocation::clock::Clock::now(&*writer.clock).duration_since(started).unwrap();
    assert!((20..30).contains(&taken.as_secs()), "{taken:?}");
}

#[test]
fn refusal_that_will_not_pass_is_not_repeated() {
    let writer = Writer::new(16).with_faults([Fault::Refused]);
    assert_eq!(writer.handle(vec![message("m1", &record("r", 1, "a").to_json())]), ["m1"]);
    assert_eq!(writer.function.table.calls.lock().unwrap().len(), 1);
}

#[test]
fn log_has_one_line_a_message_with_its_trace_and_no_content() {
    let writer = Writer::new(16);
    writer.handle(vec![message("m1", &record("r", 1, "secret").to_json()), message("m2", "secret")]);
    let lines = writer.output.lines();
    assert_eq!(lines.len(), 3, "two messages and the metrics");
    assert_eq!((&lines[1]["item"], &lines[1]["trace_id"]), (&"r".into(), &"Root=1-trace".into()));
    assert_eq!(writer.outcomes(), ["poison", "written"]);
    assert!(!format!("{lines:?}").contains("secret"));
    assert_eq!((&lines[2]["RecordsWritten"], &lines[2]["MessagesPoisonous"]), (&1.into(), &1.into()));
}

#[test]
fn response_is_as_lambda_expects() {
    let response = PartialBatchResponse {
        batch_item_failures: vec![BatchItemFailure { item_identifier: "m1".to_owned() }],
    };
    assert_eq!(
        serde_json::to_string(&response).unwrap(),
        r#"{"batchItemFailures":[{"itemIdentifier":"m1"}]}"#
    );
}
