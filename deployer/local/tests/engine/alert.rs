//! From a message in a dead-letter queue to the people who are told.

use pipectl_local::{Delivery, LocalEvent, Protocol, RunningEngine, inbox, reset};
use serde_json::{Value, json};

use crate::project::{Project, crash, create_stack, encode, query, sqs, until};

const MAIL: &str = "support@example.com";
const PHONE: &str = "+4915112345678";

/// A topic that e-mail and SMS subscribe to, and the policy that lets `principal` publish.
fn topic(name: &str, principal: &str) -> Value {
    let arn = json!({"Ref": name});
    let subscription = |protocol: &str, endpoint: &str| {
        json!({"Type": "AWS::SNS::Subscription", "Properties": {
            "TopicArn": arn, "Protocol": protocol, "Endpoint": endpoint
        }})
    };
    let allow = json!({
        "Effect": "Allow", "Principal": {"Service": principal}, "Action": "sns:Publish", "Resource": arn,
        "Condition": {
            "StringEquals": {"aws:SourceAccount": {"Ref": "AWS::AccountId"}},
            "ArnLike": {"aws:SourceArn": {"Fn::Sub": "arn:aws:cloudwatch:${AWS::Region}:${AWS::AccountId}:alarm:*"}},
        },
    });
    let policy = json!({"Version": "2012-10-17", "Statement": [allow]});
    json!({
        name: {"Type": "AWS::SNS::Topic"},
        format!("{name}Policy"): {"Type": "AWS::SNS::TopicPolicy", "Properties": {
            "Topics": [arn], "PolicyDocument": policy
        }},
        format!("{name}Mail"): subscription("email", MAIL),
        format!("{name}Phone"): subscription("sms", PHONE),
    })
}

fn queue(name: &str) -> Value {
    json!({"Type": "AWS::SQS::Queue", "Properties": {"QueueName": name}})
}

/// An alarm on anything above 0, which tells `actions` of both states.
fn alarm(namespace: &str, metric: &str, dimension: (&str, &str), actions: &[Value]) -> Value {
    json!({"Type": "AWS::CloudWatch::Alarm", "Properties": {
        "AlarmName": format!("{metric}-of-{}", dimension.1),
        "Namespace": namespace,
        "MetricName": metric,
        "Dimensions": [{"Name": dimension.0, "Value": dimension.1}],
        "Statistic": "Maximum",
        "Period": 60,
        "EvaluationPeriods": 1,
        "Threshold": 0,
        "ComparisonOperator": "GreaterThanThreshold",
        "TreatMissingData": "notBreaching",
        "AlarmActions": actions,
        "OKActions": actions,
    }})
}

fn depth_alarm(queue: &str, actions: &[Value]) -> Value {
    alarm("AWS/SQS", "ApproximateNumberOfMessagesVisible", ("QueueName", queue), actions)
}

/// Merges objects into the resources of a template.
fn template(parts: &[Value]) -> Value {
    let merged = parts.iter().flat_map(|part| part.as_object().unwrap().clone()).collect();
    json!({"Resources": Value::Object(merged)})
}

/// Deploys two queues; an alarm watches the depth of the one called `dlq`.
fn deploy(engine: &RunningEngine) {
    let resources = json!({
        "Dlq": queue("dlq"),
        "Other": queue("other"),
        "Depth": depth_alarm("dlq", &[json!({"Ref": "Alerts"})]),
    });
    let template = template(&[topic("Alerts", "cloudwatch.amazonaws.com"), resources]);
    assert_eq!(create_stack(engine, "alerting", &template), "CREATE_COMPLETE");
}

fn url(engine: &RunningEngine, queue: &str) -> Value {
    sqs(engine, "GetQueueUrl", &json!({"QueueName": queue}))["QueueUrl"].clone()
}

fn put(engine: &RunningEngine, queue: &str, messages: usize) {
    let url = url(engine, queue);
    for number in 0..messages {
        sqs(engine, "SendMessage", &json!({"QueueUrl": url, "MessageBody": number.to_string()}));
    }
}

fn purge(engine: &RunningEngine, queue: &str) {
    let url = url(engine, queue);
    sqs(engine, "PurgeQueue", &json!({"QueueUrl": url}));
}

/// Returns the states that the deliveries by e-mail speak of, in order.
fn mailed(project: &Project) -> Vec<String> {
    inbox(&project.home).unwrap().iter().filter(|it| it.protocol == Protocol::Email).map(state).collect()
}

fn state(delivery: &Delivery) -> String {
    let text = delivery.subject.as_ref().unwrap_or(&delivery.message);
    text.split(':').next().unwrap().to_owned()
}

/// Waits until e-mails speak of these states, and of no others.
async fn until_mailed(project: &Project, states: &[&str]) {
    until(|| mailed(project).len() >= states.len()).await;
    assert_eq!(mailed(project), states);
}

#[tokio::test]
async fn alarm_on_a_dead_letter_queue_tells_people_once_per_transition() {
    let project = Project::new();
    let engine = project.start().await.unwrap();
    deploy(&engine);
    put(&engine, "other", 1);
    until_mailed(&project, &["OK"]).await;
    put(&engine, "dlq", 3);
    until_mailed(&project, &["OK", "ALARM"]).await;
    purge(&engine, "dlq");
    until_mailed(&project, &["OK", "ALARM", "OK"]).await;
    put(&engine, "dlq", 1);
    until_mailed(&project, &["OK", "ALARM", "OK", "ALARM"]).await;

    // The SMS of a message is written after its e-mail.
    until(|| inbox(&project.home).unwrap().len() >= 8).await;
    let deliveries = inbox(&project.home).unwrap();
    let messages: Vec<_> = deliveries.iter().filter(|it| it.protocol == Protocol::Sms).collect();
    let told: Vec<String> = messages.iter().map(|it| state(it)).collect();
    assert_eq!(told, ["OK", "ALARM", "OK", "ALARM"]);
    assert!(messages.iter().all(|it| it.endpoint == PHONE && it.subject.is_none()));
    let mail = deliveries.iter().find(|it| it.protocol == Protocol::Email && state(it) == "ALARM").unwrap();
    assert_eq!(mail.endpoint, MAIL);
    assert!(mail.topic_arn.as_ref().unwrap().starts_with("arn:aws:sns:us-east-1:000000000000:"));
    assert!(mail.message.contains("State Change:               OK -> ALARM"), "{}", mail.message);
}

#[tokio::test]
async fn alarm_publishes_only_where_the_policy_of_the_topic_lets_it() {
    let project = Project::new();
    let engine = project.start().await.unwrap();
    let actions = [json!({"Ref": "Closed"}), json!({"Ref": "Open"})];
    let resources = json!({"Dlq": queue("dlq"), "Depth": depth_alarm("dlq", &actions)});
    let (closed, open) = (topic("Closed", "events.amazonaws.com"), topic("Open", "cloudwatch.amazonaws.com"));
    let template = template(&[closed, open, resources]);
    assert_eq!(create_stack(&engine, "alerting", &template), "CREATE_COMPLETE");
    until_mailed(&project, &["OK"]).await;
    let topics: Vec<String> =
        inbox(&project.home).unwrap().into_iter().filter_map(|it| it.topic_arn).collect();
    assert!(topics.iter().all(|arn| arn.contains("Open")), "{topics:?}");
}

#[tokio::test]
async fn alarm_invokes_a_function_and_its_failure_fires_the_alarm_on_errors() {
    let project = Project::new();
    let engine = project.start().await.unwrap();
    let function = json!({"Type": "AWS::Lambda::Function", "Properties": {
        "FunctionName": "failing",
        "Runtime": "python3.12",
        "Handler": "index.handler",
        "Role": "arn:aws:iam::000000000000:role/any",
        "Code": {"ZipFile": "def handler(event, context): raise Exception(event['alarmData']['state']['value'])"},
    }});
    let permission = json!({"Type": "AWS::Lambda::Permission", "Properties": {
        "Action": "lambda:InvokeFunction",
        "FunctionName": {"Fn::GetAtt": ["Function", "Arn"]},
        "Principal": "lambda.alarms.cloudwatch.amazonaws.com",
        "SourceArn": {"Fn::GetAtt": ["Depth", "Arn"]},
    }});
    let resources = json!({
        "Dlq": queue("dlq"),
        "Depth": depth_alarm("dlq", &[json!({"Fn::GetAtt": ["Function", "Arn"]})]),
        "Function": function,
        "Permission": permission,
        "Errors": alarm("AWS/Lambda", "Errors", ("FunctionName", "failing"), &[json!({"Ref": "Alerts"})]),
    });
    let template = template(&[topic("Alerts", "cloudwatch.amazonaws.com"), resources]);
    assert_eq!(create_stack(&engine, "alerting", &template), "CREATE_COMPLETE");
    put(&engine, "dlq", 1);
    until(|| mailed(&project).contains(&"ALARM".to_owned())).await;
    let deliveries = inbox(&project.home).unwrap();
    let mail = deliveries.iter().find(|it| state(it) == "ALARM").unwrap();
    assert!(mail.subject.as_ref().unwrap().contains("Errors-of-failing"));
}

#[tokio::test]
async fn crashed_engine_does_not_repeat_an_alert() {
    let project = Project::new();
    let engine = project.start().await.unwrap();
    deploy(&engine);
    until_mailed(&project, &["OK"]).await;
    put(&engine, "dlq", 1);
    until_mailed(&project, &["OK", "ALARM"]).await;
    let services = project.home.state_dir().join("services");
    let has = |file: &str, text: &str| {
        std::fs::read_to_string(services.join(file)).is_ok_and(|state| state.contains(text))
    };
    until(|| has("cloudwatch.json", r#""StateValue": "ALARM""#) && has("sqs.json", "dlq")).await;
    crash(&engine).await;
    let again = project.start().await.unwrap();
    purge(&again, "dlq");
    until_mailed(&project, &["OK", "ALARM", "OK"]).await;
}

#[tokio::test]
async fn message_to_a_phone_number_is_in_the_inbox_until_the_engine_is_emptied() {
    let project = Project::new();
    let engine = project.start().await.unwrap();
    let publish = format!("Action=Publish&PhoneNumber={}&Message=help", encode(PHONE));
    let answer = query(&engine, "sns", &publish);
    let deliveries = inbox(&project.home).unwrap();
    assert_eq!(deliveries.len(), 1);
    assert_eq!((deliveries[0].endpoint.as_str(), deliveries[0].message.as_str()), (PHONE, "help"));
    assert_eq!(deliveries[0].topic_arn, None);
    assert!(answer.contains(&format!("<MessageId>{}</MessageId>", deliveries[0].message_id)));
    reset(&project.home, &|_: LocalEvent| ()).await.unwrap();
    assert_eq!(inbox(&project.home).unwrap(), []);
}

#[tokio::test]
async fn half_a_line_of_a_crash_gives_way_to_the_next_delivery() {
    let project = Project::new();
    let engine = project.start().await.unwrap();
    let file = project.home.state_dir().join("inbox.jsonl");
    std::fs::write(&file, r#"{"at": "2026-"#).unwrap();
    query(&engine, "sns", &format!("Action=Publish&PhoneNumber={}&Message=whole", encode(PHONE)));
    let deliveries = inbox(&project.home).unwrap();
    assert_eq!(deliveries.iter().map(|it| it.message.as_str()).collect::<Vec<_>>(), ["whole"]);
}
