//! The lines that CloudWatch gets.

use std::sync::Arc;
use std::time::Duration;

use pipectl_invocation::clock::Clock as _;
use pipectl_invocation::log::{Item, Level, Log};
use pipectl_invocation::metrics::Metrics;
use pipectl_invocation::testing::{FakeClock, RecorderOutput};
use serde_json::json;

#[test]
fn item_line_has_its_fixed_fields_and_details() {
    let (clock, output) = (FakeClock::new(), Arc::new(RecorderOutput::default()));
    let log = Log::new(Level::Info, output.clone(), clock.clone());
    let item = Item { id: "order-1", outcome: "written", started: clock.now(), trace_id: Some("Root=1") };
    clock.advance(Duration::from_millis(12));

    log.item(Level::Info, "record written", &item, &[("revision", json!(2))]);

    let expected = json!({
        "timestamp": "2026-11-23T13:00:00.012Z", "level": "INFO", "message": "record written", "item": "order-1",
        "outcome": "written", "duration_ms": 12, "trace_id": "Root=1", "revision": 2,
    });
    assert_eq!(output.lines(), [expected]);
}

#[test]
fn lines_lighter_than_the_level_are_left_out() {
    let (clock, output) = (FakeClock::new(), Arc::new(RecorderOutput::default()));
    let log = Log::new(Level::Warn, output.clone(), clock);
    log.write(Level::Info, "left out", &[]);
    log.write(Level::Warn, "written", &[]);
    assert_eq!(output.lines().len(), 1);
}

#[test]
fn metrics_are_one_line_of_the_embedded_metric_format() {
    let (clock, output) = (FakeClock::new(), RecorderOutput::default());
    let mut metrics = Metrics::new("pipectl", "ingest-writer");
    metrics.count("RecordsWritten", 2);
    metrics.count("RecordsWritten", 1);
    metrics.count("RecordsFailed", 0);

    metrics.publish(&output, clock.now());

    let expected = json!({
        "_aws": {
            "Timestamp": 1_795_438_800_000_u64,
            "CloudWatchMetrics": [{
                "Namespace": "pipectl",
                "Dimensions": [["FunctionName"]],
                "Metrics": [{"Name": "RecordsFailed", "Unit": "Count"}, {"Name": "RecordsWritten", "Unit": "Count"}],
            }],
        },
        "FunctionName": "ingest-writer",
        "RecordsFailed": 0,
        "RecordsWritten": 3,
    });
    assert_eq!(output.lines(), [expected]);
}
