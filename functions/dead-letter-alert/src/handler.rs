//! One change of the alarm's state.

use std::sync::Arc;

use pipectl_invocation::aws_error::AwsError;
use pipectl_invocation::clock::Clock;
use pipectl_invocation::invocation::Invocation;
use pipectl_invocation::log::{Item, Level, Log, chain};
use pipectl_invocation::metrics::Metrics;
use serde_json::Value;

use crate::config::Config;
use crate::effects::{DeadLetterQueue, Topic};
use crate::event::AlarmEvent;
use crate::notice::Findings;
use crate::sample;

/// What the function is made of.
pub struct Function<Q, T> {
    /// Settings.
    pub config: Config,
    /// The dead-letter queue.
    pub queue: Q,
    /// Where the notice goes.
    pub topic: T,
    /// Time.
    pub clock: Arc<dyn Clock>,
    /// Log lines.
    pub log: Log,
}

/// Publishes a notice when the alarm went off, and counts into `metrics`; other states pass in silence.
///
/// # Errors
/// [`AwsError`] when the queue could not be looked at or the notice not be published. Lambda then repeats the event.
pub async fn handle<Q: DeadLetterQueue, T: Topic>(
    event: &AlarmEvent,
    invocation: &Invocation,
    function: &Function<Q, T>,
    metrics: &mut Metrics,
) -> Result<(), AwsError> {
    let started = function.clock.now();
    let result = if event.is_alarm() { alert(event, invocation, function).await.map(Some) } else { Ok(None) };
    metrics.count("NoticesPublished", u64::from(matches!(result, Ok(Some(_)))));
    let (level, outcome, detail) = match &result {
        Ok(Some(looked_at)) => (Level::Info, "published", ("looked_at", Value::from(*looked_at))),
        Ok(None) => (Level::Info, "ignored", ("state", Value::from(event.alarm_data.state.value.as_str()))),
        Err(error) => (Level::Error, "failed", ("error", Value::from(chain(error)))),
    };
    let item =
        Item { id: &event.alarm_data.alarm_name, outcome, started, trace_id: invocation.trace_id.as_deref() };
    function.log.item(level, "alarm changed", &item, &[detail]);
    result.map(drop)
}

/// Returns how many messages were looked at.
async fn alert<Q: DeadLetterQueue, T: Topic>(
    event: &AlarmEvent,
    invocation: &Invocation,
    function: &Function<Q, T>,
) -> Result<usize, AwsError> {
    let Function { config, queue, topic, clock, .. } = function;
    let description = queue.describe().await?;
    let sample = sample::take(queue, config.sample_size, &**clock, invocation).await?;
    let findings = Findings {
        alarm: event,
        queue_url: &config.queue_url,
        queue: &description,
        sample: &sample,
        include_excerpts: config.include_excerpts,
    };
    topic.publish(&findings.notice()).await?;
    Ok(sample.len())
}
