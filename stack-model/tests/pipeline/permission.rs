//! Least privilege: what the roles and resource policies of the pipeline name.

use serde_json::{Value as Json, json};
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

fn role_statements(logical_id: &str) -> Vec<Json> {
    statements(ingest::<Standard>().template().resource(logical_id).unwrap())
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
    let all: Vec<_> = role_statements("MessageWriterFunctionRole")
        .iter()
        .flat_map(|statement| statement["Action"].as_array().unwrap().clone())
        .filter(|action| action.as_str().unwrap().starts_with("dynamodb:"))
        .collect();
    assert_eq!(all, ["dynamodb:PutItem", "dynamodb:UpdateItem"]);
}

#[test]
fn extract_may_read_objects_of_its_bucket_by_a_computed_arn() {
    let reads = role_statements("ObjectExtractFunctionRole");
    let read = reads.iter().find(|statement| statement["Action"][0] == "s3:GetObject").unwrap();
    let arn =
        "arn:${AWS::Partition}:s3:::ingest-uploads-${AWS::AccountId}-${AWS::Region}${BucketNameSuffix}/*";
    assert_eq!(read["Resource"][0]["Fn::Sub"], arn);
}

#[test]
fn every_permission_names_its_source() {
    let template = ingest::<Standard>().template();
    let permissions = template.resources().filter(|r| r.resource_type() == "AWS::Lambda::Permission");
    let mut count = 0;
    for permission in permissions {
        assert!(permission.property("SourceArn").is_some(), "{}", permission.logical_id);
        count += 1;
    }
    assert_eq!(count, 6);
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
