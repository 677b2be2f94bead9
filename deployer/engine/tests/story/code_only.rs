use std::time::Duration;

use pipectl_engine::aws_error::AwsErrorCode;
use pipectl_engine::event::EventKind;
use pipectl_engine::execute::{CodeOnlyError, DeployError, Direct, Way, deploy};
use pipectl_engine::outcome::Outcome;
use pipectl_engine::port::{Answer, CloudFormation as _, ObjectStore as _};
use pipectl_testkit::{Answering, FakeFunctionCode, FakeObjectStore, FakeReadiness, Fault, finish};
use serde_json::json;

use crate::support::{STACK, Story};

/// A deployed pipeline whose functions can be updated directly.
struct Pipeline {
    story: Story,
    functions: FakeFunctionCode,
    readiness: FakeReadiness,
}

impl Pipeline {
    fn deployed() -> Self {
        let story = Story::deployed();
        let (journal, clock) = (story.account.journal.clone(), story.account.clock.clone());
        let pipeline = Self {
            functions: FakeFunctionCode::new(journal.clone(), clock.clone()),
            readiness: FakeReadiness::new(journal, clock),
            story,
        };
        pipeline.deliver();
        pipeline.forget();
        pipeline
    }

    /// Gives the functions what the stack names, as CloudFormation does when a key changes.
    fn deliver(&self) {
        for name in ["Reader", "Writer"] {
            self.functions.deploy(&self.function(name), &self.key(name));
        }
    }

    fn forget(&self) {
        self.story.account.journal.clear();
        self.story.account.recorder.clear();
    }

    /// Object key that the stack names for a function.
    fn key(&self, name: &str) -> String {
        self.story.stack().unwrap().parameters[&format!("{name}CodeKey")].clone()
    }

    fn function(&self, name: &str) -> String {
        let resources = finish(self.story.account.cloudformation.resources(STACK)).unwrap();
        let found = resources.into_iter().find(|it| it.logical_id == name).unwrap();
        found.physical_id.unwrap()
    }

    fn deploy(&self, way: Way) -> Result<Outcome, DeployError> {
        let direct = Direct { functions: &self.functions, readiness: &self.readiness };
        let asking = Answering::with(Answer::Approved);
        let (ports, packager) = (self.story.account.ports(), &self.story.account.packager);
        finish(deploy(&ports, packager, &asking, &direct, &self.story.inputs, way))
    }

    fn code_only(&self) -> Result<Outcome, DeployError> {
        self.deploy(Way::CodeOnly)
    }

    /// The code that a function runs, and whether it is what the stack names.
    fn is_in_line(&self, name: &str) -> bool {
        let running = self.functions.sha256(&self.function(name)).unwrap();
        self.key(name).contains(&running)
    }

    fn records(&self) -> usize {
        let bucket = FakeObjectStore::artifact_bucket_name();
        finish(self.story.account.store.keys(&bucket, "code-only/")).unwrap().len()
    }

    fn count(&self, operation: &str) -> usize {
        self.story.account.journal.count(operation)
    }
}

#[test]
fn changed_code_goes_to_its_function_alone_and_is_recorded() {
    let it = Pipeline::deployed();
    it.story.account.packager.edit("reader");
    assert!(matches!(it.code_only(), Ok(Outcome::Updated { outputs }) if outputs["TableName"] == "records"));
    assert_eq!((it.count("UpdateFunctionCode"), it.count("CreateChangeSet")), (1, 0));
    assert_eq!((it.is_in_line("Reader"), it.is_in_line("Writer"), it.records()), (false, true, 1));
    assert_eq!(it.story.said(|kind| matches!(kind, EventKind::CodeUpdated { restored: false, .. })), 1);
    assert_eq!(it.story.said(|kind| matches!(kind, EventKind::Finished { .. })), 1);
}

#[test]
fn same_code_again_updates_nothing() {
    let it = Pipeline::deployed();
    it.story.account.packager.edit("reader");
    it.code_only().unwrap();
    it.forget();
    assert!(matches!(it.code_only(), Ok(Outcome::Unchanged { .. })));
    assert_eq!((it.count("UpdateFunctionCode"), it.count("PutObject"), it.records()), (0, 0, 1));
}

#[test]
fn newer_code_replaces_the_record() {
    let it = Pipeline::deployed();
    for _ in 0..3 {
        it.story.account.packager.edit("reader");
        it.code_only().unwrap();
        assert_eq!(it.records(), 1);
    }
}

#[test]
fn next_deployment_brings_the_stack_in_line_and_clears_the_record() {
    let it = Pipeline::deployed();
    it.story.account.packager.edit("reader");
    it.code_only().unwrap();
    assert!(matches!(it.deploy(Way::Standard), Ok(Outcome::Updated { .. })));
    assert_eq!((it.is_in_line("Reader"), it.records()), (true, 0));
}

#[test]
fn code_taken_back_is_restored_by_the_next_deployment_though_no_template_differs() {
    let mut it = Pipeline::deployed();
    it.story.account.packager.edit("reader");
    it.code_only().unwrap();
    // A fresh machine that builds the code of the last deployment.
    it.story.account.packager = pipectl_testkit::FakePackager::default();
    it.forget();
    assert!(matches!(it.deploy(Way::Standard), Ok(Outcome::Unchanged { .. })));
    assert_eq!((it.is_in_line("Reader"), it.records(), it.count("UpdateFunctionCode")), (true, 0, 1));
    assert_eq!(it.story.said(|kind| matches!(kind, EventKind::CodeUpdated { restored: true, .. })), 1);
}

#[test]
fn code_taken_back_by_code_alone_needs_no_record_any_more() {
    let mut it = Pipeline::deployed();
    it.story.account.packager.edit("reader");
    it.code_only().unwrap();
    it.story.account.packager = pipectl_testkit::FakePackager::default();
    assert!(matches!(it.code_only(), Ok(Outcome::Updated { .. })));
    assert_eq!((it.is_in_line("Reader"), it.records()), (true, 0));
}

#[test]
fn unchanged_stack_without_records_costs_one_call_more() {
    let it = Pipeline::deployed();
    assert!(matches!(it.deploy(Way::Standard), Ok(Outcome::Unchanged { .. })));
    assert_eq!(it.story.account.journal.calls(), ["DescribeStacks", "GetTemplate", "ListObjectsV2"]);
}

#[test]
fn more_than_code_is_named_and_deployed_as_usual_with_what_was_built() {
    let mut it = Pipeline::deployed();
    it.story.account.packager.edit("reader");
    it.story.set("/Resources/Messages/Properties/DelaySeconds", json!(5));
    assert!(matches!(it.code_only(), Ok(Outcome::Updated { .. })));
    assert_eq!((it.count("UpdateFunctionCode"), it.count("ExecuteChangeSet")), (0, 1));
    let fell_back = |kind: &EventKind| matches!(kind, EventKind::FellBack { from: "code_only", because } if *because == ["Messages"]);
    assert_eq!(it.story.said(fell_back), 1);
    assert_eq!(it.story.account.packager.runs().len(), 2, "one for the first deployment, one for this");
    for wanted in [
        |kind: &EventKind| matches!(kind, EventKind::Started { .. }),
        |kind: &EventKind| matches!(kind, EventKind::PackagingStarted { .. }),
        |kind: &EventKind| matches!(kind, EventKind::Finished { .. }),
    ] {
        assert_eq!(it.story.said(wanted), 1);
    }
}

#[test]
fn stack_that_is_not_there_is_deployed_as_usual() {
    let mut it = Pipeline::deployed();
    it.story.inputs.wanted.stack = "another".to_owned();
    it.story.set("/Resources/Files/Properties/BucketName", json!("others"));
    it.story.set("/Resources/Records/Properties/TableName", json!("others"));
    assert!(matches!(it.code_only(), Ok(Outcome::Created { .. })));
}

#[test]
fn run_that_is_stopped_after_any_call_leads_forward_when_it_is_run_again() {
    for operation in ["PutObject", "GetFunctionConfiguration", "UpdateFunctionCode", "DeleteObjects"] {
        for nth in 1..=4 {
            let it = Pipeline::deployed();
            it.story.account.packager.edit("reader");
            it.code_only().unwrap();
            it.story.account.packager.edit("reader");
            it.story.account.packager.edit("writer");
            let spoilt = Fault::Refused(AwsErrorCode::AccessDenied);
            it.story.account.journal.spoil(operation, nth, spoilt);
            let first = it.code_only();
            it.story.account.journal.clear();
            let again = if first.is_ok() { first } else { it.code_only() };
            assert!(again.is_ok(), "{operation} {nth}: {again:?}");
            assert_eq!(it.records(), 2, "{operation} {nth}");
            if it.deploy(Way::Standard).is_err() {
                it.deploy(Way::Standard).unwrap();
            }
            assert!(it.is_in_line("Reader") && it.is_in_line("Writer"), "{operation} {nth}");
            assert_eq!(it.records(), 0, "{operation} {nth}");
        }
    }
}

#[test]
fn somebody_else_s_update_is_waited_for() {
    let it = Pipeline::deployed();
    it.story.account.packager.edit("reader");
    it.functions.occupy(&it.function("Reader"), Duration::from_secs(20));
    assert!(matches!(it.code_only(), Ok(Outcome::Updated { .. })));
    assert_eq!(it.count("UpdateFunctionCode"), 1);
}

#[test]
fn update_whose_acknowledgement_was_lost_is_recognised_by_its_code_and_said_once() {
    for fault in [Fault::AnswerLost, Fault::Repeated] {
        let it = Pipeline::deployed();
        it.story.account.packager.edit("reader");
        it.story.account.journal.spoil("UpdateFunctionCode", 1, fault.clone());
        assert!(matches!(it.code_only(), Ok(Outcome::Updated { .. })), "{fault:?}");
        assert_eq!(it.count("UpdateFunctionCode"), 1, "{fault:?}");
        assert_eq!(it.story.said(|kind| matches!(kind, EventKind::CodeUpdated { .. })), 1, "{fault:?}");
    }
}

#[test]
fn throttled_looks_at_a_function_do_not_end_its_update() {
    let it = Pipeline::deployed();
    it.story.account.packager.edit("reader");
    for nth in 2..22 {
        let throttled = Fault::Refused(AwsErrorCode::Throttled);
        it.story.account.journal.spoil("GetFunctionConfiguration", nth, throttled);
    }
    assert!(matches!(it.code_only(), Ok(Outcome::Updated { .. })));
}

#[test]
fn code_that_does_not_start_is_a_failure_with_lambda_s_reason() {
    let it = Pipeline::deployed();
    it.story.account.packager.edit("reader");
    it.functions.fail(&it.function("Reader"), "InvalidZipFileException");
    let error = it.code_only().unwrap_err();
    let DeployError::CodeOnly(CodeOnlyError::Refused { logical_id, reason }) = error else {
        panic!("{error}")
    };
    assert_eq!((logical_id.as_str(), reason.as_str()), ("Reader", "InvalidZipFileException"));
}

#[test]
fn record_of_a_stack_that_was_made_anew_is_cleared_and_changes_nothing() {
    let it = Pipeline::deployed();
    it.story.account.packager.edit("reader");
    it.code_only().unwrap();
    it.story.down().unwrap();
    it.story.up().unwrap();
    it.deliver();
    it.forget();
    assert!(matches!(it.deploy(Way::Standard), Ok(Outcome::Unchanged { .. })));
    assert_eq!((it.count("UpdateFunctionCode"), it.records()), (0, 0));
}
