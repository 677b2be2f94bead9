//! The CloudFormation port against prepared answers.

use std::collections::BTreeMap;

use crate::support::{Answer, CannedAws, ok, status};
use pipectl_engine::aws_error::AwsErrorCode;
use pipectl_engine::change_set::{ChangeSetKind, ChangeSetRequest, TemplateSource};
use pipectl_engine::deployed::{DeploymentMode, StackEvent};
use pipectl_engine::port::CloudFormation as _;
use serde_json::Value;

fn refusal(code: &str, message: &str) -> Answer {
    let body = format!(
        "<ErrorResponse><Error><Type>Sender</Type><Code>{code}</Code><Message>{message}</Message></Error>\
         <RequestId>request-1</RequestId></ErrorResponse>"
    );
    status(400, body)
}

fn answer(operation: &str, result: &str) -> Answer {
    ok(format!("<{operation}Response><{operation}Result>{result}</{operation}Result></{operation}Response>"))
}

/// One page of a described change set with one modified resource.
fn change_set_page(logical_id: &str, target: &str, next_token: &str) -> Answer {
    answer(
        "DescribeChangeSet",
        &format!(
            "<ChangeSetId>cs-id</ChangeSetId><StackId>stack-id</StackId><Status>CREATE_COMPLETE</Status>\
             <Changes><member><Type>Resource</Type><ResourceChange><Action>Modify</Action>\
             <Replacement>Conditional</Replacement><LogicalResourceId>{logical_id}</LogicalResourceId><ResourceType>AWS::SQS::Queue</ResourceType>\
             <Details><member><Target>{target}</Target></member></Details></ResourceChange></member></Changes>\
             {next_token}"
        ),
    )
}

fn events_page(ids: &[&str], token: &str, next_token: &str) -> Answer {
    let events: String = ids
        .iter()
        .map(|id| {
            format!(
                "<member><StackId>s</StackId><EventId>{id}</EventId><StackName>ingest</StackName>\
                 <ClientRequestToken>{token}</ClientRequestToken>\
                 <Timestamp>2026-11-23T12:00:00.250Z</Timestamp></member>"
            )
        })
        .collect();
    answer("DescribeStackEvents", &format!("<StackEvents>{events}</StackEvents>{next_token}"))
}

fn ids(events: &[StackEvent]) -> Vec<&str> {
    events.iter().map(|event| event.id.as_str()).collect()
}

const NEXT: &str = "<NextToken>more</NextToken>";

fn change_set_request(kind: ChangeSetKind) -> ChangeSetRequest {
    ChangeSetRequest {
        stack: "ingest".to_owned(),
        name: "pipectl-1".to_owned(),
        kind,
        template: TemplateSource::Object { bucket: "artifacts".to_owned(), key: "t.json".to_owned() },
        parameters: BTreeMap::from([("ArtifactBucket".to_owned(), "artifacts".to_owned())]),
        kept: std::collections::BTreeSet::new(),
        tags: BTreeMap::from([("stage".to_owned(), "dev".to_owned())]),
        mode: DeploymentMode::Standard,
        import_existing: false,
    }
}

#[tokio::test]
async fn missing_stack_is_none() {
    let aws = CannedAws::answering([refusal("ValidationError", "Stack with id ingest does not exist")]);
    assert_eq!(aws.session().await.cloudformation().describe_stack("ingest").await, Ok(None));
}

#[tokio::test]
async fn stack_is_read_with_parameters_outputs_and_tags() {
    let aws = CannedAws::answering([answer(
        "DescribeStacks",
        "<Stacks><member><StackName>ingest</StackName><StackId>id</StackId><CreationTime>2026-11-23T12:00:00Z\
         </CreationTime><StackStatus>UPDATE_COMPLETE</StackStatus><StackStatusReason/>\
         <Parameters><member><ParameterKey>A</ParameterKey><ParameterValue>1</ParameterValue></member></Parameters>\
         <Outputs><member><OutputKey>Url</OutputKey><OutputValue>https</OutputValue></member></Outputs>\
         <Tags><member><Key>stage</Key><Value>dev</Value></member></Tags>\
         <EnableTerminationProtection>true</EnableTerminationProtection></member></Stacks>",
    )]);
    let stack = aws.session().await.cloudformation().describe_stack("ingest").await.unwrap().unwrap();
    assert_eq!(stack.status.as_str(), "UPDATE_COMPLETE");
    assert_eq!(stack.status_reason, None);
    assert_eq!([&stack.parameters["A"], &stack.outputs["Url"], &stack.tags["stage"]], ["1", "https", "dev"]);
    assert!(stack.termination_protection);
}

#[tokio::test]
async fn refusal_keeps_operation_sentence_and_request_id() {
    let aws = CannedAws::answering([refusal("Throttling", "Rate exceeded")]);
    let error = aws.session().await.cloudformation().resources("ingest").await.unwrap_err();
    assert_eq!(error.code, AwsErrorCode::Throttled);
    assert_eq!((error.operation, error.message.as_str()), ("ListStackResources", "Rate exceeded"));
    assert_eq!(error.request_id.as_deref(), Some("request-1"));
}

#[tokio::test]
async fn answer_that_is_not_of_aws_is_not_a_missing_stack() {
    let aws = CannedAws::answering([status(404, "")]);
    let error = aws.session().await.cloudformation().describe_stack("ingest").await.unwrap_err();
    assert_eq!(error.code, AwsErrorCode::Other("HTTP 404".to_owned()));
}

#[tokio::test]
async fn create_asks_to_delete_the_stack_on_failure_and_names_the_template_s_address() {
    let aws = CannedAws::answering([answer("CreateChangeSet", "<Id>cs-id</Id>")]);
    let request = change_set_request(ChangeSetKind::Create);
    let id = aws.session().await.cloudformation().create_change_set(&request).await.unwrap();
    assert_eq!(id, "cs-id");
    let sent = aws.requests().remove(0);
    let field = |name| sent.field(name).unwrap();
    assert_eq!(field("ChangeSetType"), "CREATE");
    assert_eq!(field("OnStackFailure"), "DELETE");
    assert_eq!(field("TemplateURL"), format!("{}/artifacts/t.json", aws.endpoint_url()));
    assert_eq!(field("Parameters.member.1.ParameterKey"), "ArtifactBucket");
    assert_eq!(field("Tags.member.1.Value"), "dev");
    assert_eq!(field("Capabilities.member.1"), "CAPABILITY_IAM");
    assert_eq!(field("Capabilities.member.2"), "CAPABILITY_NAMED_IAM");
}

#[tokio::test]
async fn update_leaves_the_failure_to_the_rollback() {
    let aws = CannedAws::answering([answer("CreateChangeSet", "<Id>cs-id</Id>")]);
    let request = change_set_request(ChangeSetKind::Update);
    aws.session().await.cloudformation().create_change_set(&request).await.unwrap();
    let sent = aws.requests().remove(0);
    assert_eq!(sent.field("ChangeSetType").unwrap(), "UPDATE");
    assert_eq!(sent.field("OnStackFailure"), None);
}

#[tokio::test]
async fn parameter_that_keeps_its_value_is_sent_without_one() {
    let aws = CannedAws::answering([answer("CreateChangeSet", "<Id>cs-id</Id>")]);
    let mut request = change_set_request(ChangeSetKind::Update);
    request.kept.insert("Secret".to_owned());
    aws.session().await.cloudformation().create_change_set(&request).await.unwrap();
    let sent = aws.requests().remove(0);
    assert_eq!(sent.field("Parameters.member.1.UsePreviousValue"), None);
    assert_eq!(sent.field("Parameters.member.2.ParameterKey").unwrap(), "Secret");
    assert_eq!(sent.field("Parameters.member.2.UsePreviousValue").unwrap(), "true");
    assert_eq!(sent.field("Parameters.member.2.ParameterValue"), None);
}

#[tokio::test]
async fn taken_change_set_name_is_told() {
    let aws = CannedAws::answering([refusal("AlreadyExistsException", "ChangeSet pipectl-1 already exists")]);
    let request = change_set_request(ChangeSetKind::Update);
    let error = aws.session().await.cloudformation().create_change_set(&request).await.unwrap_err();
    assert_eq!(error.code, AwsErrorCode::AlreadyExists);
}

#[tokio::test]
async fn made_change_set_is_described_twice_on_all_pages_and_merged() {
    let name = "<Attribute>Properties</Attribute><Name>Code</Name>";
    let path = "<Attribute>Properties</Attribute><Path>/Properties/Code/S3Key</Path>";
    let aws = CannedAws::answering([
        change_set_page("First", name, NEXT),
        change_set_page("Second", name, ""),
        change_set_page("Second", path, ""),
    ]);
    let described = aws.session().await.cloudformation().describe_change_set("ingest", "cs").await.unwrap();
    let changes: Vec<_> =
        described.changes.iter().map(|change| (change.logical_id.as_str(), &change.properties[0])).collect();
    assert_eq!(
        changes,
        [("First", &"/Properties/Code".to_owned()), ("Second", &"/Properties/Code/S3Key".to_owned())]
    );
    let sent = aws.requests();
    let values: Vec<_> = sent.iter().map(|request| request.field("IncludePropertyValues").unwrap()).collect();
    assert_eq!(values, ["false", "false", "true"]);
    assert_eq!(sent[1].field("NextToken").as_deref(), Some("more"));
}

#[tokio::test]
async fn change_set_that_replaces_nothing_is_described_once() {
    let added = "<member><Type>Resource</Type><ResourceChange><Action>Add</Action>\
                 <LogicalResourceId>Queue</LogicalResourceId></ResourceChange></member>\
                 <member><Type>Resource</Type><ResourceChange><Action>Modify</Action>\
                 <Replacement>False</Replacement><LogicalResourceId>Worker</LogicalResourceId>\
                 </ResourceChange></member>";
    let aws = CannedAws::answering([answer(
        "DescribeChangeSet",
        &format!(
            "<ChangeSetId>c</ChangeSetId><StackId>s</StackId><Status>CREATE_COMPLETE</Status><Changes>{added}</Changes>"
        ),
    )]);
    let described = aws.session().await.cloudformation().describe_change_set("ingest", "cs").await.unwrap();
    assert_eq!(described.changes.len(), 2);
    assert_eq!(aws.requests().len(), 1);
}

#[tokio::test]
async fn change_set_in_the_making_is_described_once() {
    let aws = CannedAws::answering([answer(
        "DescribeChangeSet",
        "<ChangeSetId>c</ChangeSetId><StackId>s</StackId><Status>CREATE_IN_PROGRESS</Status>",
    )]);
    aws.session().await.cloudformation().describe_change_set("ingest", "cs").await.unwrap();
    assert_eq!(aws.requests().len(), 1);
}

#[tokio::test]
async fn change_set_that_failed_because_nothing_differs_is_empty() {
    let page = |reason: &str| {
        answer(
            "DescribeChangeSet",
            &format!(
                "<ChangeSetId>c</ChangeSetId><StackId>s</StackId><Status>FAILED</Status>\
                 <StatusReason>{reason}</StatusReason>"
            ),
        )
    };
    let aws = CannedAws::answering([
        page(
            "The submitted information didn't contain changes. Submit different information to create a change set.",
        ),
        page("Transform failed"),
    ]);
    let cloudformation = aws.session().await.cloudformation();
    assert!(cloudformation.describe_change_set("ingest", "cs").await.unwrap().is_empty);
    assert!(!cloudformation.describe_change_set("ingest", "cs").await.unwrap().is_empty);
}

#[tokio::test]
async fn missing_change_set_is_not_found_and_counts_as_deleted() {
    let refused = || refusal("ChangeSetNotFound", "ChangeSet [cs] does not exist");
    let aws = CannedAws::answering([refused(), refused()]);
    let cloudformation = aws.session().await.cloudformation();
    let error = cloudformation.describe_change_set("ingest", "cs").await.unwrap_err();
    assert_eq!(error.code, AwsErrorCode::NotFound);
    assert_eq!(cloudformation.delete_change_set("ingest", "cs").await, Ok(()));
}

#[tokio::test]
async fn repeated_execution_joins_the_one_that_carries_its_token() {
    let aws = CannedAws::answering([
        refusal("InvalidChangeSetStatus", "An operation on this ChangeSet is currently in progress."),
        events_page(&["2"], "token-1", ""),
    ]);
    let cloudformation = aws.session().await.cloudformation();
    assert_eq!(cloudformation.execute_change_set("ingest", "cs", "token-1").await, Ok(()));
    assert_eq!(aws.requests()[0].field("ClientRequestToken").unwrap(), "token-1");
}

#[tokio::test]
async fn execution_refused_because_of_somebody_else_s_operation_stays_refused() {
    let aws = CannedAws::answering([
        refusal("InvalidChangeSetStatus", "An operation on this ChangeSet is currently in progress."),
        events_page(&["2"], "theirs", ""),
    ]);
    let cloudformation = aws.session().await.cloudformation();
    let error = cloudformation.execute_change_set("ingest", "cs", "token-1").await.unwrap_err();
    assert_eq!(error.code, AwsErrorCode::OperationInProgress);
}

#[tokio::test]
async fn events_are_read_up_to_the_known_one_and_given_oldest_first() {
    let aws = CannedAws::answering([
        events_page(&["5", "4"], "ours", NEXT),
        events_page(&["3", "2", "1"], "ours", NEXT),
    ]);
    let events =
        aws.session().await.cloudformation().events("ingest", Some("ours"), Some("2")).await.unwrap();
    assert_eq!(ids(&events), ["3", "4", "5"]);
    assert_eq!(aws.requests().len(), 2);
    assert_eq!(events[0].at_ms % 1000, 250);
}

#[tokio::test]
async fn events_end_where_an_older_operation_begins() {
    let aws = CannedAws::answering([
        events_page(&["5", "4"], "ours", NEXT),
        events_page(&["3", "2"], "older", NEXT),
    ]);
    let events = aws.session().await.cloudformation().events("ingest", Some("ours"), None).await.unwrap();
    assert_eq!(ids(&events), ["4", "5"]);
    assert_eq!(aws.requests().len(), 2);
}

#[tokio::test]
async fn stack_without_events_of_the_operation_costs_one_page() {
    let aws = CannedAws::answering([events_page(&["5", "4"], "another", NEXT)]);
    let events = aws.session().await.cloudformation().events("ingest", Some("ours"), None).await;
    assert_eq!(events, Ok(Vec::new()));
}

#[tokio::test]
async fn json_template_is_a_value_and_a_yaml_template_is_text() {
    let body = |text: &str| answer("GetTemplate", &format!("<TemplateBody>{text}</TemplateBody>"));
    let aws = CannedAws::answering([body("{\"Resources\":{}}"), body("Resources: {}")]);
    let cloudformation = aws.session().await.cloudformation();
    assert_eq!(cloudformation.template("ingest").await, Ok(serde_json::json!({ "Resources": {} })));
    assert_eq!(cloudformation.template("ingest").await, Ok(Value::from("Resources: {}")));
    assert_eq!(aws.requests()[0].field("TemplateStage").unwrap(), "Original");
}
