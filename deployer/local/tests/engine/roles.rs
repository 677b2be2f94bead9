//! What is done in a function's name, as far as its role allows it.

use pipectl_local::RunningEngine;
use serde_json::{Value, json};

use crate::project::{Project, call_service, create_stack, encode, get, query, sqs, until};

/// Deploys a function that reads the queue `jobs`, passes failed events on to `failures` and may do `actions`.
fn deploy(engine: &RunningEngine, actions: &[&str]) {
    let allow = json!({"Effect": "Allow", "Action": actions, "Resource": "*"});
    let service = json!({"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": {"Service": "lambda.amazonaws.com"}});
    let role = json!({
        "RoleName": "working",
        "AssumeRolePolicyDocument": {"Version": "2012-10-17", "Statement": [service]},
        "Policies": [{"PolicyName": "grants", "PolicyDocument": {"Version": "2012-10-17", "Statement": [allow]}}],
    });
    let function = json!({
        "FunctionName": "working",
        "Runtime": "python3.12",
        "Handler": "index.handler",
        "Role": {"Fn::GetAtt": ["Role", "Arn"]},
        "Code": {"ZipFile": "def handler(event, context):\n  print('at work')\n  return {} if 'Records' in event else 1 / 0"},
    });
    let arn = |name: &str| json!({"Fn::GetAtt": [name, "Arn"]});
    let mapping = json!({"EventSourceArn": arn("Jobs"), "FunctionName": {"Ref": "Function"}});
    let config = json!({
        "FunctionName": {"Ref": "Function"},
        "Qualifier": "$LATEST",
        "MaximumRetryAttempts": 0,
        "DestinationConfig": {"OnFailure": {"Destination": arn("Failures")}},
    });
    let of =
        |kind: &str, properties: Value| json!({"Type": format!("AWS::{kind}"), "Properties": properties});
    let template = json!({"Resources": {
        "Jobs": of("SQS::Queue", json!({"QueueName": "jobs"})),
        "Failures": of("SQS::Queue", json!({"QueueName": "failures"})),
        "Logs": of("Logs::LogGroup", json!({"LogGroupName": "/aws/lambda/working"})),
        "Role": of("IAM::Role", role),
        "Function": of("Lambda::Function", function),
        "Mapping": of("Lambda::EventSourceMapping", mapping),
        "Config": of("Lambda::EventInvokeConfig", config),
    }});
    assert_eq!(create_stack(engine, "working", &template), "CREATE_COMPLETE");
}

/// Replaces what the role may do.
fn allow(engine: &RunningEngine, actions: &[&str]) {
    let statement = json!({"Effect": "Allow", "Action": actions, "Resource": "*"});
    let policy = json!({"Version": "2012-10-17", "Statement": [statement]}).to_string();
    let put =
        format!("Action=PutRolePolicy&RoleName=working&PolicyName=grants&PolicyDocument={}", encode(&policy));
    query(engine, "iam", &put);
}

/// Says how the last look at the queue went.
fn mapping_result(engine: &RunningEngine) -> String {
    let mappings = get(engine, "lambda", "/2015-03-31/event-source-mappings/?FunctionName=working");
    let mappings: Value = serde_json::from_str(&mappings).unwrap();
    mappings["EventSourceMappings"][0]["LastProcessingResult"].as_str().unwrap().to_owned()
}

fn put_job(engine: &RunningEngine) {
    let url = sqs(engine, "GetQueueUrl", &json!({"QueueName": "jobs"}))["QueueUrl"].clone();
    sqs(engine, "SendMessage", &json!({"QueueUrl": url, "MessageBody": "job"}));
}

fn waiting(engine: &RunningEngine, queue: &str) -> String {
    let url = sqs(engine, "GetQueueUrl", &json!({"QueueName": queue}))["QueueUrl"].clone();
    let request = json!({"QueueUrl": url, "AttributeNames": ["ApproximateNumberOfMessages"]});
    let attributes = sqs(engine, "GetQueueAttributes", &request);
    attributes["Attributes"]["ApproximateNumberOfMessages"].as_str().unwrap().to_owned()
}

#[tokio::test]
async fn queue_invokes_its_function_also_when_the_engine_had_to_change_its_port() {
    let project = Project::new();
    let before = project.start().await.unwrap();
    deploy(&before, &["sqs:*", "logs:*"]);
    project.stop().await;
    let _owner = std::net::TcpListener::bind(("127.0.0.1", before.port)).unwrap();
    let after = project.start().await.unwrap();
    assert_ne!(after.port, before.port);
    let url = sqs(&after, "GetQueueUrl", &json!({"QueueName": "jobs"}))["QueueUrl"].clone();
    assert_eq!(url, format!("{}/000000000000/jobs", after.endpoint));
    let resources = query(&after, "cloudformation", "Action=DescribeStackResources&StackName=working");
    assert!(resources.contains(url.as_str().unwrap()), "{resources}");
    assert!(!resources.contains(&before.endpoint), "{resources}");
    put_job(&after);
    until(|| waiting(&after, "jobs") == "0").await;
    until(|| mapping_result(&after).starts_with("OK")).await;
}

fn invoke(engine: &RunningEngine, event: &str, kind: &str) -> u16 {
    let (path, kind) =
        ("/2015-03-31/functions/working/invocations", format!("X-Amz-Invocation-Type: {kind}"));
    call_service(engine, "lambda", ("POST", path), &kind, event).0
}

#[tokio::test]
async fn queue_is_polled_only_while_the_role_lets_the_function_read_it() {
    let project = Project::new();
    let engine = project.start().await.unwrap();
    deploy(&engine, &["sqs:ReceiveMessage", "sqs:DeleteMessage"]);
    put_job(&engine);
    until(|| mapping_result(&engine).contains("does not allow sqs:GetQueueAttributes")).await;
    assert_eq!(waiting(&engine, "jobs"), "1");
    allow(&engine, &["sqs:ReceiveMessage", "sqs:DeleteMessage", "sqs:GetQueueAttributes"]);
    until(|| mapping_result(&engine).starts_with("OK - 1 records")).await;
    assert_eq!(waiting(&engine, "jobs"), "0");
}

#[tokio::test]
async fn output_is_logged_only_where_the_role_lets_the_function_write() {
    let project = Project::new();
    let engine = project.start().await.unwrap();
    deploy(&engine, &["logs:PutLogEvents"]);
    let log = || {
        let headers =
            "Content-Type: application/x-amz-json-1.1\r\nX-Amz-Target: Logs_20140328.FilterLogEvents";
        let group = r#"{"logGroupName": "/aws/lambda/working"}"#;
        call_service(&engine, "logs", ("POST", "/"), headers, group).1
    };
    assert_eq!(invoke(&engine, r#"{"Records": []}"#, "RequestResponse"), 200);
    assert!(!log().contains("at work"), "{}", log());
    allow(&engine, &["logs:PutLogEvents", "logs:CreateLogStream"]);
    assert_eq!(invoke(&engine, r#"{"Records": []}"#, "RequestResponse"), 200);
    assert!(log().contains("at work"), "{}", log());
}

#[tokio::test]
async fn failed_event_is_passed_on_only_where_the_role_lets_the_function_send() {
    let project = Project::new();
    let engine = project.start().await.unwrap();
    deploy(&engine, &["logs:*"]);
    assert_eq!(invoke(&engine, "{}", "Event"), 202);
    let metrics = "Action=ListMetrics&Namespace=AWS%2FLambda&MetricName=DestinationDeliveryFailures";
    until(|| query(&engine, "monitoring", metrics).contains("working")).await;
    assert_eq!(waiting(&engine, "failures"), "0");
    allow(&engine, &["sqs:SendMessage"]);
    assert_eq!(invoke(&engine, "{}", "Event"), 202);
    until(|| waiting(&engine, "failures") == "1").await;
}
