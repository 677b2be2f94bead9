//! The account over HTTP: pages, operations, tokens, and what breaks on the way.

use std::time::Duration;

use pipectl_engine::port::CloudFormation as _;
use pipectl_testkit::{FakeAccount, Gate, Verb, WireFault, finish};
use serde_json::json;

use crate::caller::Caller;
use crate::support::{deployed, template, with};

fn names(caller: &Caller, operation: &str, tag: &str, fields: &[(&str, &str)]) -> Vec<String> {
    let mut token = String::new();
    let mut found = Vec::new();
    loop {
        let mut fields = fields.to_vec();
        if !token.is_empty() {
            fields.push(("NextToken", &token));
        }
        let page = caller.call(operation, &fields).ok();
        assert!(page.all(tag).len() <= 2);
        found.extend(page.all(tag).into_iter().map(str::to_owned));
        token = page.text("NextToken").to_owned();
        if token.is_empty() {
            return found;
        }
    }
}

#[test]
fn every_list_comes_in_pages_of_the_size_that_was_set() {
    let caller = Caller::of(deployed());
    for name in ["a", "b", "c"] {
        let changed = with("/Resources/Queue/Properties", json!({"QueueName": name})).to_string();
        caller.change_set(name, "UPDATE", &changed, &[]).ok();
    }
    caller.pass(2);
    caller.aws.set_page_size(2);
    let stack = ("StackName", "s");
    let all = |operation, tag| names(&caller, operation, tag, &[stack, ("ChangeSetName", "a")]).len();
    assert_eq!(all("ListChangeSets", "ChangeSetName"), 4);
    assert_eq!(all("ListStackResources", "LogicalResourceId"), 3);
    assert_eq!(all("DescribeChangeSet", "LogicalResourceId"), 2);
    assert_eq!(names(&caller, "DescribeStackEvents", "EventId", &[stack]).len(), 12);
    assert_eq!(names(&caller, "DescribeEvents", "EventId", &[stack]).len(), 12);
}

#[test]
fn events_are_newest_first_and_carry_operation_and_token() {
    let caller = Caller::of(deployed());
    let events = caller.call("DescribeStackEvents", &[("StackName", "s")]);
    assert_eq!(events.all("ResourceStatus")[0], "CREATE_COMPLETE");
    assert_eq!(events.all("OperationId").len(), 11, "all but the one of REVIEW_IN_PROGRESS");
    assert_eq!(events.all("ClientRequestToken").len(), 11);
}

#[test]
fn operations_are_told_apart_and_the_rollback_is_one_of_its_own() {
    let caller = Caller::of(deployed());
    caller.account.cloudformation.fail(Verb::Update, "Queue", "no");
    caller.start("u", "UPDATE", &with("/Resources/Queue/Properties/DelaySeconds", json!(2)).to_string(), &[]);
    caller.pass(60);
    let stack = caller.call("DescribeStacks", &[("StackName", "s")]);
    assert_eq!(stack.all("OperationType"), ["CREATE_STACK", "ROLLBACK", "UPDATE_STACK"]);
    let update = stack.all("OperationId")[2];
    let events = caller.call("DescribeEvents", &[("OperationId", update), ("Filters.FailedEvents", "true")]);
    assert_eq!(events.all("EventType"), ["PROVISIONING_ERROR"]);
    assert_eq!(events.text("ResourceStatusReason"), "no");
}

#[test]
fn events_of_nothing_are_refused() {
    let refused = Caller::new().call("DescribeEvents", &[]);
    let sentence = "One of ChangeSetName, OperationId or StackName must be specified";
    assert_eq!(refused.refusal(), ("ValidationError", sentence));
}

#[test]
fn resource_is_dropped_from_the_description_with_values_only() {
    let caller = Caller::of(deployed());
    let renamed = with("/Resources/Queue/Properties", json!({"QueueName": "q"})).to_string();
    caller.change_set("a", "UPDATE", &renamed, &[]).ok();
    caller.pass(2);
    caller.aws.drop_from_property_values("Queue");
    let described = |values| {
        let fields = [("StackName", "s"), ("ChangeSetName", "a"), ("IncludePropertyValues", values)];
        let answer = caller.call("DescribeChangeSet", &fields);
        answer.all("LogicalResourceId").into_iter().map(str::to_owned).collect::<Vec<_>>()
    };
    assert_eq!(
        (described("false"), described("true")),
        (vec!["Queue".into(), "Worker".into()], vec!["Worker".into()])
    );
}

#[test]
fn stack_is_made_and_updated_without_change_sets() {
    let caller = Caller::new();
    let body = template().to_string();
    let create = || caller.call("CreateStack", &[("StackName", "s"), ("TemplateBody", &body)]);
    create().ok();
    assert_eq!(create().refusal().0, "AlreadyExistsException");
    caller.pass(60);
    let update = |body: &str| caller.call("UpdateStack", &[("StackName", "s"), ("TemplateBody", body)]);
    assert_eq!(update(&body).refusal().1, "No updates are to be performed.");
    update(&with("/Resources/Queue/Properties/DelaySeconds", json!(2)).to_string()).ok();
    caller.pass(60);
    assert_eq!(caller.status(), "UPDATE_COMPLETE");
}

#[test]
fn previous_template_values_and_tags_are_kept() {
    let caller = Caller::new();
    let mut body = template();
    body["Parameters"] = json!({"A": {"Type": "String"}, "B": {"Type": "String"}});
    body["Resources"]["Queue"]["Properties"] = json!({"QueueName": {"Ref": "A"}, "Tags": {"Ref": "B"}});
    let given =
        |a, b| [("Parameters.member.1.ParameterKey", "A"), a, ("Parameters.member.2.ParameterKey", "B"), b];
    let first =
        given(("Parameters.member.1.ParameterValue", "1"), ("Parameters.member.2.ParameterValue", "2"));
    let tagged = [&first[..], &[("Tags.member.1.Key", "stage"), ("Tags.member.1.Value", "dev")]].concat();
    caller.start("c", "CREATE", &body.to_string(), &tagged);
    caller.pass(60);
    let second =
        given(("Parameters.member.1.UsePreviousValue", "true"), ("Parameters.member.2.ParameterValue", "3"));
    let mut fields = vec![("StackName", "s"), ("UsePreviousTemplate", "true")];
    fields.extend(second);
    caller.call("UpdateStack", &fields).ok();
    let stack = caller.call("DescribeStacks", &[("StackName", "s")]);
    assert_eq!(stack.all("ParameterValue"), ["1", "3"]);
    assert_eq!(stack.all("Value"), ["dev"], "there is one tag; outputs are in OutputValue");
}

#[test]
fn lost_answer_leaves_the_work_done_and_an_unreached_call_does_not() {
    let caller = Caller::new();
    let body = template().to_string();
    let fields = [("StackName", "s"), ("TemplateBody", body.as_str())];
    caller.aws.spoil("CreateStack", 1, WireFault::Unreached);
    caller.aws.spoil("CreateStack", 2, WireFault::AnswerLost);
    assert!(caller.try_call("CreateStack", &fields).is_none());
    assert_eq!(caller.status(), "");
    assert!(caller.try_call("CreateStack", &fields).is_none());
    assert_eq!(caller.status(), "CREATE_IN_PROGRESS");
    assert_eq!(caller.account.journal.count("CreateStack"), 2);
}

#[test]
fn cut_answer_is_not_whole() {
    let caller = Caller::of(deployed());
    caller.aws.spoil("DescribeStackEvents", 1, WireFault::AnswerCut);
    assert!(caller.try_call("DescribeStackEvents", &[("StackName", "s")]).is_none());
}

#[test]
fn refusals_on_the_wire_come_as_aws_writes_them() {
    let caller = Caller::of(deployed());
    let answer = |fault| {
        caller.aws.spoil("DescribeStacks", 1, fault);
        let answer = caller.call("DescribeStacks", &[("StackName", "s")]);
        (answer.status, answer.text("Code").to_owned())
    };
    assert_eq!(answer(WireFault::throttled()), (400, "Throttling".to_owned()));
    assert_eq!(answer(WireFault::internal_failure()), (500, "InternalFailure".to_owned()));
    assert_eq!(answer(WireFault::unavailable()), (503, "ServiceUnavailable".to_owned()));
    assert_eq!(answer(WireFault::expired_token()), (403, "ExpiredToken".to_owned()));
}

#[test]
fn upload_that_breaks_in_the_middle_leaves_no_object() {
    let caller = Caller::new();
    caller.account.store.write("b", "other", b"");
    caller.aws.spoil("PutObject", 1, WireFault::UploadReset);
    let put = || caller.send("PUT", "/b/key", "AKIATEST", "20261123T120000Z", &[7; 200_000]);
    assert!(put().is_none());
    assert!(caller.account.store.object("b", "key").is_none());
    assert_eq!(put().unwrap().status, 200);
}

#[test]
fn expired_key_is_refused_and_a_fresh_one_is_not() {
    let caller = Caller::new();
    caller.aws.expire("AKIAOLD");
    let call = |key| {
        let body = b"Action=GetCallerIdentity&Version=2011-06-15";
        caller.send("POST", "/", key, "20261123T120000Z", body).unwrap().text("Code").to_owned()
    };
    assert_eq!([call("AKIAOLD"), call("AKIANEW")], ["ExpiredToken", ""]);
}

#[test]
fn call_with_a_wrong_clock_is_refused_with_the_service_s_time() {
    let caller = Caller::new();
    caller.aws.set_clock_ahead(Duration::from_secs(3_600));
    let call = |date| {
        let body = b"Action=GetCallerIdentity&Version=2011-06-15";
        caller.send("POST", "/", "AKIATEST", date, body).unwrap()
    };
    let refused = call("20261123T120000Z");
    assert_eq!(refused.refusal().0, "SignatureDoesNotMatch");
    assert!(refused.head.contains("date: Mon, 23 Nov 2026 13:00:00 GMT"));
    assert_eq!(call("20261123T130000Z").status, 200);
}

#[test]
fn limited_operation_is_throttled_until_the_clock_has_moved() {
    let caller = Caller::of(deployed());
    caller.aws.limit("DescribeStacks", 2, 1);
    let statuses = [(); 3].map(|()| caller.call("DescribeStacks", &[("StackName", "s")]).status);
    assert_eq!(statuses, [200, 200, 400]);
    caller.pass(1);
    assert_eq!(caller.call("DescribeStacks", &[("StackName", "s")]).status, 200);
}

#[test]
fn time_passes_with_each_call_when_it_is_set_to() {
    let caller = Caller::new();
    caller.aws.pass_with_each_call(Duration::from_secs(10));
    caller.call("CreateStack", &[("StackName", "s"), ("TemplateBody", &template().to_string())]).ok();
    assert_eq!((caller.status().as_str(), caller.status().as_str()), ("CREATE_COMPLETE", "CREATE_COMPLETE"));
}

#[test]
fn held_call_does_nothing_until_its_gate_is_opened() {
    let caller = Caller::new();
    let gate = Gate::new();
    caller.aws.spoil("CreateStack", 1, WireFault::Held(gate.clone()));
    let stacks = caller.account.cloudformation.clone();
    let watcher = std::thread::spawn(move || {
        gate.wait_until_reached();
        let was_there = finish(stacks.describe_stack("s")).unwrap().is_some();
        gate.open();
        was_there
    });
    let body = template().to_string();
    caller.call("CreateStack", &[("StackName", "s"), ("TemplateBody", &body)]).ok();
    assert!(!watcher.join().unwrap());
    assert_eq!(caller.status(), "CREATE_IN_PROGRESS");
}

#[test]
fn template_is_read_from_a_bucket_and_missed_when_it_is_gone() {
    let account = FakeAccount::new();
    account.store.write("artifacts", "t.json", template().to_string().as_bytes());
    let caller = Caller::of(account);
    let url = format!("{}/artifacts/t.json", caller.aws.endpoint_url());
    let create = |name: &str| caller.call("CreateStack", &[("StackName", name), ("TemplateURL", &url)]);
    assert_eq!(create("s").status, 200);
    caller.account.store.remove("artifacts");
    assert!(create("t").refusal().1.starts_with("S3 error"));
}
