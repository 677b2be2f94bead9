//! The program against an account that behaves, over HTTP: what is seen of warnings, of drift and of what stays.

mod support;

use std::time::Duration;

use pipectl_engine::port::CloudFormation as _;
use pipectl_testkit::{FakeAccount, FakeAws, REGION, Verb, finish};
use serde_json::{Value, json};
use support::{Run, Sandbox};

const JOBS: &str = "queues: { jobs: {} }\n";
const FILES: &str = "buckets: { files: { deletion_policy: Delete } }\n";

/// A deployed pipeline of a queue and a bucket.
struct Deployed {
    account: FakeAccount,
    aws: FakeAws,
    sandbox: Sandbox,
}

impl Deployed {
    fn new() -> Self {
        let account = FakeAccount::new();
        let aws = FakeAws::serve(&account).expect("a port");
        // The program waits by a clock of its own.
        aws.pass_with_each_call(Duration::from_secs(10));
        let it = Self { account, aws, sandbox: Sandbox::new() };
        it.declare(&[JOBS, FILES]);
        assert_eq!(it.run(&["up", "--format", "json"]).exits(0).outcome()["result"], "created");
        it
    }

    fn declare(&self, parts: &[&str]) {
        self.sandbox.write("pipeline.yaml", &format!("name: one\n{}", parts.concat()));
    }

    fn run(&self, args: &[&str]) -> Run {
        let url = self.aws.endpoint_url();
        let mut command =
            self.sandbox.command(&[args, &["--region", REGION, "--endpoint-url", &url]].concat());
        command.env("AWS_ACCESS_KEY_ID", "test").env("AWS_SECRET_ACCESS_KEY", "test");
        Run::of(command.output().expect("the program runs"))
    }

    fn logical_id(&self, resource_type: &str) -> (String, String) {
        let resources = finish(self.account.cloudformation.resources("one")).expect("an answer");
        let found = resources.into_iter().find(|it| it.resource_type == resource_type).expect("such a one");
        (found.logical_id, found.physical_id.expect("it is made"))
    }
}

#[test]
fn warning_of_a_validation_is_shown_as_text_and_as_a_json_line() {
    let it = Deployed::new();
    let (files, bucket) = it.logical_id("AWS::S3::Bucket");
    it.account.store.write(&bucket, "key", b"1");
    it.declare(&[JOBS]);
    let shown = it.run(&["diff", "--change-set"]).exits(0);
    let line = format!("warning: {files} (AWS::S3::Bucket): The bucket is not empty");
    assert!(shown.stderr.contains(&line), "{}", shown.stderr);
    let changed = it.run(&["up", "--yes", "--allow-destructive", "--format", "json"]).exits(0);
    let found = changed.events("validation_found");
    assert_eq!((found.len(), &found[0]["logical_id"], &found[0]["mode"]), (1, &json!(files), &json!("warn")));
    assert_eq!(changed.outcome()["result"], "updated");
}

#[test]
fn drift_is_shown_as_text_as_markdown_and_in_the_plan() {
    let it = Deployed::new();
    let (jobs, _) = it.logical_id("AWS::SQS::Queue");
    let (files, _) = it.logical_id("AWS::S3::Bucket");
    it.account.cloudformation.change_by_hand("one", &jobs, "MessageRetentionPeriod", json!(60));
    it.account.cloudformation.delete_by_hand("one", &files);
    let text = it.run(&["diff", "--drift"]).exits(0).stdout;
    assert!(text.contains(&format!("~ {jobs}")) && text.contains("was changed by hand"), "{text}");
    assert!(text.contains(&format!("- {files}")) && text.contains("was deleted by hand"), "{text}");
    let markdown = it.run(&["diff", "--drift", "--format", "markdown"]).exits(0).stdout;
    assert!(markdown.contains(&jobs) && markdown.contains("was deleted by hand"), "{markdown}");
    let lines = it.run(&["diff", "--drift", "--format", "json"]).exits(0).json_lines();
    let plan = &lines.iter().find(|line| line["type"] == "plan").expect("a plan")["plan"];
    let drift: Vec<(&Value, &Value)> = plan["drift"]
        .as_array()
        .expect("drift")
        .iter()
        .map(|it| (&it["logical_id"], &it["status"]))
        .collect();
    assert_eq!(drift, [(&json!(files), &json!("deleted")), (&json!(jobs), &json!("modified"))]);
}

#[test]
fn drift_that_could_not_be_checked_is_said_to_be_unknown() {
    let it = Deployed::new();
    let (jobs, _) = it.logical_id("AWS::SQS::Queue");
    it.account.cloudformation.fail(Verb::DetectDrift, &jobs, "sqs:GetQueueAttributes is denied");
    let text = it.run(&["diff", "--drift"]).exits(0).stdout;
    assert!(text.contains("whether every resource is as the template says"), "{text}");
    assert!(text.contains("sqs:GetQueueAttributes is denied"), "{text}");
}

#[test]
fn what_a_forced_deletion_leaves_is_in_the_receipt_and_nothing_is_forced_without_the_flag() {
    for (flags, code, actions) in [
        (&["--yes"][..], 9, &["retain_stubborn"][..]),
        (&["--force", "--yes"], 0, &["retain_stubborn", "force_deletion"]),
    ] {
        let it = Deployed::new();
        let (jobs, queue) = it.logical_id("AWS::SQS::Queue");
        let (policy, _) = it.logical_id("AWS::SQS::QueuePolicy");
        // The queue is not tried before its policy is left out.
        it.account.cloudformation.fail(Verb::Delete, &policy, "held");
        it.account.cloudformation.fail(Verb::Delete, &jobs, "in use");
        let ended = it.run(&[&["down", "--format", "json"], flags].concat()).exits(code);
        let chosen = ended.events("recovery_chosen");
        let names: Vec<&str> = chosen.iter().filter_map(|it| it["action"]["name"].as_str()).collect();
        assert_eq!(names, actions, "{}", ended.stdout);
        let receipt = &ended.outcome()["receipt"]["retained"];
        let kept = receipt.as_array().into_iter().flatten().find(|it| it["logical_id"] == json!(jobs));
        let kept = kept.map(|it| (it["physical_id"].clone(), it["reason"].clone()));
        assert_eq!(kept, (code == 0).then(|| (json!(queue), json!("in use"))), "{receipt}");
    }
}
