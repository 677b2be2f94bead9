//! The gaps that are closed when the engine is started.

use pipectl_local::StartOptions;
use serde_json::json;

use crate::project::{Project, call, crash, create_stack, get, s3, saved, send, sqs};

#[tokio::test]
async fn killed_engine_has_what_it_had_saved_and_nothing_half() {
    let project = Project::new();
    let engine = project.start().await.unwrap();
    assert_eq!(s3(&engine, "PUT", "/saved"), 200);
    saved(&project, "saved").await;
    crash(&engine).await;
    let unsaved = project.home.state_dir().join("objects/000000000000/unsaved");
    std::fs::create_dir_all(&unsaved).unwrap();
    std::fs::write(unsaved.join("object"), "written before the crash").unwrap();
    let again = project.start().await.unwrap();
    assert_eq!(s3(&again, "HEAD", "/saved"), 200);
    assert_eq!(s3(&again, "HEAD", "/unsaved"), 404);
}

#[tokio::test]
async fn trace_of_each_message_of_a_batch_is_kept() {
    let project = Project::new();
    let engine = project.start().await.unwrap();
    let queue = sqs(&engine, "CreateQueue", &json!({"QueueName": "traced"}))["QueueUrl"].clone();
    let trace = |value: &str| json!({"AWSTraceHeader": {"DataType": "String", "StringValue": value}});
    let entry = |id: &str| json!({"Id": id, "MessageBody": id, "MessageSystemAttributes": trace(id)});
    let batch = json!({"QueueUrl": queue, "Entries": [entry("one"), entry("two")]});
    sqs(&engine, "SendMessageBatch", &batch);
    let wanted = json!({
        "QueueUrl": queue, "MaxNumberOfMessages": 10, "MessageSystemAttributeNames": ["AWSTraceHeader"]
    });
    let received = sqs(&engine, "ReceiveMessage", &wanted);
    for message in received["Messages"].as_array().unwrap() {
        assert_eq!(message["Attributes"]["AWSTraceHeader"], message["Body"]);
    }
    assert_eq!(received["Messages"].as_array().unwrap().len(), 2);
}

#[tokio::test]
async fn enforced_policy_that_demands_tls_is_met_on_loopback_and_another_one_denies() {
    let project = Project::new();
    let options = StartOptions { enforce_iam: Some(true), ..StartOptions::default() };
    let engine = project.start_with(options).await.unwrap();
    assert!(engine.enforce_iam);
    let deny = |action: &str, condition: serde_json::Value| {
        json!({"Version": "2012-10-17", "Statement": [
            {"Effect": "Deny", "Principal": "*", "Action": action, "Resource": "*", "Condition": condition}
        ]})
    };
    let tls_only = deny("sqs:*", json!({"Bool": {"aws:SecureTransport": "false"}})).to_string();
    let create = json!({"QueueName": "tls-only", "Attributes": {"Policy": tls_only}});
    let queue = sqs(&engine, "CreateQueue", &create)["QueueUrl"].clone();
    sqs(&engine, "SendMessage", &json!({"QueueUrl": queue, "MessageBody": "passes"}));

    let closed = deny("sqs:SendMessage", json!({"Bool": {"aws:SecureTransport": "true"}})).to_string();
    let create = json!({"QueueName": "closed", "Attributes": {"Policy": closed}});
    let queue = sqs(&engine, "CreateQueue", &create)["QueueUrl"].clone();
    let (status, _) = call(&engine, "SendMessage", &json!({"QueueUrl": queue, "MessageBody": "denied"}));
    assert_eq!(status, 403);
    // SQS has no action of its own for a batch.
    let batch = json!({"QueueUrl": queue, "Entries": [{"Id": "one", "MessageBody": "denied"}]});
    let (status, _) = call(&engine, "SendMessageBatch", &batch);
    assert_eq!(status, 403);
}

#[tokio::test]
async fn table_that_an_earlier_stack_retained_is_not_created_anew() {
    let project = Project::new();
    let engine = project.start().await.unwrap();
    let table = json!({"Type": "AWS::DynamoDB::Table", "Properties": {
        "TableName": "records",
        "BillingMode": "PAY_PER_REQUEST",
        "AttributeDefinitions": [{"AttributeName": "id", "AttributeType": "S"}],
        "KeySchema": [{"AttributeName": "id", "KeyType": "HASH"}],
    }});
    let template = json!({"Resources": {"Records": table}});
    assert_eq!(create_stack(&engine, "first", &template), "CREATE_COMPLETE");
    assert_eq!(create_stack(&engine, "second", &template), "ROLLBACK_COMPLETE");
}

#[tokio::test]
async fn preflight_of_an_api_is_answered_by_its_cors_configuration() {
    let project = Project::new();
    let engine = project.start().await.unwrap();
    let cors = json!({"AllowOrigins": ["https://a.example"], "AllowMethods": ["POST"]});
    let template = json!({"Resources": {
        "Api": {"Type": "AWS::ApiGatewayV2::Api", "Properties": {
            "Name": "open", "ProtocolType": "HTTP", "CorsConfiguration": cors,
        }},
        "Stage": {"Type": "AWS::ApiGatewayV2::Stage", "Properties": {
            "ApiId": {"Ref": "Api"}, "StageName": "$default", "AutoDeploy": true,
        }},
    }});
    assert_eq!(create_stack(&engine, "open", &template), "CREATE_COMPLETE");
    let apis: serde_json::Value = serde_json::from_str(&get(&engine, "apigateway", "/v2/apis")).unwrap();
    let api_id = apis["items"][0]["apiId"].as_str().unwrap();
    let url = pipectl_local::local_api_url("", api_id) + "/";
    let preflight = |origin: &str| {
        let headers = format!("Origin: {origin}\r\nAccess-Control-Request-Method: POST");
        send(&engine, "OPTIONS", &url, &headers, "").0
    };
    assert_eq!(preflight("https://a.example"), 204);
    assert_eq!(preflight("https://b.example"), 403);
}

#[tokio::test]
async fn reserved_concurrency_of_a_template_is_set() {
    let project = Project::new();
    let engine = project.start().await.unwrap();
    let function = json!({"Type": "AWS::Lambda::Function", "Properties": {
        "FunctionName": "reserved",
        "Runtime": "python3.12",
        "Handler": "index.handler",
        "Role": "arn:aws:iam::000000000000:role/any",
        "Code": {"ZipFile": "def handler(event, context): return None"},
        "ReservedConcurrentExecutions": 3,
    }});
    let template = json!({"Resources": {"Function": function}});
    assert_eq!(create_stack(&engine, "reserving", &template), "CREATE_COMPLETE");
    let concurrency = get(&engine, "lambda", "/2019-09-30/functions/reserved/concurrency");
    assert_eq!(concurrency, r#"{"ReservedConcurrentExecutions": 3}"#);
}
