//! Alarms and topics that tests set up by hand.

use std::cell::{Ref, RefCell};
use std::collections::BTreeMap;

use pipectl_engine::alerts::fact::{
    ActionTaken, Alarm, AlarmState, Metric, SandboxNumber, Subscription, Topic,
};
use pipectl_engine::alerts::port::Alerting;
use pipectl_engine::aws_error::{AwsError, AwsErrorCode};

/// CloudWatch alarms and SNS as a test describes them.
///
/// - [`raise`](Alerting::raise) sets the state, and takes the alarm's actions if they are enabled and
///   the state was another; each action succeeds unless its target is among
///   [`rejecting`](Self::rejecting). Nothing sets the state right by itself.
/// - A metric has data unless its namespace is among [`silent`](Self::silent).
/// - An operation among [`refused`](Self::refused) fails with its code, whatever is asked.
/// - Left out: who may publish. The policy of a topic is data for the engine to judge.
#[derive(Debug, Clone, Default)]
pub struct FakeAlerting {
    /// The alarms.
    pub alarms: RefCell<Vec<Alarm>>,
    /// The topics with their subscriptions.
    pub topics: Vec<(Topic, Vec<Subscription>)>,
    /// Namespaces without data.
    pub silent: Vec<String>,
    /// Whether the account is in the SMS sandbox.
    pub in_sms_sandbox: bool,
    /// Numbers of the sandbox.
    pub sandbox_numbers: Vec<SandboxNumber>,
    /// Spend limit for SMS.
    pub monthly_sms_spend_limit: Option<u32>,
    /// Targets that fail.
    pub rejecting: Vec<String>,
    /// Operations that fail, and how.
    pub refused: BTreeMap<&'static str, AwsErrorCode>,
    taken: RefCell<Vec<(String, ActionTaken)>>,
    reasons: RefCell<Vec<String>>,
}

impl FakeAlerting {
    /// Lists the reasons of all alarms that were raised, oldest first.
    #[must_use]
    pub fn reasons(&self) -> Vec<String> {
        self.reasons.borrow().clone()
    }

    fn check(&self, service: &'static str, operation: &'static str) -> Result<(), AwsError> {
        match self.refused.get(operation) {
            None => Ok(()),
            Some(code) => Err(AwsError {
                service,
                operation,
                code: code.clone(),
                message: "refused by the test".to_owned(),
                request_id: None,
            }),
        }
    }

    fn find(&self, arn: &str) -> Option<&(Topic, Vec<Subscription>)> {
        self.topics.iter().find(|(topic, _)| topic.arn == arn)
    }

    fn all(&self) -> Ref<'_, Vec<Alarm>> {
        self.alarms.borrow()
    }
}

impl Alerting for FakeAlerting {
    async fn alarms(&self, names: &[String]) -> Result<Vec<Alarm>, AwsError> {
        self.check("CloudWatch", "DescribeAlarms")?;
        Ok(self.all().iter().filter(|alarm| names.contains(&alarm.name)).cloned().collect())
    }

    async fn has_data(&self, metric: &Metric) -> Result<bool, AwsError> {
        self.check("CloudWatch", "ListMetrics")?;
        Ok(!self.silent.contains(&metric.namespace))
    }

    async fn topic(&self, arn: &str) -> Result<Option<Topic>, AwsError> {
        self.check("SNS", "GetTopicAttributes")?;
        Ok(self.find(arn).map(|(topic, _)| topic.clone()))
    }

    async fn subscriptions(&self, topic_arn: &str) -> Result<Vec<Subscription>, AwsError> {
        self.check("SNS", "ListSubscriptionsByTopic")?;
        Ok(self.find(topic_arn).map(|(_, subscriptions)| subscriptions.clone()).unwrap_or_default())
    }

    async fn is_in_sms_sandbox(&self) -> Result<bool, AwsError> {
        self.check("SNS", "GetSMSSandboxAccountStatus")?;
        Ok(self.in_sms_sandbox)
    }

    async fn sandbox_numbers(&self) -> Result<Vec<SandboxNumber>, AwsError> {
        self.check("SNS", "ListSMSSandboxPhoneNumbers")?;
        Ok(self.sandbox_numbers.clone())
    }

    async fn monthly_sms_spend_limit(&self) -> Result<Option<u32>, AwsError> {
        self.check("SNS", "GetSMSAttributes")?;
        Ok(self.monthly_sms_spend_limit)
    }

    async fn raise(&self, alarm: &str, reason: &str) -> Result<(), AwsError> {
        self.check("CloudWatch", "SetAlarmState")?;
        let mut alarms = self.alarms.borrow_mut();
        let found = alarms.iter_mut().find(|it| it.name == alarm);
        let found = found.ok_or_else(|| AwsError {
            service: "CloudWatch",
            operation: "SetAlarmState",
            code: AwsErrorCode::NotFound,
            message: format!("there is no alarm `{alarm}`"),
            request_id: None,
        })?;
        self.reasons.borrow_mut().push(reason.to_owned());
        let before = std::mem::replace(&mut found.state, AlarmState::Alarm);
        if before != AlarmState::Alarm && found.actions_enabled {
            let taken = found.alarm_actions.iter().map(|target| {
                let error = self.rejecting.contains(target).then(|| "refused by the test".to_owned());
                (alarm.to_owned(), ActionTaken { target: target.clone(), error })
            });
            self.taken.borrow_mut().extend(taken);
        }
        Ok(())
    }

    async fn actions_taken(&self, alarm: &str, _since_ms: i64) -> Result<Vec<ActionTaken>, AwsError> {
        self.check("CloudWatch", "DescribeAlarmHistory")?;
        let taken = self.taken.borrow();
        Ok(taken.iter().filter(|(name, _)| name == alarm).map(|(_, action)| action.clone()).collect())
    }
}
