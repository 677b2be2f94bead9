//! The gaps that are closed when the engine is started.

use pipectl_local::{Credentials, RunningEngine, StartOptions};
use serde_json::json;

use crate::project::{
    Project, call, call_service, crash, create_stack, encode, get, query, s3, saved, send, sqs, until,
};

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
async fn killed_engine_goes_back_to_its_last_save_and_a_stopped_one_keeps_everything() {
    let project = Project::new();
    let engine = project.start().await.unwrap();
    let queue = sqs(&engine, "CreateQueue", &json!({"QueueName": "jobs"}))["QueueUrl"].clone();
    let add = |engine: &RunningEngine, body: &str| {
        sqs(engine, "SendMessage", &json!({"QueueUrl": queue, "MessageBody": body}));
    };
    let count = |engine: &RunningEngine| {
        let request = json!({"QueueUrl": queue, "AttributeNames": ["ApproximateNumberOfMessages"]});
        sqs(engine, "GetQueueAttributes", &request)["Attributes"]["ApproximateNumberOfMessages"].clone()
    };
    add(&engine, "saved while it ran");
    let file = project.home.state_dir().join("services/sqs.json");
    let read = || std::fs::read_to_string(&file).unwrap_or_default();
    until(|| read().contains("saved while it ran")).await;
    let last_save = read();
    add(&engine, "accepted after the last save");
    crash(&engine).await;
    // A save may have come in between.
    std::fs::write(&file, last_save).unwrap();
    let engine = project.start().await.unwrap();
    assert_eq!(count(&engine), "1");
    add(&engine, "accepted right before a stop");
    project.stop().await;
    let engine = project.start().await.unwrap();
    assert_eq!(count(&engine), "2");
}

#[tokio::test]
async fn failure_behind_an_http_api_is_hidden_and_the_answer_of_a_function_is_not() {
    let project = Project::new();
    let engine = project.start().await.unwrap();
    let code = "def handler(event, context):\n  if event['rawPath'] == '/fails': raise ValueError('secret')\n  \
                return {'statusCode': 502, 'body': 'own'}";
    let template = json!({"Resources": {
        "Function": {"Type": "AWS::Lambda::Function", "Properties": {
            "FunctionName": "answering",
            "Runtime": "python3.12",
            "Handler": "index.handler",
            "Role": "arn:aws:iam::000000000000:role/any",
            "Code": {"ZipFile": code},
        }},
        "Permission": {"Type": "AWS::Lambda::Permission", "Properties": {
            "FunctionName": {"Ref": "Function"},
            "Action": "lambda:InvokeFunction",
            "Principal": "apigateway.amazonaws.com",
        }},
        "Api": {"Type": "AWS::ApiGatewayV2::Api", "Properties": {"Name": "answering", "ProtocolType": "HTTP"}},
        "Integration": {"Type": "AWS::ApiGatewayV2::Integration", "Properties": {
            "ApiId": {"Ref": "Api"},
            "IntegrationType": "AWS_PROXY",
            "IntegrationUri": {"Fn::GetAtt": ["Function", "Arn"]},
            "PayloadFormatVersion": "2.0",
        }},
        "Route": {"Type": "AWS::ApiGatewayV2::Route", "Properties": {
            "ApiId": {"Ref": "Api"},
            "RouteKey": "$default",
            "Target": {"Fn::Join": ["/", ["integrations", {"Ref": "Integration"}]]},
        }},
        "Stage": {"Type": "AWS::ApiGatewayV2::Stage", "Properties": {
            "ApiId": {"Ref": "Api"}, "StageName": "$default", "AutoDeploy": true,
        }},
    }});
    assert_eq!(create_stack(&engine, "answering", &template), "CREATE_COMPLETE");
    let apis: serde_json::Value = serde_json::from_str(&get(&engine, "apigateway", "/v2/apis")).unwrap();
    let url = pipectl_local::local_api_url("", apis["items"][0]["apiId"].as_str().unwrap());
    let ask = |path: &str| send(&engine, "GET", &format!("{url}/{path}"), "", "");
    assert_eq!(ask("fails"), (500, r#"{"message":"Internal Server Error"}"#.to_owned()));
    assert_eq!(ask("answers"), (502, "own".to_owned()));
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

#[tokio::test]
async fn throttled_event_waits_for_its_function() {
    let project = Project::new();
    let engine = project.start().await.unwrap();
    let allow = json!({"Effect": "Allow", "Action": "*", "Resource": "*"});
    let code = "import os, time\ndef handler(event, context):\n  while not os.path.exists(event['gate']):\n    \
                time.sleep(0.01)\n  return 1 / 0";
    let template = json!({"Resources": {
        "Failures": {"Type": "AWS::SQS::Queue", "Properties": {"QueueName": "failures"}},
        "Role": {"Type": "AWS::IAM::Role", "Properties": {
            "AssumeRolePolicyDocument": {"Version": "2012-10-17", "Statement": []},
            "Policies": [{"PolicyName": "all", "PolicyDocument": {"Version": "2012-10-17", "Statement": [allow]}}],
        }},
        "Function": {"Type": "AWS::Lambda::Function", "Properties": {
            "FunctionName": "busy",
            "Runtime": "python3.12",
            "Handler": "index.handler",
            "Role": {"Fn::GetAtt": ["Role", "Arn"]},
            "Code": {"ZipFile": code},
            "Timeout": 60,
            "ReservedConcurrentExecutions": 1,
        }},
        "Config": {"Type": "AWS::Lambda::EventInvokeConfig", "Properties": {
            "FunctionName": {"Ref": "Function"},
            "Qualifier": "$LATEST",
            "MaximumRetryAttempts": 0,
            "DestinationConfig": {"OnFailure": {"Destination": {"Fn::GetAtt": ["Failures", "Arn"]}}},
        }},
    }});
    assert_eq!(create_stack(&engine, "busy", &template), "CREATE_COMPLETE");
    let invoke = ("POST", "/2015-03-31/functions/busy/invocations");
    let folder = tempfile::tempdir().unwrap();
    let gate = folder.path().join("gate");
    let event = json!({"gate": gate}).to_string();
    for _ in 0..2 {
        assert_eq!(call_service(&engine, "lambda", invoke, "X-Amz-Invocation-Type: Event", &event).0, 202);
    }
    // A failed attempt would be the last one.
    let sum = "Action=GetMetricStatistics&Namespace=AWS%2FLambda&MetricName=Throttles&Period=86400\
               &StartTime=2000-01-01T00%3A00%3A00Z&EndTime=2100-01-01T00%3A00%3A00Z&Statistics.member.1=Sum\
               &Dimensions.member.1.Name=FunctionName&Dimensions.member.1.Value=busy";
    let throttles = || -> f64 {
        let answer = query(&engine, "monitoring", sum);
        let sums = answer.split("<Sum>").skip(1).map(|it| it.split('<').next().unwrap());
        sums.map(|it| it.parse::<f64>().unwrap()).sum()
    };
    until(|| throttles() > 3.0).await;
    std::fs::write(&gate, "").unwrap();
    let url = sqs(&engine, "GetQueueUrl", &json!({"QueueName": "failures"}))["QueueUrl"].clone();
    let request = json!({"QueueUrl": url, "AttributeNames": ["ApproximateNumberOfMessages"]});
    let failures = || sqs(&engine, "GetQueueAttributes", &request)["Attributes"].clone();
    until(|| failures()["ApproximateNumberOfMessages"] == "2").await;
}

#[tokio::test]
async fn object_that_is_not_there_is_hidden_from_those_who_may_not_list() {
    let project = Project::new();
    let mut engine = project.start().await.unwrap();
    assert_eq!(s3(&engine, "PUT", "/shelf"), 200);
    query(&engine, "iam", "Action=CreateUser&UserName=reader");
    let put = |engine: &RunningEngine, actions: &[&str]| {
        let allow = json!({"Effect": "Allow", "Action": actions, "Resource": "*"});
        let document = encode(&json!({"Version": "2012-10-17", "Statement": [allow]}).to_string());
        let put = "Action=PutUserPolicy&UserName=reader&PolicyName=reading&PolicyDocument=";
        query(engine, "iam", &format!("{put}{document}"));
    };
    put(&engine, &["s3:GetObject"]);
    let key = query(&engine, "iam", "Action=CreateAccessKey&UserName=reader");
    let part = |name: &str| {
        let (_, after) = key.split_once(&format!("<{name}>")).unwrap();
        after.split('<').next().unwrap().to_owned()
    };
    let reader =
        Credentials { access_key_id: part("AccessKeyId"), secret_access_key: part("SecretAccessKey") };
    let owner = std::mem::replace(&mut engine.credentials, reader.clone());
    assert_eq!(s3(&engine, "GET", "/shelf/missing"), 403);
    assert_eq!(s3(&engine, "HEAD", "/shelf/missing"), 403);
    engine.credentials = owner;
    put(&engine, &["s3:GetObject", "s3:ListBucket"]);
    engine.credentials = reader;
    assert_eq!(s3(&engine, "GET", "/shelf/missing"), 404);
}
