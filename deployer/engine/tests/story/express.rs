use std::time::Duration;

use pipectl_engine::change_set::ChangeSetRequest;
use pipectl_engine::deployed::DeploymentMode;
use pipectl_engine::event::EventKind;
use pipectl_engine::execute::{DeployError, Direct, Way, deploy};
use pipectl_engine::outcome::Outcome;
use pipectl_engine::plan::{Artifacts, Step, plan};
use pipectl_engine::port::{Answer, CloudFormation as _};
use pipectl_engine::ready::port::Standing;
use pipectl_testkit::{Answering, FakeFunctionCode, FakeReadiness, finish};
use serde_json::json;

use crate::support::{STACK, Story};

/// A way to deploy the story, and what is looked at after.
struct Express {
    functions: FakeFunctionCode,
    readiness: FakeReadiness,
}

impl Express {
    fn of(story: &Story) -> Self {
        let (journal, clock) = (story.account.journal.clone(), story.account.clock.clone());
        Self {
            functions: FakeFunctionCode::new(journal.clone(), clock.clone()),
            readiness: FakeReadiness::new(journal, clock),
        }
    }

    fn up(&self, story: &Story) -> Result<Outcome, DeployError> {
        let direct = Direct { functions: &self.functions, readiness: &self.readiness };
        let asking = Answering::with(Answer::Approved);
        let (ports, packager) = (story.account.ports(), &story.account.packager);
        finish(deploy(&ports, packager, &asking, &direct, &story.inputs, Way::Express))
    }
}

/// Physical ID of a resource of the story's stack.
fn physical_id(story: &Story, logical_id: &str) -> String {
    let resources = finish(story.account.cloudformation.resources(STACK)).unwrap();
    resources.into_iter().find(|it| it.logical_id == logical_id).unwrap().physical_id.unwrap()
}

fn moment(story: &Story, wanted: impl Fn(&EventKind) -> bool) -> i64 {
    let events = story.account.recorder.events();
    events.iter().find(|event| wanted(&event.kind)).expect("such an event").at_ms
}

#[test]
fn new_stack_is_configured_first_and_ready_when_its_last_resource_is() {
    let story = Story::new();
    let express = Express::of(&story);
    express.readiness.stand("records", Standing::NotYet("CREATING".to_owned()), Duration::from_secs(600));
    assert!(matches!(express.up(&story), Ok(Outcome::Created { .. })));
    let configured = moment(&story, |kind| matches!(kind, EventKind::Configured { needs: 3 }));
    let ready = moment(&story, |kind| matches!(kind, EventKind::Ready { .. }));
    assert!(ready > configured, "{configured} {ready}");
    let kinds = story.account.recorder.kinds();
    assert!(matches!(kinds.first(), Some(EventKind::Started { .. })));
    assert!(matches!(kinds.last(), Some(EventKind::Finished { .. })));
    assert_eq!(story.stack().unwrap().mode, DeploymentMode::Express);
}

#[test]
fn stack_that_never_gets_ready_is_named_with_what_keeps_it() {
    let story = Story::new();
    let express = Express::of(&story);
    express.readiness.stand("records", Standing::NotYet("CREATING".to_owned()), Duration::from_secs(86_400));
    let DeployError::NotReady(error) = express.up(&story).unwrap_err() else { panic!("another error") };
    assert_eq!(
        (error.pending[0].logical_id.as_str(), error.pending[0].reason.as_str()),
        ("Records", "CREATING")
    );
    assert_eq!(story.said(|kind| matches!(kind, EventKind::Ready { .. } | EventKind::Finished { .. })), 0);
}

#[test]
fn failed_resource_ends_the_wait_at_once() {
    let story = Story::deployed();
    let express = Express::of(&story);
    let reader = physical_id(&story, "Reader");
    let failed = Standing::Failed("the role cannot be assumed".to_owned());
    express.readiness.stand(&reader, failed, Duration::from_secs(86_400));
    let DeployError::NotReady(error) = express.up(&story).unwrap_err() else { panic!("another error") };
    assert_eq!((error.waited_ms, error.pending.len()), (0, 1));
}

#[test]
fn resource_that_cannot_be_seen_is_said_and_not_waited_for() {
    let story = Story::deployed();
    let express = Express::of(&story);
    let unseen = Standing::Unseen("no network".to_owned());
    express.readiness.stand("records", unseen, Duration::from_secs(86_400));
    express.up(&story).unwrap();
    let said = ["Records (no network)".to_owned()];
    assert_eq!(story.said(|kind| matches!(kind, EventKind::Ready { unseen } if *unseen == said)), 1);
}

#[test]
fn replacement_is_deployed_in_standard_mode_and_said() {
    let mut story = Story::deployed();
    story.set("/Resources/Records/Properties/TableName", json!("records-2"));
    Express::of(&story).up(&story).unwrap();
    assert_eq!(story.stack().unwrap().mode, DeploymentMode::Standard);
    assert_eq!(story.said(|kind| matches!(kind, EventKind::FellBack { from: "express", .. })), 1);
}

#[test]
fn protected_stack_is_deployed_in_standard_mode() {
    let mut story = Story::deployed();
    story.account.cloudformation.protect(STACK, true);
    story.set("/Resources/Messages/Properties/DelaySeconds", json!(5));
    Express::of(&story).up(&story).unwrap();
    assert_eq!(story.stack().unwrap().mode, DeploymentMode::Standard);
}

#[test]
fn unchanged_stack_is_looked_at_too_for_its_last_run_may_have_been_stopped() {
    let story = Story::deployed();
    assert!(matches!(Express::of(&story).up(&story), Ok(Outcome::Unchanged { .. })));
    assert_eq!(story.account.journal.count("DescribeTable"), 1);
    assert_eq!(story.said(|kind| matches!(kind, EventKind::Finished { .. })), 1);
}

#[test]
fn same_content_in_another_mode_is_another_change_set() {
    let mut story = Story::new();
    story.inputs.functions.clear();
    let given = ["ReaderCodeKey", "WriterCodeKey"].map(|name| (name.to_owned(), "v1".to_owned()));
    story.inputs.wanted.given = given.into();
    let request = |story: &Story| -> ChangeSetRequest {
        let plan = plan(&story.inputs.wanted, None, &Artifacts::default()).unwrap();
        plan.steps
            .into_iter()
            .find_map(|step| match step {
                Step::CreateChangeSet(request) => Some(request),
                _ => None,
            })
            .unwrap()
    };
    let standard = request(&story);
    story.inputs.wanted.mode = DeploymentMode::Express;
    let express = request(&story);
    assert_eq!((standard.mode, express.mode), (DeploymentMode::Standard, DeploymentMode::Express));
    assert_ne!(standard.name, express.name);
}
