use std::time::Duration;

use pipectl_engine::change_set::{ChangeSetKind, ChangeSetRequest, TemplateSource};
use pipectl_engine::deployed::DeploymentMode;
use pipectl_engine::event::EventKind;
use pipectl_engine::execute::{DeployError, Direct, UpError, Way, deploy};
use pipectl_engine::outcome::Outcome;
use pipectl_engine::plan::{Artifacts, Step, plan};
use pipectl_engine::port::{Answer, CloudFormation as _};
use pipectl_engine::ready::port::Standing;
use pipectl_engine::status::StackStatus;
use pipectl_testkit::{Answering, FakeFunctionCode, FakeReadiness, Verb, finish};
use serde_json::json;

use crate::support::{STACK, Story, template};

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
fn replacement_that_only_aws_foresees_is_deployed_in_standard_mode_and_said() {
    let mut before = template();
    before["Resources"]["Image"] = json!({"Type": "AWS::SSM::Parameter", "Properties": {"DataType": "text", "Type": "String", "Value": "v"}});
    let mut story = Story::deployed_as(before);
    story.set("/Resources/Image/Properties/DataType", json!("aws:ec2:image"));
    Express::of(&story).up(&story).unwrap();
    assert_eq!(story.stack().unwrap().mode, DeploymentMode::Standard);
    assert_eq!(story.said(|kind| matches!(kind, EventKind::FellBack { from: "express", .. })), 1);
    assert_eq!(story.account.journal.count("CreateChangeSet"), 2);
    let left = finish(story.account.cloudformation.change_sets(STACK)).unwrap();
    assert!(left.iter().all(|it| !it.is_executable), "{left:?}");
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

/// A deployed story whose next deployment failed in express mode, and what made it fail is gone.
fn failed_in_express() -> (Story, Express) {
    let mut story = Story::deployed();
    let express = Express::of(&story);
    story.set("/Resources/Messages/Properties/DelaySeconds", json!(5));
    story.account.cloudformation.fail(Verb::Update, "Messages", "no");
    express.up(&story).unwrap_err();
    story.account.cloudformation.heal();
    assert_eq!(story.status(), Some(StackStatus::UpdateFailed));
    (story, express)
}

#[test]
fn replacement_after_a_failure_in_express_mode_waits_until_the_stack_is_sound_again() {
    let (mut story, express) = failed_in_express();
    story.set("/Resources/Records/Properties/TableName", json!("records-2"));
    let outcome = express.up(&story);
    assert!(matches!(outcome, Ok(Outcome::Updated { .. })), "{outcome:?}");
    let stack = story.stack().unwrap();
    assert_eq!((stack.status, stack.mode), (StackStatus::UpdateComplete, DeploymentMode::Standard));
    assert_eq!(stack.outputs["TableName"], "records-2");
    assert_eq!(
        story.said(|kind| matches!(kind, EventKind::PutOff { resources } if resources == &["Records"])),
        1
    );
    assert!(matches!(express.up(&story), Ok(Outcome::Unchanged { .. })));
}

#[test]
fn replacement_beside_the_last_good_rest_is_put_off_until_the_stack_is_sound_too() {
    let (mut story, express) = failed_in_express();
    story.set("/Resources/Messages/Properties/DelaySeconds", json!(0));
    story.set("/Resources/Records/Properties/TableName", json!("records-2"));
    assert!(matches!(express.up(&story), Ok(Outcome::Updated { .. })));
    assert_eq!(story.stack().unwrap().outputs["TableName"], "records-2");
}

#[test]
fn replacement_by_a_parameter_is_put_off_with_the_value_that_is_deployed() {
    let mut named = template();
    named["Parameters"]["Name"] = json!({"Type": "String", "Default": "records"});
    named["Resources"]["Records"]["Properties"]["TableName"] = json!({"Ref": "Name"});
    let mut story = Story::deployed_as(named);
    let express = Express::of(&story);
    story.set("/Resources/Messages/Properties/DelaySeconds", json!(5));
    story.account.cloudformation.fail(Verb::Update, "Messages", "no");
    express.up(&story).unwrap_err();
    story.account.cloudformation.heal();
    story.inputs.wanted.given = [("Name".to_owned(), "records-2".to_owned())].into();
    assert!(matches!(express.up(&story), Ok(Outcome::Updated { .. })));
    assert_eq!(story.stack().unwrap().outputs["TableName"], "records-2");
}

#[test]
fn standard_deployment_after_a_failure_in_express_mode_ends_well_too() {
    let (mut story, _) = failed_in_express();
    story.set("/Resources/Records/Properties/TableName", json!("records-2"));
    story.ends_well();
    assert_eq!(story.stack().unwrap().mode, DeploymentMode::Standard);
}

#[test]
fn first_half_of_a_put_off_replacement_that_is_declined_ends_there() {
    let (mut story, _) = failed_in_express();
    story.set("/Resources/Records/Properties/TableName", json!("records-2"));
    let approver = Answering::with(Answer::Declined);
    assert!(matches!(story.up_asking(&approver), Ok(Outcome::Declined)));
    assert_eq!((approver.reviews().len(), story.status()), (1, Some(StackStatus::UpdateFailed)));
}

#[test]
fn last_good_template_after_a_failure_in_express_mode_makes_the_stack_sound_again() {
    let (mut story, express) = failed_in_express();
    story.set("/Resources/Messages/Properties/DelaySeconds", json!(0));
    let outcome = express.up(&story);
    assert!(outcome.is_ok(), "{outcome:?}");
    assert_eq!(story.status(), Some(StackStatus::UpdateComplete));
}

#[test]
fn nothing_is_repeated_on_a_failed_stack_without_being_asked_about() {
    let (mut story, _) = failed_in_express();
    story.set("/Resources/Messages/Properties/DelaySeconds", json!(0));
    let approver = Answering::with(Answer::Declined);
    assert!(matches!(story.up_asking(&approver), Ok(Outcome::Declined)));
    assert_eq!((approver.reviews().len(), story.status()), (1, Some(StackStatus::UpdateFailed)));
}

/// aws/aws-cdk-cli#1931: another tool has deployed a replacement in express mode, and AWS has failed it.
#[test]
fn replacement_that_has_failed_in_express_mode_is_not_tried_again_and_the_last_good_template_leads_out() {
    let mut story = Story::deployed();
    let express = Express::of(&story);
    story.set("/Resources/Records/Properties/TableName", json!("records-2"));
    let request = ChangeSetRequest {
        stack: STACK.to_owned(),
        name: "other-tool".to_owned(),
        kind: ChangeSetKind::Update,
        template: TemplateSource::Body(story.inputs.wanted.template.to_string()),
        parameters: story.stack().unwrap().parameters,
        kept: std::collections::BTreeSet::new(),
        tags: Default::default(),
        mode: DeploymentMode::Express,
        import_existing: false,
    };
    finish(story.account.cloudformation.create_change_set(&request)).unwrap();
    story.account.clock.advance(Duration::from_secs(5));
    finish(story.account.cloudformation.execute_change_set(STACK, "other-tool", "t")).unwrap();
    story.account.clock.advance(Duration::from_secs(60));
    assert_eq!(story.status(), Some(StackStatus::UpdateFailed));
    story.account.journal.clear();

    let refused = express.up(&story).unwrap_err();
    let DeployError::Up(UpError::ReplacedInExpress { resources, .. }) = refused else {
        panic!("{refused:?}")
    };
    assert_eq!(resources, ["Records"]);
    assert_eq!(story.account.journal.count("ExecuteChangeSet"), 0);

    story.set("/Resources/Records/Properties/TableName", json!("records"));
    express.up(&story).unwrap();
    assert_eq!(story.status(), Some(StackStatus::UpdateComplete));
    story.set("/Resources/Records/Properties/TableName", json!("records-2"));
    express.up(&story).unwrap();
    assert_eq!(story.stack().unwrap().outputs["TableName"], "records-2");
}
