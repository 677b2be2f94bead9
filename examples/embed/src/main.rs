//! `embed SOURCE` prints the template, for `pipectl up --template`; `embed SOURCE deploy` deploys it
//! by the engine, with the credentials and endpoint that the AWS SDK finds.
#![expect(clippy::print_stdout, clippy::print_stderr, reason = "a program speaks")]

use std::collections::BTreeMap;

use anyhow::{Context as _, bail};
use pipectl_aws::{Session, SessionOptions, SystemClock};
use pipectl_engine::deployed::DeploymentMode;
use pipectl_engine::event::{Event, EventKind, EventSink};
use pipectl_engine::execute::{Inputs, Pace, Ports, up};
use pipectl_engine::outcome::Outcome;
use pipectl_engine::package::function_crates;
use pipectl_engine::plan::Wanted;
use pipectl_engine::port::{Answer, Approver, Request};
use pipectl_packaging::{CargoPackager, PackagerOptions};
use stack_model::{Severity, Stack};

fn main() -> anyhow::Result<()> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let (source, deploys) = match arguments[..] {
        [source] => (source, false),
        [source, "deploy"] => (source, true),
        _ => bail!("usage: embed SOURCE_STACK [deploy]"),
    };
    let stack = embed::stack(source).map_err(anyhow::Error::from_boxed)?;
    let findings = stack.check();
    findings.iter().for_each(|finding| eprintln!("{finding}"));
    if findings.iter().any(|finding| finding.severity() == Severity::Error) {
        bail!("the stack has errors");
    }
    if !deploys {
        print!("{}", stack.template().to_json_pretty());
        return Ok(());
    }
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    runtime.block_on(deploy(&stack))
}

async fn deploy(stack: &Stack) -> anyhow::Result<()> {
    let session = Session::load(SessionOptions::default()).await?;
    let template = stack.template().to_json();
    let local = session.endpoint_url().is_some();
    // An emulator runs functions on this machine, whatever the template says.
    let mut functions = function_crates(&template);
    functions.values_mut().filter(|_| local).for_each(|function| function.architecture = None);
    let wanted = Wanted {
        stack: "archive".to_owned(),
        template,
        given: BTreeMap::new(),
        tags: stack.tags().clone(),
        mode: DeploymentMode::Standard,
    };
    let ports = Ports {
        cloudformation: &session.cloudformation(),
        store: &session.object_store(),
        clock: &SystemClock,
        pace: &Pace::new(0),
        events: &Lines,
    };
    let packager = CargoPackager::new(PackagerOptions::new("."));
    let outcome = up(&ports, &packager, &OnlyHarmless, &Inputs { wanted, functions }).await;
    match outcome.context("the deployment failed")? {
        Outcome::Created { outputs } | Outcome::Updated { outputs } | Outcome::Unchanged { outputs } => {
            outputs.iter().for_each(|(name, value)| println!("{name}  {value}"));
            Ok(())
        }
        ended => bail!("the deployment ended otherwise: {ended:?}"),
    }
}

/// Says which resources are done.
struct Lines;

impl EventSink for Lines {
    fn emit(&self, event: Event) {
        if let EventKind::ResourceChanged(change) = event.kind
            && change.status.is_settled()
        {
            eprintln!("{} {}", change.status, change.logical_id);
        }
    }
}

/// Lets every change pass but those that lose data.
struct OnlyHarmless;

impl Approver for OnlyHarmless {
    async fn approve(&self, request: Request<'_>) -> Answer {
        match request {
            Request::Change(review) if review.data_losses().is_empty() => Answer::Approved,
            _ => Answer::Refused,
        }
    }
}
