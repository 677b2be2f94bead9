//! Least privilege: what the roles and resource policies of the pipeline name.

use serde_json::{Value as Json, json};
use stack_model::assertion::{
    Pattern, assert_granted, assert_has_resource, assert_not_granted, assert_resource_count, is_granted,
    resources_like,
};
use stack_model::handle::Standard;
use stack_model::pipeline::{
    Pipeline, PipelineName, PipelineOptions, QueueOptions, Redrive, TopicKey, TopicOptions,
};
use stack_model::sqs::MaxReceiveCount;
use stack_model::template::TemplateResource;
use stack_model::unit::Count;

use crate::ingest::ingest;

fn statements(resource: TemplateResource<'_>) -> Vec<Json> {
    let policies = resource.property("Policies").and_then(Json::as_array).cloned().unwrap_or_default();
    let documents = policies.iter().map(|policy| &policy["PolicyDocument"]);
    let documents = documents.chain(resource.property("PolicyDocument"));
    documents.flat_map(|document| document["Statement"].as_array().unwrap().clone()).collect()
}

fn arn(logical_id: &str) -> Json {
    json!({"Fn::GetAtt": [logical_id, "Arn"]})
}

#[test]
fn only_tracing_names_every_resource() {
    let template = ingest::<Standard>().template();
    for resource in template.resources() {
        for statement in statements(resource).iter().filter(|statement| statement["Effect"] == "Allow") {
            let names_all = statement["Resource"].as_array().is_some_and(|all| all.contains(&"*".into()));
            assert_eq!(names_all, statement["Sid"] == "Tracing", "{}: {statement}", resource.logical_id);
        }
    }
}

#[test]
fn no_statement_grants_a_wildcard_action() {
    let template = ingest::<Standard>().template();
    for resource in template.resources() {
        for statement in statements(resource).iter().filter(|statement| statement["Effect"] == "Allow") {
            let actions = statement["Action"].as_array().unwrap();
            assert!(actions.iter().all(|action| !action.as_str().unwrap().contains('*')), "{statement}");
        }
    }
}

#[test]
fn writer_may_write_items_but_not_read_or_delete_them() {
    let template = ingest::<Standard>().template();
    let may = |action| is_granted(&template, "MessageWriterFunction", action, arn("RecordsTable"));
    assert_eq!((may("dynamodb:PutItem"), may("dynamodb:UpdateItem")), (Ok(()), Ok(())));
    for action in ["dynamodb:GetItem", "dynamodb:Query", "dynamodb:DeleteItem", "dynamodb:DeleteTable"] {
        assert_not_granted(&template, "MessageWriterFunction", action, arn("RecordsTable"));
    }
}

#[test]
fn reader_may_query_the_index_of_its_table() {
    let template = ingest::<Standard>().template();
    let index = json!({"Fn::Sub": "${RecordsTable.Arn}/index/by-source"});
    assert_granted(&template, "RecordsApiFunction", "dynamodb:Query", index);
}

#[test]
fn extract_may_read_objects_of_its_bucket_by_a_computed_arn_and_write_none() {
    let template = ingest::<Standard>().template();
    let objects = json!({"Fn::Sub": "${UploadsBucket.Arn}/*"});
    assert_granted(&template, "ObjectExtractFunction", "s3:GetObject", &objects);
    assert_not_granted(&template, "ObjectExtractFunction", "s3:PutObject", &objects);
    let computed =
        "arn:${AWS::Partition}:s3:::ingest-uploads-${AWS::AccountId}-${AWS::Region}${BucketNameSuffix}/*";
    let read = Pattern::object([
        ("Action", Pattern::list_with(["s3:GetObject"])),
        ("Resource", Pattern::from(json!([{"Fn::Sub": computed}]))),
    ]);
    let statements = Pattern::object([("Statement", Pattern::list_with([read]))]);
    let policy = Pattern::object([("PolicyDocument", statements)]);
    let policies = Pattern::object([("Policies", Pattern::list_with([policy]))]);
    assert_has_resource(&template, "AWS::IAM::Role", policies);
}

#[test]
fn every_permission_names_its_source() {
    let template = ingest::<Standard>().template();
    let permission = "AWS::Lambda::Permission";
    let with_source = Pattern::object([("SourceArn", Pattern::present())]);
    assert_resource_count(&template, permission, 6);
    assert_eq!(resources_like(&template, permission, with_source).len(), 6);
}

#[test]
fn own_key_of_a_topic_lets_this_accounts_alarms_use_it_and_no_other_service() {
    let mut pipeline = Pipeline::new(PipelineName::new("orders").unwrap(), PipelineOptions::default());
    let dead_letter_queue = pipeline.queue::<Standard>("orders-dlq", QueueOptions::default());
    let redrive = Redrive { dead_letter_queue, max_receive_count: MaxReceiveCount::constant(Count(5)) };
    pipeline.queue("orders", QueueOptions { redrive: Some(redrive), ..QueueOptions::default() });
    let topic = pipeline.topic("support", TopicOptions { key: TopicKey::Own, ..TopicOptions::default() });
    pipeline.notify_alarms(&topic);
    let stack = pipeline.into_stack();
    let template = stack.template();

    let topic = template.resource("SupportTopic").unwrap();
    assert_eq!(topic.property("KmsMasterKeyId"), Some(&json!({"Fn::GetAtt": ["SupportTopicKey", "Arn"]})));
    let key = template.resource("SupportTopicKey").unwrap();
    assert_eq!(key.property("EnableKeyRotation"), Some(&json!(true)));
    let statements = key.property("KeyPolicy").unwrap()["Statement"].as_array().unwrap().clone();
    let services: Vec<&Json> =
        statements.iter().filter(|statement| !statement["Principal"]["Service"].is_null()).collect();
    let alarms = json!({
        "Sid": "Alarms", "Effect": "Allow", "Principal": {"Service": "cloudwatch.amazonaws.com"},
        "Action": ["kms:Decrypt", "kms:GenerateDataKey*"], "Resource": ["*"],
        "Condition": {
            "ArnLike": {
                "aws:SourceArn":
                    {"Fn::Sub": "arn:${AWS::Partition}:cloudwatch:${AWS::Region}:${AWS::AccountId}:alarm:*"},
            },
            "StringEquals": {"aws:SourceAccount": {"Ref": "AWS::AccountId"}},
        },
    });
    assert_eq!(services, [&alarms]);
}
