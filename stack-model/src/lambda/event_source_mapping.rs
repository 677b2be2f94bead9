//! `AWS::Lambda::EventSourceMapping`: Lambda polls a queue or stream and invokes a function with batches.
//!
//! The properties for SQS, and those that DynamoDB streams and Kinesis add.

use serde::Serialize;

use super::DestinationConfig;
use crate::resource::UpdateBehavior::{NoInterruption, Replacement};
use crate::resource::{Property, Resource, Tag};
use crate::unit::{Count, Seconds, ranged};
use crate::value::Value;

ranged!(
    /// Most records in one invocation. SQS: 10,000 for standard queues (above 10 with a batching window), 10 for
    /// FIFO.
    ///
    /// Source: AWS::Lambda::EventSourceMapping, BatchSize.
    BatchSize(Count, "BatchSize", 1..=10_000)
);
ranged!(
    /// Time Lambda gathers records before it invokes the function.
    ///
    /// Source: AWS::Lambda::EventSourceMapping, MaximumBatchingWindowInSeconds.
    MaximumBatchingWindow(Seconds, "MaximumBatchingWindowInSeconds", 0..=300)
);
ranged!(
    /// Most invocations at the same time for one SQS mapping.
    ///
    /// Source: AWS::Lambda::EventSourceMapping, ScalingConfig.MaximumConcurrency.
    MaximumConcurrency(Count, "ScalingConfig.MaximumConcurrency", 2..=1_000)
);

/// What the function's answer may say about a batch.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub enum FunctionResponseType {
    /// The answer lists the records that failed; only these are tried again.
    ReportBatchItemFailures,
}

/// How far a mapping of a queue scales.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct ScalingConfig {
    /// Most invocations at the same time.
    pub maximum_concurrency: Value<MaximumConcurrency>,
}

/// Which records invoke the function; others are dropped.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct FilterCriteria {
    /// Patterns, 5 by default quota; one match is enough.
    pub filters: Vec<Filter>,
}

/// One pattern.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct Filter {
    /// The pattern as JSON text, at most 4,096 characters.
    pub pattern: Value<String>,
}

/// Lambda polls a queue or stream and invokes a function with batches.
///
/// `Ref` gives its ID. Source: AWS::Lambda::EventSourceMapping.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct EventSourceMapping {
    /// Most records in one invocation; all of them fit in 6 MB.
    ///
    /// Shape: `1..=10_000`. AWS default when absent: 10 for SQS, 100 for streams. Update: no interruption.
    /// Law: E3006. Source: AWS::Lambda::EventSourceMapping, BatchSize.
    pub batch_size: Option<Value<BatchSize>>,
    /// Streams only: whether a failed batch is split in two.
    ///
    /// AWS default when absent: false. Update: no interruption.
    /// Source: AWS::Lambda::EventSourceMapping, BisectBatchOnFunctionError.
    pub bisect_batch_on_function_error: Option<Value<bool>>,
    /// Streams only: where records go that failed for good.
    ///
    /// Update: no interruption. Source: AWS::Lambda::EventSourceMapping, DestinationConfig.
    pub destination_config: Option<DestinationConfig>,
    /// Whether Lambda polls.
    ///
    /// AWS default when absent: true. Update: no interruption.
    /// Source: AWS::Lambda::EventSourceMapping, Enabled.
    pub enabled: Option<Value<bool>>,
    /// ARN of the queue or stream.
    ///
    /// Update: replacement. Source: AWS::Lambda::EventSourceMapping, EventSourceArn.
    pub event_source_arn: Value<String>,
    /// Which records invoke the function; SQS deletes the others.
    ///
    /// Update: no interruption. Source: AWS::Lambda::EventSourceMapping, FilterCriteria.
    pub filter_criteria: Option<FilterCriteria>,
    /// The function, by name or ARN.
    ///
    /// Update: no interruption. Source: AWS::Lambda::EventSourceMapping, FunctionName.
    pub function_name: Value<String>,
    /// What the function's answer may say about a batch.
    ///
    /// AWS default when absent: a batch succeeds or fails as a whole. Update: no interruption.
    /// Source: AWS::Lambda::EventSourceMapping, FunctionResponseTypes.
    pub function_response_types: Option<Vec<FunctionResponseType>>,
    /// Time Lambda gathers records.
    ///
    /// Shape: whole seconds, `0..=300`; standard queues only. AWS default when absent: 0.
    /// Update: no interruption. Law: E3006.
    /// Source: AWS::Lambda::EventSourceMapping, MaximumBatchingWindowInSeconds.
    pub maximum_batching_window_in_seconds: Option<Value<MaximumBatchingWindow>>,
    /// SQS only: how far the mapping scales.
    ///
    /// AWS default when absent: 1,250 for standard queues. Update: no interruption. Laws: E3009, W3044.
    /// Source: AWS::Lambda::EventSourceMapping, ScalingConfig.
    pub scaling_config: Option<ScalingConfig>,
    /// Streams only: `LATEST`, `TRIM_HORIZON` or `AT_TIMESTAMP`.
    ///
    /// Update: replacement. Source: AWS::Lambda::EventSourceMapping, StartingPosition.
    pub starting_position: Option<Value<String>>,
    /// Tags of the mapping, 50 at most.
    ///
    /// Update: no interruption. Source: AWS::Lambda::EventSourceMapping, Tags.
    pub tags: Option<Vec<Tag>>,
}

impl EventSourceMapping {
    /// A mapping with nothing but source and function.
    #[must_use]
    pub fn new(event_source_arn: Value<String>, function_name: Value<String>) -> Self {
        Self {
            batch_size: None,
            bisect_batch_on_function_error: None,
            destination_config: None,
            enabled: None,
            event_source_arn,
            filter_criteria: None,
            function_name,
            function_response_types: None,
            maximum_batching_window_in_seconds: None,
            scaling_config: None,
            starting_position: None,
            tags: None,
        }
    }
}

impl Resource for EventSourceMapping {
    const TYPE: &'static str = "AWS::Lambda::EventSourceMapping";
    const ATTRIBUTES: &'static [&'static str] = &["EventSourceMappingArn", "Id"];
    const PROPERTIES: &'static [Property] = &[
        Property::optional("BatchSize", NoInterruption),
        Property::optional("BisectBatchOnFunctionError", NoInterruption),
        Property::optional("DestinationConfig", NoInterruption),
        Property::optional("Enabled", NoInterruption),
        Property::optional("EventSourceArn", Replacement),
        Property::optional("FilterCriteria", NoInterruption),
        Property::required("FunctionName", NoInterruption),
        Property::optional("FunctionResponseTypes", NoInterruption),
        Property::optional("MaximumBatchingWindowInSeconds", NoInterruption),
        Property::optional("ScalingConfig", NoInterruption),
        Property::optional("StartingPosition", Replacement),
        Property::optional("Tags", NoInterruption),
    ];
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::resource::{assert_properties_match, properties};

    #[test]
    fn full_mapping_renders_aws_names() {
        let mapping = EventSourceMapping {
            batch_size: Some(BatchSize::new(Count(100)).unwrap().into()),
            enabled: Some(true.into()),
            filter_criteria: Some(FilterCriteria { filters: vec![Filter { pattern: "{}".into() }] }),
            function_response_types: Some(vec![FunctionResponseType::ReportBatchItemFailures]),
            maximum_batching_window_in_seconds: Some(MaximumBatchingWindow::new(Seconds(1)).unwrap().into()),
            scaling_config: Some(ScalingConfig {
                maximum_concurrency: MaximumConcurrency::new(Count(2)).unwrap().into(),
            }),
            ..EventSourceMapping::new("q".into(), "f".into())
        };
        let expected = json!({
            "BatchSize": 100, "Enabled": true, "EventSourceArn": "q", "FunctionName": "f",
            "FilterCriteria": {"Filters": [{"Pattern": "{}"}]},
            "FunctionResponseTypes": ["ReportBatchItemFailures"],
            "MaximumBatchingWindowInSeconds": 1, "ScalingConfig": {"MaximumConcurrency": 2},
        });
        assert_eq!(properties(&mapping), expected);
        assert_properties_match(&mapping);
    }

    #[test]
    fn batch_size_edges() {
        assert!(BatchSize::new(Count(0)).is_err());
        assert!(BatchSize::new(Count(10_000)).is_ok());
        assert!(BatchSize::new(Count(10_001)).is_err());
    }

    #[test]
    fn maximum_concurrency_starts_at_two() {
        assert!(MaximumConcurrency::new(Count(1)).is_err());
        assert!(MaximumConcurrency::new(Count(2)).is_ok());
        assert!(MaximumConcurrency::new(Count(1_001)).is_err());
    }

    #[test]
    fn batching_window_ends_at_five_minutes() {
        assert!(MaximumBatchingWindow::new(Seconds(300)).is_ok());
        assert!(MaximumBatchingWindow::new(Seconds(301)).is_err());
    }
}
