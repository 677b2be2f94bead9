//! What a role is granted: effective statements, wildcards, references, conditions.

use serde_json::{Value as Json, json};
use stack_model::Template;
use stack_model::assertion::{Mismatch, is_granted, is_not_granted};

/// What can be said for certain of an action on an ARN.
#[derive(Debug, PartialEq)]
enum Access {
    Granted,
    NotGranted,
    Undecided,
}

fn access(template: &Template, subject: &str, action: &str, on: &Json) -> Access {
    let granted = is_granted(template, subject, action, on);
    let not_granted = is_not_granted(template, subject, action, on);
    match (granted, not_granted) {
        (Ok(()), Err(Mismatch::Granted { .. })) => Access::Granted,
        (Err(Mismatch::NotGranted { .. } | Mismatch::Denied { .. }), Ok(())) => Access::NotGranted,
        (Err(Mismatch::Undecided { .. }), Err(Mismatch::Undecided { .. })) => Access::Undecided,
        other => panic!("the two forms disagree: {other:?}"),
    }
}

/// A function whose role has these statements, beside two queues, a named one, a table and a bucket.
fn with_statements(statements: Json) -> Template {
    let policy = json!({"PolicyName": "p", "PolicyDocument": {"Statement": statements}});
    Template::from_json(json!({
        "Parameters": {
            "Suffix": {"Type": "String", "Default": "-an"},
            "Stage": {"Type": "String", "AllowedValues": ["dev", "prod"]},
            "QueueArn": {"Type": "String"},
        },
        "Conditions": {"IsProd": {"Fn::Equals": [{"Ref": "Stage"}, "prod"]}},
        "Resources": {
            "Role": {"Type": "AWS::IAM::Role", "Properties": {"Policies": [policy]}},
            "Function": {"Type": "AWS::Lambda::Function", "Properties": {"Role": {"Fn::GetAtt": ["Role", "Arn"]}}},
            "Orders": {"Type": "AWS::SQS::Queue"},
            "Others": {"Type": "AWS::SQS::Queue"},
            "Named": {"Type": "AWS::SQS::Queue", "Properties": {"QueueName": "named"}},
            "Records": {"Type": "AWS::DynamoDB::Table"},
            "Uploads": {"Type": "AWS::S3::Bucket", "Properties": {"BucketName": {"Fn::Sub": "up-${AWS::AccountId}${Suffix}"}}},
        },
    }))
    .unwrap()
}

fn allow(action: &str, resource: Json) -> Json {
    json!({"Effect": "Allow", "Action": action, "Resource": resource})
}

fn arn(logical_id: &str) -> Json {
    json!({"Fn::GetAtt": [logical_id, "Arn"]})
}

/// Access of a role with one statement.
fn after(statement: Json, action: &str, on: &Json) -> Access {
    access(&with_statements(json!([statement])), "Function", action, on)
}

const SEND: &str = "sqs:SendMessage";

#[test]
fn statement_grants_its_action_on_its_resource_only() {
    let send = || allow(SEND, arn("Orders"));
    assert_eq!(after(send(), SEND, &arn("Orders")), Access::Granted);
    assert_eq!(after(send(), "sqs:ReceiveMessage", &arn("Orders")), Access::NotGranted);
    assert_eq!(after(send(), SEND, &arn("Others")), Access::NotGranted);
    assert_eq!(after(send(), SEND, &arn("Records")), Access::NotGranted);
}

#[test]
fn role_is_asked_like_its_function() {
    let template = with_statements(json!(allow(SEND, arn("Orders"))));
    assert_eq!(access(&template, "Role", SEND, &arn("Orders")), Access::Granted);
}

#[test]
fn actions_match_by_wildcards_and_in_any_case() {
    assert_eq!(after(allow("SQS:send*", arn("Orders")), SEND, &arn("Orders")), Access::Granted);
    assert_eq!(after(allow("sqs:Receive*", arn("Orders")), SEND, &arn("Orders")), Access::NotGranted);
    assert_eq!(after(allow("*", json!("*")), SEND, &arn("Orders")), Access::Granted);
}

#[test]
fn references_are_compared_in_any_notation() {
    let joined = json!({"Fn::Join": ["/", [{"Fn::GetAtt": "Records.Arn"}, "index", "*"]]});
    let index = json!({"Fn::Sub": "${Records.Arn}/index/by-source"});
    let query = || allow("dynamodb:Query", joined.clone());
    assert_eq!(after(query(), "dynamodb:Query", &index), Access::Granted);
    assert_eq!(after(query(), "dynamodb:Query", &arn("Records")), Access::NotGranted);
}

#[test]
fn arn_that_is_put_together_from_a_name_is_that_of_its_resource() {
    let arn_text = json!({"Fn::Sub": "arn:${AWS::Partition}:sqs:${AWS::Region}:${AWS::AccountId}:named"});
    assert_eq!(after(allow(SEND, arn_text.clone()), SEND, &arn("Named")), Access::Granted);
    assert_eq!(after(allow(SEND, arn("Named")), SEND, &arn_text), Access::Granted);
    let objects = json!({"Fn::Sub": "arn:${AWS::Partition}:s3:::up-${AWS::AccountId}${Suffix}/*"});
    let object = json!({"Fn::Join": ["", [{"Fn::GetAtt": ["Uploads", "Arn"]}, "/in/a.csv"]]});
    assert_eq!(after(allow("s3:GetObject", objects), "s3:GetObject", &object), Access::Granted);
}

#[test]
fn part_of_what_is_asked_for_is_not_enough_and_not_nothing() {
    let all = json!({"Fn::Sub": "${Uploads.Arn}/*"});
    let some = json!({"Fn::Sub": "${Uploads.Arn}/in/*"});
    assert_eq!(after(allow("s3:GetObject", some.clone()), "s3:GetObject", &all), Access::Undecided);
    assert_eq!(after(allow("s3:GetObject", all), "s3:GetObject", &some), Access::Granted);
    let other = json!({"Fn::Sub": "${Uploads.Arn}/out/*"});
    assert_eq!(after(allow("s3:GetObject", some), "s3:GetObject", &other), Access::NotGranted);
}

#[test]
fn denial_takes_away_what_another_statement_grants() {
    let both = |deny: Json| with_statements(json!([allow("sqs:*", json!("*")), deny]));
    let denied = both(json!({"Effect": "Deny", "Action": SEND, "Resource": arn("Orders")}));
    assert_eq!(access(&denied, "Function", SEND, &arn("Orders")), Access::NotGranted);
    assert_eq!(access(&denied, "Function", SEND, &arn("Others")), Access::Granted);
    let doubtful = both(json!({
        "Effect": "Deny", "Action": "*", "Resource": "*",
        "Condition": {"Bool": {"aws:SecureTransport": "false"}},
    }));
    assert_eq!(access(&doubtful, "Function", SEND, &arn("Orders")), Access::Undecided);
}

#[test]
fn not_action_and_not_resource_are_read() {
    let but_send = json!({"Effect": "Allow", "NotAction": SEND, "Resource": arn("Orders")});
    assert_eq!(after(but_send.clone(), SEND, &arn("Orders")), Access::NotGranted);
    assert_eq!(after(but_send, "sqs:PurgeQueue", &arn("Orders")), Access::Granted);
    let but_orders = json!({"Effect": "Allow", "Action": SEND, "NotResource": arn("Orders")});
    assert_eq!(after(but_orders.clone(), SEND, &arn("Orders")), Access::NotGranted);
    assert_eq!(after(but_orders, SEND, &arn("Others")), Access::Granted);
}

#[test]
fn condition_of_a_statement_leaves_it_undecided() {
    let mut statement = allow(SEND, arn("Orders"));
    statement["Condition"] = json!({"StringEquals": {"aws:SourceAccount": "123456789012"}});
    assert_eq!(after(statement.clone(), SEND, &arn("Orders")), Access::Undecided);
    assert_eq!(after(statement, SEND, &arn("Others")), Access::NotGranted);
}

#[test]
fn value_from_outside_leaves_it_undecided() {
    let outside = || allow(SEND, json!({"Ref": "QueueArn"}));
    assert_eq!(after(outside(), SEND, &arn("Orders")), Access::Undecided);
    assert_eq!(after(outside(), SEND, &json!({"Ref": "QueueArn"})), Access::Granted);
}

#[test]
fn grant_of_one_stage_is_not_that_of_all() {
    let staged = json!({"Fn::If": ["IsProd", arn("Orders"), arn("Others")]});
    let template = with_statements(json!([allow(SEND, staged)]));
    assert!(is_granted(&template, "Function", SEND, arn("Orders")).is_err());
    assert!(is_not_granted(&template, "Function", SEND, arn("Orders")).is_err());
    let both = with_statements(json!([allow(SEND, json!({"Fn::If": ["IsProd", arn("Orders"), "*"]}))]));
    assert!(is_granted(&both, "Function", SEND, arn("Orders")).is_ok());
}

fn with_role(patch: Json) -> Template {
    let mut json = with_statements(json!([allow(SEND, arn("Orders"))])).to_json();
    for (name, value) in patch.as_object().unwrap() {
        json["Resources"]["Role"]["Properties"][name] = value.clone();
    }
    Template::from_json(json).unwrap()
}

#[test]
fn managed_policy_grants_what_is_known_of_it_and_an_unknown_one_may_grant_anything() {
    let receive = "sqs:ReceiveMessage";
    let known = "arn:aws:iam::aws:policy/service-role/AWSLambdaSQSQueueExecutionRole";
    let known = with_role(json!({"ManagedPolicyArns": [known]}));
    assert_eq!(access(&known, "Function", receive, &arn("Orders")), Access::Granted);
    assert_eq!(access(&known, "Function", "sqs:PurgeQueue", &arn("Orders")), Access::NotGranted);
    let unknown = with_role(json!({"ManagedPolicyArns": [{"Fn::ImportValue": "x"}]}));
    assert_eq!(access(&unknown, "Function", receive, &arn("Orders")), Access::Undecided);
    assert_eq!(access(&unknown, "Function", SEND, &arn("Orders")), Access::Granted);
}

#[test]
fn permissions_boundary_may_take_every_grant_away() {
    let bounded = with_role(json!({"PermissionsBoundary": "arn:aws:iam::123456789012:policy/boundary"}));
    assert_eq!(access(&bounded, "Function", SEND, &arn("Orders")), Access::Undecided);
    assert_eq!(access(&bounded, "Function", "sqs:PurgeQueue", &arn("Orders")), Access::NotGranted);
}

#[test]
fn failure_shows_the_statements_about_the_action() {
    let template = with_statements(json!([allow(SEND, arn("Others")), allow("s3:GetObject", json!("*"))]));
    let found = is_granted(&template, "Function", SEND, arn("Orders")).unwrap_err();
    let statement = allow(SEND, arn("Others"));
    let asked = format!("`sqs:SendMessage` on {} to `Function`", arn("Orders"));
    assert_eq!(found.to_string(), format!("nothing grants {asked}\n  {statement}"));
    let found = is_not_granted(&template, "Function", SEND, arn("Others")).unwrap_err();
    let asked = format!("`sqs:SendMessage` on {} to `Function`", arn("Others"));
    assert_eq!(found.to_string(), format!("a statement grants {asked}\n  {statement}"));
}

#[test]
fn nobody_to_ask_is_an_error_in_both_forms() {
    let template = with_statements(json!([]));
    for subject in ["Functoin", "Orders"] {
        assert!(is_granted(&template, subject, SEND, "*").is_err(), "{subject}");
        assert!(is_not_granted(&template, subject, SEND, "*").is_err(), "{subject}");
    }
}
