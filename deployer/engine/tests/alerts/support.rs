//! A stack with one alarm that tells one topic, by which one person is told.

use std::collections::BTreeMap;

use pipectl_engine::alerts::fact::{
    Alarm, AlarmState, Metric, Subscription, SubscriptionState, Survey, Topic,
};
use pipectl_engine::alerts::judge::{Severity, judge};
use pipectl_engine::alerts::survey::survey;
use pipectl_engine::deployed::DeploymentMode;
use pipectl_engine::execute::{Inputs, up};
use pipectl_engine::plan::Wanted;
use pipectl_engine::port::{Answer, CloudFormation as _};
use pipectl_testkit::{ACCOUNT_ID, Answering, FakeAccount, FakeAlerting, finish};
use serde_json::{Value, json};

pub(crate) const STACK: &str = "feedback";
pub(crate) const MAIL: &str = "support@example.com";
pub(crate) const PHONE: &str = "+12065550100";

/// A deployed stack, and its alerts as they should be.
pub(crate) struct Scene {
    pub(crate) account: FakeAccount,
    pub(crate) alerting: FakeAlerting,
    /// ARN of the topic.
    pub(crate) topic: String,
    /// Name of the alarm.
    pub(crate) alarm: String,
}

fn policy(service: &str) -> Value {
    json!({"Statement": [{
        "Effect": "Allow", "Principal": {"Service": service}, "Action": "sns:Publish", "Resource": "*",
        "Condition": {"StringEquals": {"aws:SourceAccount": ACCOUNT_ID}},
    }]})
}

pub(crate) fn subscription(protocol: &str, endpoint: &str, state: SubscriptionState) -> Subscription {
    Subscription { protocol: protocol.to_owned(), endpoint: endpoint.to_owned(), state }
}

impl Scene {
    /// Deploys the stack; nothing is wrong with it.
    pub(crate) fn new() -> Self {
        let account = FakeAccount::new();
        let template = json!({"Resources": {
            "Depth": {"Type": "AWS::CloudWatch::Alarm", "Properties": {"AlarmName": "depth"}},
            "Key": {"Type": "AWS::KMS::Key", "Properties": {"KeyPolicy": {"Statement": [{
                "Effect": "Allow", "Principal": {"Service": "cloudwatch.amazonaws.com"}, "Resource": "*",
                "Action": ["kms:Decrypt", "kms:GenerateDataKey*"],
                "Condition": {"StringEquals": {"aws:SourceAccount": {"Ref": "AWS::AccountId"}}},
            }]}}},
        }});
        deploy(&account, template);
        let (alarm, topic) = (physical_id(&account, "Depth"), topic_arn());
        let mut alerting = FakeAlerting::default();
        alerting.alarms.borrow_mut().push(an_alarm(&alarm, &topic));
        alerting.topics.push((
            Topic {
                arn: topic.clone(),
                policy: policy("cloudwatch.amazonaws.com"),
                key: None,
                is_fifo: false,
            },
            vec![subscription("email", MAIL, SubscriptionState::Confirmed)],
        ));
        alerting.monthly_sms_spend_limit = Some(50);
        Self { account, alerting, topic, alarm }
    }

    /// The topic, to be changed.
    pub(crate) fn topic(&mut self) -> &mut Topic {
        &mut self.alerting.topics[0].0
    }

    /// Closes the topic to alarms.
    pub(crate) fn close_topic(&mut self) {
        self.topic().policy = policy("events.amazonaws.com");
    }

    /// Replaces the subscriptions of the topic.
    pub(crate) fn subscribe(&mut self, subscriptions: Vec<Subscription>) {
        self.alerting.topics[0].1 = subscriptions;
    }

    /// Changes the first alarm.
    pub(crate) fn alarm(&self, change: impl FnOnce(&mut Alarm)) {
        change(&mut self.alerting.alarms.borrow_mut()[0]);
    }

    pub(crate) fn survey(&self) -> Survey {
        finish(survey(&self.account.cloudformation, &self.alerting, STACK)).unwrap()
    }

    /// Severity and name of each finding.
    pub(crate) fn findings(&self) -> Vec<(Severity, &'static str)> {
        judge(&self.survey()).iter().map(|it| (it.kind.severity(), it.kind.name())).collect()
    }

    /// Physical ID of a resource of the stack.
    pub(crate) fn physical_id(&self, logical_id: &str) -> String {
        physical_id(&self.account, logical_id)
    }
}

/// An alarm that tells a topic, and is fine.
pub(crate) fn an_alarm(name: &str, topic: &str) -> Alarm {
    Alarm {
        name: name.to_owned(),
        arn: format!("arn:aws:cloudwatch:eu-central-1:{ACCOUNT_ID}:alarm:{name}"),
        state: AlarmState::Ok,
        actions_enabled: true,
        alarm_actions: vec![topic.to_owned()],
        metric: Some(Metric {
            namespace: "AWS/SQS".to_owned(),
            name: "ApproximateNumberOfMessagesVisible".to_owned(),
            dimensions: vec![("QueueName".to_owned(), "dlq".to_owned())],
        }),
    }
}

fn topic_arn() -> String {
    format!("arn:aws:sns:eu-central-1:{ACCOUNT_ID}:support")
}

fn deploy(account: &FakeAccount, template: Value) {
    let wanted = Wanted {
        stack: STACK.to_owned(),
        template,
        given: BTreeMap::new(),
        tags: BTreeMap::new(),
        mode: DeploymentMode::Standard,
    };
    let inputs = Inputs { wanted, functions: BTreeMap::new() };
    let approver = Answering::with(Answer::Approved);
    finish(up(&account.ports(), &account.packager, &approver, &inputs)).unwrap();
}

fn physical_id(account: &FakeAccount, logical_id: &str) -> String {
    let resources = finish(account.cloudformation.resources(STACK)).unwrap();
    resources.into_iter().find(|it| it.logical_id == logical_id).unwrap().physical_id.unwrap()
}
