//! Templates as other tools write them: what the laws must see through, and what they must keep silent about.

#![expect(clippy::unwrap_used, reason = "a test that finds nothing shall fail where it looks")]

use serde_json::{Value as Json, json};
use stack_model::Template;
use stack_model::law::check_template;

fn found(sections: Json) -> Vec<(&'static str, String)> {
    let template = Template::from_json(sections).unwrap();
    let report = check_template(&template).into_iter();
    report.map(|it| (it.code.name, it.logical_id.map(|id| id.to_string()).unwrap_or_default())).collect()
}

/// A consumer as the CDK writes it: joined ARNs, a policy of its own, a managed policy for logs.
fn consumer(actions: &[&str]) -> Json {
    let managed = json!({"Fn::Join": ["", ["arn:", {"Ref": "AWS::Partition"}, ":iam::aws:policy/service-role/AWSLambdaBasicExecutionRole"]]});
    let statement =
        json!({"Action": actions, "Effect": "Allow", "Resource": {"Fn::GetAtt": ["Queue4A7E3555", "Arn"]}});
    json!({
        "Queue4A7E3555": {"Type": "AWS::SQS::Queue", "Properties": {"VisibilityTimeout": 180}},
        "HandlerServiceRoleFCDC14AE": {"Type": "AWS::IAM::Role", "Properties": {
            "AssumeRolePolicyDocument": {"Statement": [{"Action": "sts:AssumeRole", "Effect": "Allow", "Principal": {"Service": "lambda.amazonaws.com"}}]},
            "ManagedPolicyArns": [managed],
        }},
        "HandlerServiceRoleDefaultPolicyCBD0CC91": {"Type": "AWS::IAM::Policy", "Properties": {
            "PolicyDocument": {"Statement": [statement]}, "PolicyName": "p", "Roles": [{"Ref": "HandlerServiceRoleFCDC14AE"}],
        }},
        "Handler886CB40B": {"Type": "AWS::Lambda::Function", "Properties": {
            "Code": {"S3Bucket": {"Fn::Sub": "assets-${AWS::AccountId}"}, "S3Key": "a.zip"}, "Handler": "bootstrap", "Runtime": "provided.al2023",
            "LoggingConfig": {"LogGroup": {"Ref": "Logs6819BB44"}}, "Role": {"Fn::GetAtt": ["HandlerServiceRoleFCDC14AE", "Arn"]}, "Timeout": 30,
        }},
        "Logs6819BB44": {"Type": "AWS::Logs::LogGroup", "Properties": {"RetentionInDays": 731}},
        "HandlerSqsEventSource": {"Type": "AWS::Lambda::EventSourceMapping", "Properties": {
            "BatchSize": 5, "EventSourceArn": {"Fn::GetAtt": ["Queue4A7E3555", "Arn"]}, "FunctionName": {"Ref": "Handler886CB40B"},
            "FunctionResponseTypes": ["ReportBatchItemFailures"],
        }},
    })
}

#[test]
fn separate_policy_of_a_role_is_seen() {
    let all = [
        "sqs:ReceiveMessage",
        "sqs:ChangeMessageVisibility",
        "sqs:GetQueueUrl",
        "sqs:DeleteMessage",
        "sqs:GetQueueAttributes",
    ];
    assert_eq!(found(json!({"Resources": consumer(&all)})), []);
    let expected = [("E3015", "HandlerSqsEventSource".to_owned())];
    assert_eq!(found(json!({"Resources": consumer(&all[..3])})), expected);
}

/// A queue and its consumer whose numbers hang on a stage.
fn staged(visibility: Json) -> Json {
    let mut resources = consumer(&["sqs:*"]);
    resources["HandlerServiceRoleDefaultPolicyCBD0CC91"] = json!(null);
    resources.as_object_mut().unwrap().remove("HandlerServiceRoleDefaultPolicyCBD0CC91");
    resources["HandlerServiceRoleFCDC14AE"]["Properties"]["ManagedPolicyArns"] = json!([{"Ref": "Policy"}]);
    resources["Handler886CB40B"]["Properties"]["Timeout"] = json!({"Fn::If": ["IsProd", 100, 10]});
    resources["Queue4A7E3555"]["Properties"]["VisibilityTimeout"] = visibility;
    json!({
        "Parameters": {"Stage": {"Type": "String", "AllowedValues": ["dev", "prod"]}, "Policy": {"Type": "String"}},
        "Conditions": {
            "IsProd": {"Fn::Equals": [{"Ref": "Stage"}, "prod"]},
            "IsDev": {"Fn::Equals": [{"Ref": "Stage"}, "dev"]},
        },
        "Resources": resources,
    })
}

#[test]
fn branches_that_never_meet_are_no_finding() {
    assert_eq!(found(staged(json!({"Fn::If": ["IsDev", 60, 600]}))), []);
}

#[test]
fn fault_in_one_branch_is_found_once() {
    let expected = [("W3005", "Queue4A7E3555".to_owned())];
    assert_eq!(found(staged(json!({"Fn::If": ["IsDev", 60, 599]}))), expected);
}

#[test]
fn what_the_template_does_not_tell_is_no_finding() {
    let unknown = json!({
        "Parameters": {"FunctionArn": {"Type": "String"}, "Size": {"Type": "Number"}, "TopicArn": {"Type": "String"}},
        "Resources": {
            "Bucket": {"Type": "AWS::S3::Bucket", "DeletionPolicy": "Retain", "Properties": {"NotificationConfiguration": {
                "LambdaConfigurations": [{"Event": "s3:ObjectCreated:*", "Function": {"Ref": "FunctionArn"}}],
            }}},
            "Queue": {"Type": "AWS::SQS::Queue", "Properties": {"RedrivePolicy": {"deadLetterTargetArn": {"Fn::ImportValue": "dlq"}, "maxReceiveCount": {"Ref": "Size"}}}},
            "Mapping": {"Type": "AWS::Lambda::EventSourceMapping", "Properties": {
                "EventSourceArn": {"Fn::GetAtt": ["Queue", "Arn"]}, "FunctionName": {"Ref": "FunctionArn"}, "BatchSize": {"Ref": "Size"},
            }},
            "Subscription": {"Type": "AWS::SNS::Subscription", "Properties": {"TopicArn": {"Ref": "TopicArn"}, "Protocol": "sqs", "Endpoint": {"Fn::ImportValue": "queue"}}},
            "Function": {"Type": "AWS::Lambda::Function", "Properties": {
                "Code": {"ZipFile": "x"}, "Role": {"Fn::ImportValue": "role"}, "LoggingConfig": {"LogGroup": "/shared"},
                "Environment": {"Variables": {"QUEUE_URL": {"Ref": "Queue"}}},
            }},
        },
    });
    assert_eq!(found(unknown), []);
}

#[test]
fn resources_that_a_transform_adds_are_not_missed() {
    let serverless = json!({
        "Transform": "AWS::Serverless-2016-10-31",
        "Resources": {"Api": {"Type": "AWS::Serverless::Function", "Properties": {"Events": {"E": {"Type": "Api"}}}}},
        "Outputs": {"Url": {"Value": {"Fn::Sub": "https://${ServerlessRestApi}.execute-api.${AWS::Region}.amazonaws.com/"}}},
    });
    assert_eq!(found(serverless), []);
}
