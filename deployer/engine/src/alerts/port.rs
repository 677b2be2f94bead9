//! What the engine asks about alerts.
#![expect(async_fn_in_trait, reason = "one thread drives the engine, so no future needs to be Send")]

use crate::alerts::fact::{ActionTaken, Alarm, Metric, SandboxNumber, Subscription, Topic};
use crate::aws_error::AwsError;

/// CloudWatch alarms and SNS, by the verbs that an examination of alerts needs.
///
/// All methods but [`raise`](Self::raise) only read. All pages are read.
pub trait Alerting {
    /// Describes the alarms of these names, metric and composite ones; those that are not there are
    /// left out. No names, no call.
    async fn alarms(&self, names: &[String]) -> Result<Vec<Alarm>, AwsError>;

    /// Says whether a metric had data in the last two weeks: `ListMetrics` knows no older one.
    async fn has_data(&self, metric: &Metric) -> Result<bool, AwsError>;

    /// Reads a topic; `None` when there is none.
    async fn topic(&self, arn: &str) -> Result<Option<Topic>, AwsError>;

    /// Lists the subscriptions of a topic; empty when there is no topic.
    async fn subscriptions(&self, topic_arn: &str) -> Result<Vec<Subscription>, AwsError>;

    /// Says whether the account is in the SMS sandbox.
    async fn is_in_sms_sandbox(&self) -> Result<bool, AwsError>;

    /// Lists the destination numbers of the SMS sandbox.
    async fn sandbox_numbers(&self) -> Result<Vec<SandboxNumber>, AwsError>;

    /// Reads the account's `MonthlySpendLimit` for SMS, US dollars; `None` when it is not set.
    async fn monthly_sms_spend_limit(&self) -> Result<Option<u32>, AwsError>;

    /// Sets an alarm's state to `ALARM` with this reason, 0 to 1023 characters. Its actions are taken
    /// if it was in another state; CloudWatch sets the state right at the next evaluation.
    ///
    /// Fails with `NotFound` when there is no such alarm.
    async fn raise(&self, alarm: &str, reason: &str) -> Result<(), AwsError>;

    /// Lists what an alarm did at and after a time, in milliseconds since the Unix epoch.
    async fn actions_taken(&self, alarm: &str, since_ms: i64) -> Result<Vec<ActionTaken>, AwsError>;
}
