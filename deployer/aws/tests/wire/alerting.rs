//! The alerting port against prepared answers.

use aws_smithy_cbor::Encoder;
use pipectl_engine::alerts::fact::{AlarmState, Metric, SandboxNumber, Subscription, SubscriptionState};
use pipectl_engine::alerts::port::Alerting as _;
use pipectl_engine::aws_error::AwsErrorCode;
use serde_json::{Value, json};

use crate::support::{Answer, CannedAws, ok, status};

const TOPIC: &str = "arn:aws:sns:eu-west-1:111122223333:support";

/// CloudWatch speaks CBOR.
fn cbor(value: &Value) -> Answer {
    let mut encoder = Encoder::new(Vec::new());
    encode(&mut encoder, value);
    ok(encoder.into_writer())
        .with(&[("smithy-protocol", "rpc-v2-cbor"), ("content-type", "application/cbor")])
}

fn encode(encoder: &mut Encoder, value: &Value) {
    match value {
        Value::String(text) => {
            encoder.str(text);
        }
        Value::Bool(flag) => {
            encoder.boolean(*flag);
        }
        Value::Array(items) => {
            encoder.array(items.len());
            items.iter().for_each(|item| encode(encoder, item));
        }
        Value::Object(entries) => {
            encoder.map(entries.len());
            for (key, value) in entries {
                encoder.str(key);
                encode(encoder, value);
            }
        }
        other => panic!("{other} is not needed"),
    }
}

/// The answer of an SNS operation.
fn sns(operation: &str, body: &str) -> Answer {
    ok(format!(
        "<{operation}Response xmlns=\"http://sns.amazonaws.com/doc/2010-03-31/\"><{operation}Result>{body}\
         </{operation}Result></{operation}Response>"
    ))
}

fn depth() -> Metric {
    Metric {
        namespace: "AWS/SQS".to_owned(),
        name: "ApproximateNumberOfMessagesVisible".to_owned(),
        dimensions: vec![("QueueName".to_owned(), "dlq".to_owned())],
    }
}

#[tokio::test]
async fn alarms_of_both_kinds_are_read_from_all_pages() {
    let metric = json!({
        "AlarmName": "depth", "AlarmArn": "arn:depth", "StateValue": "ALARM", "ActionsEnabled": false,
        "AlarmActions": [TOPIC], "Namespace": "AWS/SQS", "MetricName": "ApproximateNumberOfMessagesVisible",
        "Dimensions": [{"Name": "QueueName", "Value": "dlq"}],
    });
    let composite = json!({
        "AlarmName": "any", "AlarmArn": "arn:any", "StateValue": "INSUFFICIENT_DATA", "ActionsEnabled": true,
    });
    let aws = CannedAws::answering([
        cbor(&json!({"MetricAlarms": [metric], "NextToken": "more"})),
        cbor(&json!({"CompositeAlarms": [composite]})),
    ]);
    let names = ["depth".to_owned(), "any".to_owned()];
    let alarms = aws.session().await.alerting().alarms(&names).await.unwrap();
    let [depth_alarm, any] = alarms.as_slice() else { panic!("{alarms:?}") };
    assert_eq!((depth_alarm.state, depth_alarm.actions_enabled), (AlarmState::Alarm, false));
    assert_eq!((&depth_alarm.alarm_actions, &depth_alarm.metric), (&vec![TOPIC.to_owned()], &Some(depth())));
    assert_eq!((any.state, any.actions_enabled, &any.metric), (AlarmState::InsufficientData, true, &None));
    assert!(aws.requests()[0].target.ends_with("/operation/DescribeAlarms"));
}

#[tokio::test]
async fn no_names_cost_no_call() {
    let aws = CannedAws::answering([]);
    assert_eq!(aws.session().await.alerting().alarms(&[]).await, Ok(Vec::new()));
    assert!(aws.requests().is_empty());
}

#[tokio::test]
async fn metric_with_more_dimensions_is_another_one() {
    let found = |names: &[&str]| {
        let dimensions: Vec<Value> = names.iter().map(|name| json!({"Name": name, "Value": "x"})).collect();
        cbor(&json!({"Metrics": [{"Namespace": "AWS/SQS", "MetricName": "m", "Dimensions": dimensions}]}))
    };
    let aws = CannedAws::answering([found(&["QueueName", "Other"]), found(&["QueueName"])]);
    let alerting = aws.session().await.alerting();
    assert_eq!(alerting.has_data(&depth()).await, Ok(false));
    assert_eq!(alerting.has_data(&depth()).await, Ok(true));
}

#[tokio::test]
async fn topic_is_read_with_its_policy_and_a_deleted_one_is_none() {
    let attributes = "<Attributes><entry><key>Policy</key><value>{&quot;Statement&quot;:[]}</value></entry>\
                      <entry><key>KmsMasterKeyId</key><value>alias/k</value></entry>\
                      <entry><key>FifoTopic</key><value>true</value></entry></Attributes>";
    let missing = "<ErrorResponse><Error><Code>NotFound</Code><Message>Topic does not exist</Message></Error>\
                   </ErrorResponse>";
    let aws = CannedAws::answering([
        sns("GetTopicAttributes", attributes),
        status(404, missing),
        status(404, missing),
    ]);
    let alerting = aws.session().await.alerting();
    let topic = alerting.topic(TOPIC).await.unwrap().unwrap();
    assert_eq!(
        (topic.policy, topic.key.as_deref(), topic.is_fifo),
        (json!({"Statement": []}), Some("alias/k"), true)
    );
    assert_eq!(alerting.topic(TOPIC).await, Ok(None));
    assert_eq!(alerting.subscriptions(TOPIC).await, Ok(Vec::new()));
}

#[tokio::test]
async fn subscription_without_an_arn_says_its_state_in_its_place() {
    let member = |arn: &str, end: &str| {
        format!(
            "<member><SubscriptionArn>{arn}</SubscriptionArn><Protocol>email</Protocol>\
             <Endpoint>a@example.com</Endpoint></member>{end}"
        )
    };
    let page = |members: String, more: &str| {
        sns("ListSubscriptionsByTopic", &format!("<Subscriptions>{members}</Subscriptions>{more}"))
    };
    let first = member("PendingConfirmation", "") + &member("Deleted", "");
    let aws = CannedAws::answering([
        page(first, "<NextToken>more</NextToken>"),
        page(member(&format!("{TOPIC}:1"), ""), ""),
    ]);
    let found = aws.session().await.alerting().subscriptions(TOPIC).await.unwrap();
    let states = found.iter().map(|it: &Subscription| it.state).collect::<Vec<_>>();
    assert_eq!(
        states,
        [SubscriptionState::Pending, SubscriptionState::Deleted, SubscriptionState::Confirmed]
    );
}

#[tokio::test]
async fn sms_settings_are_read() {
    let numbers = "<PhoneNumbers><member><PhoneNumber>+1</PhoneNumber><Status>Verified</Status></member><member>\
                   <PhoneNumber>+2</PhoneNumber><Status>Pending</Status></member></PhoneNumbers>";
    let limit = "<attributes><entry><key>MonthlySpendLimit</key><value>25</value></entry></attributes>";
    let aws = CannedAws::answering([
        sns("GetSMSSandboxAccountStatus", "<IsInSandbox>true</IsInSandbox>"),
        sns("ListSMSSandboxPhoneNumbers", numbers),
        sns("GetSMSAttributes", limit),
        sns("GetSMSAttributes", "<attributes/>"),
    ]);
    let alerting = aws.session().await.alerting();
    assert_eq!(alerting.is_in_sms_sandbox().await, Ok(true));
    let number = |number: &str, is_verified| SandboxNumber { number: number.to_owned(), is_verified };
    assert_eq!(alerting.sandbox_numbers().await, Ok(vec![number("+1", true), number("+2", false)]));
    assert_eq!(alerting.monthly_sms_spend_limit().await, Ok(Some(25)));
    assert_eq!(alerting.monthly_sms_spend_limit().await, Ok(None));
}

#[tokio::test]
async fn refusal_of_sns_is_access_denied() {
    let body =
        "<ErrorResponse><Error><Code>AuthorizationError</Code><Message>no</Message></Error></ErrorResponse>";
    let aws = CannedAws::answering([status(403, body)]);
    let error = aws.session().await.alerting().is_in_sms_sandbox().await.unwrap_err();
    assert_eq!((error.operation, error.code), ("GetSMSSandboxAccountStatus", AwsErrorCode::AccessDenied));
}

#[tokio::test]
async fn history_says_what_each_action_came_to() {
    let data = |state: &str, extra: &str| {
        format!(r#"{{"actionState":"{state}","notificationResource":"{TOPIC}"{extra}}}"#)
    };
    let item = |data: String| json!({"AlarmName": "depth", "HistoryItemType": "Action", "HistoryData": data});
    let items = [data("Succeeded", ""), data("Failed", r#","error":"not authorized""#), "no JSON".to_owned()];
    let items: Vec<Value> = items.into_iter().map(item).collect();
    let aws = CannedAws::answering([cbor(&json!({"AlarmHistoryItems": items}))]);
    let taken = aws.session().await.alerting().actions_taken("depth", 0).await.unwrap();
    let errors: Vec<Option<&str>> = taken.iter().map(|it| it.error.as_deref()).collect();
    assert_eq!(errors, [None, Some("not authorized")]);
    assert!(taken.iter().all(|it| it.target == TOPIC));
}

#[tokio::test]
async fn alarm_that_is_not_there_cannot_go_off() {
    let mut encoder = Encoder::new(Vec::new());
    encode(&mut encoder, &json!({"__type": "com.amazonaws.cloudwatch#ResourceNotFound", "message": "no"}));
    let answer = status(404, encoder.into_writer()).with(&[("smithy-protocol", "rpc-v2-cbor")]);
    let aws = CannedAws::answering([answer]);
    let error = aws.session().await.alerting().raise("depth", "a test").await.unwrap_err();
    assert_eq!((error.operation, error.code), ("SetAlarmState", AwsErrorCode::NotFound));
}
