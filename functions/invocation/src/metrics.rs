//! Metrics in CloudWatch's embedded metric format: a log line that CloudWatch Logs turns into metrics.
//!
//! Source: CloudWatch user guide, embedded metric format specification (read 2026-11-23).

use std::collections::BTreeMap;
use std::time::SystemTime;

use serde_json::{Value, json};

use crate::clock::epoch_milliseconds;
use crate::output::Output;

/// Counts of one invocation, published under the dimension `FunctionName`.
#[derive(Debug, Clone)]
pub struct Metrics {
    namespace: String,
    function_name: String,
    counts: BTreeMap<&'static str, u64>,
}

impl Metrics {
    /// No counts yet, for the CloudWatch namespace and the function named.
    #[must_use]
    pub fn new(namespace: &str, function_name: &str) -> Self {
        Self {
            namespace: namespace.to_owned(),
            function_name: function_name.to_owned(),
            counts: BTreeMap::new(),
        }
    }

    /// Adds `count` to the metric `name`. A metric counted with 0 is published as 0, so that alarms see data.
    pub fn count(&mut self, name: &'static str, count: u64) {
        *self.counts.entry(name).or_default() += count;
    }

    /// Writes the counts as one line; nothing when there are none.
    pub fn publish(&self, output: &dyn Output, now: SystemTime) {
        if self.counts.is_empty() {
            return;
        }
        let definitions: Vec<Value> =
            self.counts.keys().map(|name| json!({ "Name": name, "Unit": "Count" })).collect();
        let mut line = json!({
            "_aws": {
                "Timestamp": epoch_milliseconds(now),
                "CloudWatchMetrics": [{
                    "Namespace": self.namespace,
                    "Dimensions": [["FunctionName"]],
                    "Metrics": definitions,
                }],
            },
            "FunctionName": self.function_name,
        });
        for (name, count) in &self.counts {
            line[*name] = Value::from(*count);
        }
        output.line(&line.to_string());
    }
}
