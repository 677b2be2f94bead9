//! Templates of any size as other tools write them: every permission a resource of its own, nothing shared.

use serde_json::{Map, Value, json};

/// Writes a template of exactly `resources` resources: as many times a function with all that a bucket, a
/// topic, a queue and a table need to reach it or to be reached as fit, and plain queues for the rest.
///
/// The parts follow what `cdk synth` makes of the constructs of the same names: policies beside roles, log
/// groups left to Lambda, and names that the author chose. Every tenth part of the next larger size is
/// replaced when the prefix of these names changes.
pub(crate) fn template(resources: usize, prefix: &str) -> Value {
    let each = part(0, prefix).len();
    let parts = (0..resources / each).flat_map(|number| {
        let prefix = if number % 10 == 0 { prefix } else { "kept" };
        part(number, prefix)
    });
    let plain = (0..resources % each).map(|number| {
        (format!("Plain{number}"), json!({"Type": "AWS::SQS::Queue", "Properties": {"DelaySeconds": 1}}))
    });
    let all: Map<String, Value> = parts.chain(plain).collect();
    assert_eq!(all.len(), resources, "a plain queue is one resource");
    json!({ "Resources": all })
}

fn part(number: usize, prefix: &str) -> Vec<(String, Value)> {
    let id = |name: &str| format!("{name}{number}");
    let (reference, arn) =
        (|name: &str| json!({ "Ref": id(name) }), |name: &str| json!({"Fn::GetAtt": [id(name), "Arn"]}));
    let resources = [
        (
            "Role",
            "IAM::Role",
            json!({
                "AssumeRolePolicyDocument": policy(vec![json!({
                    "Effect": "Allow", "Action": "sts:AssumeRole",
                    "Principal": {"Service": "lambda.amazonaws.com"},
                })]),
                "ManagedPolicyArns": ["arn:aws:iam::aws:policy/service-role/AWSLambdaBasicExecutionRole"],
            }),
        ),
        (
            "Policy",
            "IAM::Policy",
            json!({
                "PolicyName": id("policy"), "Roles": [reference("Role")],
                "PolicyDocument": policy(vec![
                    allow(&["sqs:DeleteMessage", "sqs:GetQueueAttributes", "sqs:ReceiveMessage"], &arn("Jobs")),
                    allow(&["dynamodb:BatchWriteItem", "dynamodb:Query"], &arn("Table")),
                    allow(&["s3:GetObject*"], &json!({"Fn::Join": ["", [arn("Bucket"), "/*"]]})),
                    allow(&["sqs:SendMessage"], &json!(dead_arn(number, prefix))),
                ]),
            }),
        ),
        (
            "Function",
            "Lambda::Function",
            json!({
                "Runtime": "provided.al2023", "Handler": "bootstrap", "Role": arn("Role"),
                "Code": {"S3Bucket": "artifacts", "S3Key": format!("{number}.zip")},
                "Environment": {"Variables": {"TABLE_NAME": reference("Table")}},
                "ReservedConcurrentExecutions": 10,
            }),
        ),
        (
            "Configuration",
            "Lambda::EventInvokeConfig",
            json!({
                "FunctionName": reference("Function"), "Qualifier": "$LATEST",
                "DestinationConfig": {"OnFailure": {"Destination": dead_arn(number, prefix)}},
            }),
        ),
        ("Dead", "SQS::Queue", json!({"QueueName": format!("{prefix}-dead-{number}")})),
        (
            "Alarm",
            "CloudWatch::Alarm",
            json!({
                "ComparisonOperator": "GreaterThanThreshold", "EvaluationPeriods": 1, "Threshold": 0,
                "Namespace": "AWS/SQS", "MetricName": "ApproximateNumberOfMessagesVisible",
                "Dimensions": [{"Name": "QueueName", "Value": {"Fn::GetAtt": [id("Dead"), "QueueName"]}}],
                "AlarmActions": [reference("Topic")], "Statistic": "Maximum", "Period": 60,
            }),
        ),
        (
            "Jobs",
            "SQS::Queue",
            json!({
                "RedrivePolicy": {"deadLetterTargetArn": arn("Dead"), "maxReceiveCount": 5},
            }),
        ),
        (
            "JobsPolicy",
            "SQS::QueuePolicy",
            json!({
                "Queues": [reference("Jobs")],
                "PolicyDocument": policy(vec![let_in("sns.amazonaws.com", "sqs:SendMessage", &arn("Jobs"))]),
            }),
        ),
        (
            "Mapping",
            "Lambda::EventSourceMapping",
            json!({
                "EventSourceArn": arn("Jobs"), "FunctionName": reference("Function"),
            }),
        ),
        ("Topic", "SNS::Topic", json!({"TopicName": format!("{prefix}-topic-{number}")})),
        (
            "TopicPolicy",
            "SNS::TopicPolicy",
            json!({
                "Topics": [reference("Topic")],
                "PolicyDocument":
                    policy(vec![let_in("cloudwatch.amazonaws.com", "sns:Publish", &reference("Topic"))]),
            }),
        ),
        (
            "Subscription",
            "SNS::Subscription",
            json!({
                "TopicArn": reference("Topic"), "Protocol": "sqs", "Endpoint": arn("Jobs"),
            }),
        ),
        (
            "Table",
            "DynamoDB::Table",
            json!({
                "AttributeDefinitions": [{"AttributeName": "id", "AttributeType": "S"}],
                "KeySchema": [{"AttributeName": "id", "KeyType": "HASH"}],
                "TimeToLiveSpecification": {"AttributeName": "expires_at", "Enabled": true},
            }),
        ),
        (
            "Permission",
            "Lambda::Permission",
            json!({
                "Action": "lambda:InvokeFunction", "Principal": "s3.amazonaws.com",
                "FunctionName": arn("Function"), "SourceAccount": {"Ref": "AWS::AccountId"},
                "SourceArn": format!("arn:aws:s3:::{prefix}-bucket-{number}"),
            }),
        ),
        (
            "Bucket",
            "S3::Bucket",
            json!({
                "BucketName": format!("{prefix}-bucket-{number}"),
                "NotificationConfiguration":
                    {"LambdaConfigurations": [{"Event": "s3:ObjectCreated:*", "Function": arn("Function")}]},
            }),
        ),
        (
            "BucketPolicy",
            "S3::BucketPolicy",
            json!({
                "Bucket": reference("Bucket"),
                "PolicyDocument": policy(vec![json!({
                    "Effect": "Deny", "Principal": {"AWS": "*"}, "Action": "s3:*",
                    "Resource": [arn("Bucket"), {"Fn::Join": ["", [arn("Bucket"), "/*"]]}],
                    "Condition": {"Bool": {"aws:SecureTransport": "false"}},
                })]),
            }),
        ),
    ];
    let written = resources.into_iter().map(|(name, kind, properties)| {
        (id(name), json!({"Type": format!("AWS::{kind}"), "Properties": properties}))
    });
    written.collect()
}

/// An ARN put together from a name, as people do who import by name.
fn dead_arn(number: usize, prefix: &str) -> String {
    format!("arn:aws:sqs:eu-west-1:111122223333:{prefix}-dead-{number}")
}

fn policy(statements: Vec<Value>) -> Value {
    json!({"Version": "2012-10-17", "Statement": statements})
}

fn allow(actions: &[&str], resource: &Value) -> Value {
    json!({"Effect": "Allow", "Action": actions, "Resource": resource})
}

fn let_in(service: &str, action: &str, resource: &Value) -> Value {
    json!({"Effect": "Allow", "Action": action, "Principal": {"Service": service}, "Resource": resource})
}
