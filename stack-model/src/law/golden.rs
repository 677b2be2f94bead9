//! No law is dead: each finds its fault in a whole rendered pipeline with one thing broken, and nothing in the sound one.

use std::collections::BTreeSet;

use serde_json::{Value as Json, json};

use super::check_template;
use crate::diagnostic::REGISTRY;
use crate::template::Template;

const INGEST: &str = include_str!("../../tests/golden/ingest.json");
const ORDERS: &str = include_str!("../../tests/golden/orders.json");

/// The codes found after a JSON merge patch of the template's resources.
fn codes_after(golden: &str, resources: &Json) -> BTreeSet<&'static str> {
    let mut sections: Json = serde_json::from_str(golden).unwrap();
    json_patch::merge(&mut sections, &json!({ "Resources": resources }));
    let template = Template::from_json(sections).unwrap();
    check_template(&template).iter().map(|found| found.code.name).collect()
}

/// A change of one resource's properties.
fn with(logical_id: &str, properties: Json) -> Json {
    json!({logical_id: {"Properties": properties}})
}

fn arn(logical_id: &str) -> Json {
    json!({"Fn::GetAtt": [logical_id, "Arn"]})
}

/// One more grant to a role.
fn granted(role: &str, action: &str, resource: Json) -> Json {
    let statement = json!({"Effect": "Allow", "Action": action, "Resource": resource});
    let policy =
        json!({"PolicyName": "p", "RoleName": {"Ref": role}, "PolicyDocument": {"Statement": [statement]}});
    json!({"Own": {"Type": "AWS::IAM::RolePolicy", "Properties": policy}})
}

/// Another policy of a queue.
fn second_policy(queue: &str) -> Json {
    let policy = json!({"Queues": [{"Ref": queue}], "PolicyDocument": {"Statement": []}});
    json!({"Own": {"Type": "AWS::SQS::QueuePolicy", "Properties": policy}})
}

/// What breaks each law.
fn breaches() -> Vec<(&'static str, &'static str, Json)> {
    [queues(), functions(), storage(), apis_and_topics()].concat()
}

fn queues() -> Vec<(&'static str, &'static str, Json)> {
    let mapping = "MessageWriterMessagesQueueMapping";
    let second =
        json!({"FunctionName": {"Ref": "ObjectExtractFunction"}, "EventSourceArn": arn("MessagesQueue")});
    vec![
        ("E3001", INGEST, json!({"MessagesDlqQueue": {"DependsOn": "MessagesQueue"}})),
        ("E3002", INGEST, with("MessagesDlqQueue", json!({"FifoQueue": true}))),
        ("E3003", INGEST, with("ExtractFailuresQueue", json!({"FifoQueue": true}))),
        ("E3004", INGEST, with("MessagesQueue", json!({"VisibilityTimeout": 1}))),
        ("W3005", INGEST, with("MessagesQueue", json!({"VisibilityTimeout": 173}))),
        ("E3006", INGEST, with(mapping, json!({"BatchSize": 100}))),
        ("E3007", INGEST, with("MessagesDlqQueue", json!({"MessageRetentionPeriod": 60}))),
        ("W3008", INGEST, with("MessagesQueue", json!({"RedrivePolicy": {"maxReceiveCount": 2}}))),
        ("E3015", INGEST, with("MessageWriterFunctionRole", json!({"Policies": []}))),
        ("W3018", INGEST, with(mapping, json!({"FunctionResponseTypes": null}))),
        ("W3020", INGEST, json!({"MessagesDlqQueueDepthAlarm": null})),
        ("E3021", INGEST, with("MessagesQueue", json!({"QueueName": "messages.fifo"}))),
        ("W3023", INGEST, with("MessagesQueue", json!({"SqsManagedSseEnabled": false}))),
        ("W3032", ORDERS, with("CopiesQueue", json!({"MaximumMessageSize": 1_024}))),
        (
            "E3036",
            INGEST,
            with(mapping, json!({"EventSourceArn": {"Fn::GetAtt": ["RecordsTable", "StreamArn"]}})),
        ),
        (
            "E3039",
            INGEST,
            with("MessagesDlqQueue", json!({"RedriveAllowPolicy": {"redrivePermission": "denyAll"}})),
        ),
        ("W3040", INGEST, with(mapping, json!({"EventSourceArn": arn("MessagesDlqQueue")}))),
        ("W3041", INGEST, json!({"Own": {"Type": "AWS::Lambda::EventSourceMapping", "Properties": second}})),
        ("W3044", INGEST, with("MessageWriterFunction", json!({"ReservedConcurrentExecutions": 5}))),
        ("W3047", INGEST, granted("MessageWriterFunctionRole", "sqs:SendMessage", arn("MessagesQueue"))),
        ("I3049", INGEST, with("MessagesQueue", json!({"MaximumMessageSize": 1_048_576}))),
        ("W3050", INGEST, with("MessagesDlqQueue", json!({"MessageRetentionPeriod": 345_600}))),
        ("E3060", INGEST, second_policy("MessagesQueue")),
        ("E3051", ORDERS, with("CopiesQueue", json!({"KmsMasterKeyId": "alias/aws/sqs"}))),
        ("E3058", INGEST, with(mapping, json!({"StartingPosition": "LATEST"}))),
    ]
}

fn functions() -> Vec<(&'static str, &'static str, Json)> {
    let mapping = "OrderWorkerBulkQueueMapping";
    let stream = json!({"EventSourceArn": {"Fn::GetAtt": ["LinesTable", "StreamArn"]}});
    let variable =
        |value: Json| with("MessageWriterFunction", json!({"Environment": {"Variables": {"OTHER": value}}}));
    let rule = json!({"ScheduleExpression": "rate(1 day)", "Targets": [{"Id": "t", "Arn": arn("MessageWriterFunction")}]});
    vec![
        ("E3009", ORDERS, with("OrderWorkerFunction", json!({"ReservedConcurrentExecutions": 2}))),
        ("W3010", INGEST, with("RecordsApiFunction", json!({"Timeout": 60}))),
        ("W3014", INGEST, json!({"ObjectExtractFunctionAsynchronousInvocation": null})),
        ("W3019", INGEST, with("MessageWriterFunction", json!({"LoggingConfig": null}))),
        ("W3026", INGEST, granted("MessageWriterFunctionRole", "sqs:*", json!("*"))),
        ("W3027", INGEST, with("UploadsBucketObjectExtractPermission", json!({"SourceAccount": null}))),
        ("E3035", INGEST, with("ObjectExtractFunctionRole", json!({"Policies": []}))),
        ("W3046", INGEST, variable(json!({"Ref": "ExtractFailuresQueue"}))),
        ("E3048", INGEST, json!({"Own": {"Type": "AWS::Events::Rule", "Properties": rule}})),
        ("E3052", ORDERS, with(mapping, stream)),
        (
            "E3054",
            ORDERS,
            with(mapping, json!({"FilterCriteria": {"Filters": [{"Pattern": "kind = order"}]}})),
        ),
        ("E3056", INGEST, variable(json!("x".repeat(5_000)))),
        ("E3057", INGEST, with("MessageWriterFunction", json!({"FunctionName": "x".repeat(80)}))),
    ]
}

fn storage() -> Vec<(&'static str, &'static str, Json)> {
    let notification = json!({"Event": "s3:ObjectCreated:*", "Function": arn("ObjectExtractFunction")});
    let twice = json!({"NotificationConfiguration": {"LambdaConfigurations": [notification, notification]}});
    let own_objects = json!({"Fn::Sub": "${UploadsBucket.Arn}/*"});
    let key = json!([{"AttributeName": "id", "KeyType": "HASH"}]);
    let index = |n: u32| json!({"IndexName": format!("i{n}"), "KeySchema": key});
    let indexes: Vec<_> = (0..21).map(index).collect();
    let reading = json!({"Effect": "Allow", "Action": "dynamodb:GetItem", "Resource": arn("RecordsTable")});
    let reading = json!({"Policies": [{"PolicyName": "p", "PolicyDocument": {"Statement": [reading]}}]});
    let nobody_writes = json!({
        "MessageWriterFunctionRole": {"Properties": {"Policies": []}},
        "RecordsApiFunctionRole": {"Properties": reading},
    });
    vec![
        ("W3011", INGEST, granted("ObjectExtractFunctionRole", "s3:PutObject", own_objects)),
        ("E3012", INGEST, with("UploadsBucket", twice)),
        ("E3016", INGEST, json!({"UploadsBucket": {"DependsOn": null}})),
        ("E3017", INGEST, json!({"UploadsBucketObjectExtractPermission": null})),
        (
            "W3024",
            INGEST,
            with("UploadsBucket", json!({"PublicAccessBlockConfiguration": {"BlockPublicPolicy": false}})),
        ),
        ("W3028", INGEST, with("RecordsTable", json!({"GlobalSecondaryIndexes": indexes}))),
        ("E3029", INGEST, with("RecordsTable", json!({"AttributeDefinitions": []}))),
        (
            "E3059",
            INGEST,
            with("RecordsTable", json!({"KeySchema": [{"AttributeName": "id"}, {"AttributeName": "id"}]})),
        ),
        ("W3030", INGEST, with("RecordsTable", json!({"TimeToLiveSpecification": {"AttributeName": "id"}}))),
        ("W3031", INGEST, nobody_writes),
        ("W3037", INGEST, json!({"RecordsTable": {"DeletionPolicy": null}})),
        ("W3038", INGEST, with("MessageWriterFunctionLogGroup", json!({"RetentionInDays": null}))),
    ]
}

fn apis_and_topics() -> Vec<(&'static str, &'static str, Json)> {
    let everyone = json!({"Effect": "Allow", "Action": "sqs:SendMessage", "Principal": "*", "Resource": "*"});
    let any_origin = json!({"CorsConfiguration": {"AllowCredentials": true, "AllowOrigins": ["*"]}});
    let other_api = json!({
        "Other": {"Type": "AWS::ApiGatewayV2::Api", "Properties": {"Name": "other", "ProtocolType": "HTTP"}},
        "RecordsApiGetRecordsRoute": {"Properties": {"ApiId": {"Ref": "Other"}}},
    });
    vec![
        ("E3013", ORDERS, with("ChangesTopic", json!({"FifoTopic": false}))),
        (
            "E3022",
            INGEST,
            with("RecordsApiRecordsApiIntegration", json!({"IntegrationUri": arn("MessageWriterFunction")})),
        ),
        ("W3025", INGEST, with("MessagesQueuePolicy", json!({"PolicyDocument": {"Statement": [everyone]}}))),
        ("E3033", INGEST, with("AlertsTopic", json!({"KmsMasterKeyId": "alias/aws/sns"}))),
        ("E3034", ORDERS, json!({"CopiesQueuePolicy": null})),
        ("E3042", ORDERS, with("OrdersApi", any_origin)),
        ("E3043", INGEST, other_api),
        ("E3045", ORDERS, with("ChangesTopicCopiesQueueSubscription", json!({"Protocol": "email"}))),
        ("E3053", ORDERS, with("SlowOrdersAlarm", json!({"AlarmActions": [{"Ref": "ChangesTopic"}]}))),
        ("E3055", INGEST, with("MessagesDlqQueueDepthAlarm", json!({"DatapointsToAlarm": 5}))),
    ]
}

#[test]
fn each_law_finds_its_fault_in_a_rendered_pipeline() {
    let breaches = breaches();
    let dead: Vec<_> = breaches
        .iter()
        .filter(|(code, golden, resources)| !codes_after(golden, resources).contains(code))
        .map(|(code, ..)| *code)
        .collect();
    assert_eq!(dead, [""; 0], "these laws do not see their fault");
    let broken: BTreeSet<_> = breaches.iter().map(|(code, ..)| *code).collect();
    let laws: BTreeSet<_> =
        REGISTRY.iter().map(|code| code.name).filter(|name| name[1..].starts_with('3')).collect();
    assert_eq!(broken, laws, "each law has its breach here");
}

#[test]
fn no_law_speaks_of_a_sound_rendered_pipeline() {
    for golden in [INGEST, ORDERS, include_str!("../../tests/golden/ingest_fifo.json")] {
        assert!(codes_after(golden, &json!({})).is_empty());
    }
}
