//! E3002 to E3009, E3013: queues, their consumers and topics.

use stack_model::handle::AnyQueue;
use stack_model::lambda::{
    BatchSize, MaximumBatchingWindow, MaximumConcurrency, ReservedConcurrentExecutions, Timeout,
};
use stack_model::pipeline::{FunctionOptions, MessageOptions, QueueOptions, Redrive, TopicOptions};
use stack_model::sqs::{MaxReceiveCount, MessageRetentionPeriod, VisibilityTimeout};
use stack_model::unit::{Count, Seconds};

use crate::{codes, function, queue};

const NONE: [&str; 0] = [];

fn redrive(dead_letter_queue: &AnyQueue, count: u32) -> Redrive<AnyQueue> {
    let max_receive_count = MaxReceiveCount::new(Count(count)).unwrap();
    Redrive { dead_letter_queue: dead_letter_queue.clone(), max_receive_count }
}

fn with_dead_letter_queue(source_fifo: bool, target_fifo: bool) -> Vec<&'static str> {
    codes(|pipeline| {
        let target = queue(pipeline, "dlq", target_fifo);
        let options = QueueOptions { redrive: Some(redrive(&target, 5)), ..QueueOptions::default() };
        pipeline.any_queue("source", source_fifo, options);
    })
}

#[test]
fn dead_letter_queue_of_another_kind_is_e3002() {
    assert_eq!(with_dead_letter_queue(true, false), ["E3002"]);
    assert_eq!(with_dead_letter_queue(false, true), ["E3002"]);
    assert_eq!(with_dead_letter_queue(true, true), NONE);
}

#[test]
fn fifo_queue_where_a_standard_one_is_needed_is_e3003() {
    codes(|pipeline| {
        let fifo = queue(pipeline, "failures", true);
        let error = fifo.to_standard("on_failure").unwrap_err();
        assert_eq!(error.code.name, "E3003");
        assert!(queue(pipeline, "others", false).to_standard("on_failure").is_ok());
    });
}

fn with_visibility(seconds: u32) -> Vec<&'static str> {
    codes(|pipeline| {
        let visibility_timeout = Some(VisibilityTimeout::new(Seconds(seconds)).unwrap());
        let source = pipeline.any_queue(
            "source",
            false,
            QueueOptions { visibility_timeout, ..QueueOptions::default() },
        );
        let timeout = Timeout::constant(Seconds(60));
        let worker = pipeline.function("worker", FunctionOptions { timeout, ..FunctionOptions::default() });
        pipeline.on_message(&worker, &source, MessageOptions::default());
    })
}

#[test]
fn visibility_below_the_consumers_timeout_is_e3004() {
    assert_eq!(with_visibility(59), ["E3004"]);
    assert_ne!(with_visibility(60), ["E3004"]);
}

#[test]
fn visibility_below_six_timeouts_is_w3005() {
    assert_eq!(with_visibility(60), ["W3005"]);
    assert_eq!(with_visibility(359), ["W3005"]);
    assert_eq!(with_visibility(360), NONE);
}

fn with_batch(fifo: bool, size: u32, window: u32) -> Vec<&'static str> {
    codes(|pipeline| {
        let source = queue(pipeline, "source", fifo);
        let worker = function(pipeline);
        let options = MessageOptions {
            batch_size: BatchSize::new(Count(size)).unwrap(),
            batching_window: MaximumBatchingWindow::new(Seconds(window)).unwrap(),
            ..MessageOptions::default()
        };
        pipeline.on_message(&worker, &source, options);
    })
}

#[test]
fn batch_of_11_without_a_window_is_e3006() {
    assert_eq!(with_batch(false, 11, 0), ["E3006"]);
    assert_eq!(with_batch(false, 11, 1), NONE);
    assert_eq!(with_batch(false, 10, 0), NONE);
}

#[test]
fn fifo_batch_of_11_or_with_a_window_is_e3006() {
    assert_eq!(with_batch(true, 11, 0), ["E3006"]);
    assert_eq!(with_batch(true, 10, 1), ["E3006"]);
    assert_eq!(with_batch(true, 10, 0), NONE);
}

fn with_retention(fifo: bool, seconds: u32) -> Vec<&'static str> {
    codes(|pipeline| {
        let message_retention_period = Some(MessageRetentionPeriod::new(Seconds(seconds)).unwrap());
        let options = QueueOptions { message_retention_period, ..QueueOptions::default() };
        let target = pipeline.any_queue("dlq", fifo, options);
        let options = QueueOptions { redrive: Some(redrive(&target, 5)), ..QueueOptions::default() };
        pipeline.any_queue("source", fifo, options);
    })
}

#[test]
fn dead_letter_queue_that_keeps_no_longer_than_its_source_is_e3007_or_w3050() {
    assert_eq!(with_retention(false, 345_599), ["E3007"]);
    assert_eq!(with_retention(false, 345_600), ["W3050"]);
    assert_eq!(with_retention(false, 345_601), NONE);
    assert_eq!(with_retention(true, 345_600), NONE);
}

fn with_receives(count: u32) -> Vec<&'static str> {
    codes(|pipeline| {
        let target = queue(pipeline, "dlq", false);
        let options = QueueOptions { redrive: Some(redrive(&target, count)), ..QueueOptions::default() };
        let source = pipeline.any_queue("source", false, options);
        let worker = function(pipeline);
        pipeline.on_message(&worker, &source, MessageOptions::default());
    })
}

#[test]
fn four_receives_with_a_consumer_are_w3008() {
    assert_eq!(with_receives(4), ["W3008"]);
    assert_eq!(with_receives(5), NONE);
}

fn with_reserved(count: u32) -> Vec<&'static str> {
    codes(|pipeline| {
        let source = queue(pipeline, "source", false);
        let reserved_concurrent_executions = Some(ReservedConcurrentExecutions::new(Count(count)).unwrap());
        let options = FunctionOptions { reserved_concurrent_executions, ..FunctionOptions::default() };
        let worker = pipeline.function("worker", options);
        let maximum_concurrency = Some(MaximumConcurrency::constant(Count(5)));
        pipeline.on_message(
            &worker,
            &source,
            MessageOptions { maximum_concurrency, ..MessageOptions::default() },
        );
    })
}

#[test]
fn mapping_that_may_run_more_than_is_reserved_is_e3009() {
    assert_eq!(with_reserved(4), ["E3009"]);
    assert_eq!(with_reserved(5), NONE);
}

fn subscribed(topic_fifo: bool, queue_fifo: bool) -> Vec<&'static str> {
    codes(|pipeline| {
        let topic = pipeline.topic("news", TopicOptions { fifo: topic_fifo, ..TopicOptions::default() });
        let inbox = queue(pipeline, "inbox", queue_fifo);
        pipeline.subscribe_queue(&topic, &inbox);
    })
}

#[test]
fn fifo_queue_on_a_standard_topic_is_e3013() {
    assert_eq!(subscribed(false, true), ["E3013"]);
    assert_eq!(subscribed(true, true), NONE);
    assert_eq!(subscribed(true, false), NONE);
}
