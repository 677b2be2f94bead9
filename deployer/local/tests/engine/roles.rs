//! What is done in a function's name, as far as its role allows it.

use pipectl_local::RunningEngine;
use serde_json::{Value, json};

use crate::project::{Project, call_service, create_stack, dynamodb, encode, get, query, sqs, until};

/// What reading a queue takes, and reading a stream of either kind.
const QUEUE: [&str; 3] = ["sqs:ReceiveMessage", "sqs:DeleteMessage", "sqs:GetQueueAttributes"];
const STREAM: [&str; 4] = ["GetRecords", "GetShardIterator", "DescribeStream", "ListStreams"];

/// Deploys a function that reads the queue `jobs`, passes failed events on to `failures` and may do `actions`.
fn deploy(engine: &RunningEngine, actions: &[&str]) {
    let policy =
        |name: &str, actions: &[&str]| json!({"PolicyName": name, "PolicyDocument": document(actions)});
    let service = json!({"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": {"Service": "lambda.amazonaws.com"}});
    let role = json!({
        "RoleName": "working",
        "AssumeRolePolicyDocument": {"Version": "2012-10-17", "Statement": [service]},
        "Policies": [policy("reading", &QUEUE), policy("grants", actions)],
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

fn document(actions: &[&str]) -> Value {
    json!({"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": actions, "Resource": "*"}]})
}

/// Replaces what one of the role's policies allows.
fn allow(engine: &RunningEngine, policy: &str, actions: &[&str]) {
    let document = encode(&document(actions).to_string());
    let put = format!("Action=PutRolePolicy&RoleName=working&PolicyName={policy}&PolicyDocument={document}");
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
    deploy(&engine, &["logs:*"]);
    allow(&engine, "reading", &["sqs:ReceiveMessage", "sqs:DeleteMessage"]);
    until(|| mapping_result(&engine).contains("does not allow sqs:GetQueueAttributes")).await;
    put_job(&engine);
    assert_eq!(waiting(&engine, "jobs"), "1");
    allow(&engine, "reading", &QUEUE);
    until(|| mapping_result(&engine).starts_with("OK - 1 records")).await;
    assert_eq!(waiting(&engine, "jobs"), "0");
}

/// Makes a table with a stream, and a Kinesis stream; returns the addresses of the two streams.
fn make_streams(engine: &RunningEngine) -> [String; 2] {
    let table = json!({
        "TableName": "orders",
        "BillingMode": "PAY_PER_REQUEST",
        "AttributeDefinitions": [{"AttributeName": "id", "AttributeType": "S"}],
        "KeySchema": [{"AttributeName": "id", "KeyType": "HASH"}],
        "StreamSpecification": {"StreamEnabled": true, "StreamViewType": "NEW_IMAGE"},
    });
    let (status, answer) = dynamodb(engine, "CreateTable", &table);
    assert_eq!(status, 200, "{answer}");
    let table: Value = serde_json::from_str(&answer).unwrap();
    let target = "Content-Type: application/x-amz-json-1.1\r\nX-Amz-Target: Kinesis_20131202.CreateStream";
    let stream = r#"{"StreamName": "clicks", "ShardCount": 1}"#;
    assert_eq!(call_service(engine, "kinesis", ("POST", "/"), target, stream).0, 200);
    let table_stream = table["TableDescription"]["LatestStreamArn"].as_str().unwrap().to_owned();
    [table_stream, "arn:aws:kinesis:us-east-1:000000000000:stream/clicks".to_owned()]
}

/// Asks Lambda for a mapping and returns the answer's status and body.
fn map(engine: &RunningEngine, source: &str) -> (u16, String) {
    let mapping =
        json!({"FunctionName": "working", "EventSourceArn": source, "StartingPosition": "TRIM_HORIZON"});
    let path = "/2015-03-31/event-source-mappings/";
    call_service(engine, "lambda", ("POST", path), "", &mapping.to_string())
}

#[tokio::test]
async fn mapping_is_refused_where_the_role_may_not_read_the_source() {
    let project = Project::new();
    let engine = project.start().await.unwrap();
    deploy(&engine, &["logs:*"]);
    let [orders, clicks] = make_streams(&engine);
    let jobs = "arn:aws:sqs:us-east-1:000000000000:failures";
    let without = |prefix: &str, call: &str| {
        let actions: Vec<String> =
            STREAM.iter().filter(|it| **it != call).map(|it| format!("{prefix}:{it}")).collect();
        let actions: Vec<&str> = actions.iter().map(String::as_str).collect();
        allow(&engine, "reading", &actions);
    };
    for (prefix, service, source) in [("dynamodb", "DynamoDB", &orders), ("kinesis", "Kinesis", &clicks)] {
        for call in STREAM {
            without(prefix, call);
            let (status, answer) = map(&engine, source);
            let sentence =
                format!("The provided execution role does not have permissions to call {call} on {service}");
            assert!(status == 400 && answer.contains(&sentence), "{status} {answer}");
            assert!(answer.contains("InvalidParameterValueException"), "{answer}");
        }
        without(prefix, "");
        assert_eq!(map(&engine, source).0, 202);
    }
    let (status, answer) = map(&engine, jobs);
    assert!(status == 400 && answer.contains("call ReceiveMessage on SQS"), "{status} {answer}");

    let properties = json!({"FunctionName": "working", "EventSourceArn": jobs});
    let mapping = json!({"Type": "AWS::Lambda::EventSourceMapping", "Properties": properties});
    let template = json!({"Resources": {"Mapping": mapping}});
    assert_eq!(create_stack(&engine, "refused", &template), "ROLLBACK_COMPLETE");
    allow(&engine, "reading", &QUEUE);
    assert_eq!(create_stack(&engine, "made", &template), "CREATE_COMPLETE");
}

#[tokio::test]
async fn stream_is_read_only_while_the_role_lets_the_function_read_it() {
    let project = Project::new();
    let engine = project.start().await.unwrap();
    deploy(&engine, &["dynamodb:*", "logs:*"]);
    let [orders, _] = make_streams(&engine);
    let (status, answer) = map(&engine, &orders);
    assert_eq!(status, 202, "{answer}");
    let mapping: Value = serde_json::from_str(&answer).unwrap();
    let path = format!("/2015-03-31/event-source-mappings/{}", mapping["UUID"].as_str().unwrap());
    let result = || get(&engine, "lambda", &path);
    allow(&engine, "grants", &["dynamodb:GetRecords", "dynamodb:GetShardIterator", "dynamodb:ListStreams"]);
    until(|| result().contains("does not allow dynamodb:DescribeStream")).await;
    let order = json!({"TableName": "orders", "Item": {"id": {"S": "one"}}});
    assert_eq!(dynamodb(&engine, "PutItem", &order).0, 200);
    allow(&engine, "grants", &["dynamodb:*"]);
    until(|| result().contains("OK - 1 records")).await;
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
    allow(&engine, "grants", &["logs:PutLogEvents", "logs:CreateLogStream"]);
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
    allow(&engine, "grants", &["sqs:SendMessage"]);
    assert_eq!(invoke(&engine, "{}", "Event"), 202);
    until(|| waiting(&engine, "failures") == "1").await;
}
