//! `pipectl doctor`: whether everything is there that a deployment needs, before anything changes.

use std::collections::BTreeSet;

use pipectl_engine::aws_error::{AwsError, AwsErrorCode};
use pipectl_engine::package::Architecture;
use pipectl_engine::permission::document::{Statement, document};
use pipectl_engine::permission::execution::Subject;
use pipectl_engine::permission::place::Place;
use pipectl_engine::permission::port::Identity as _;
use pipectl_engine::permission::simulation::{Principal, missing, principal};
use pipectl_engine::permission::{deployer, execution};
use pipectl_engine::port::{CloudFormation as _, ObjectStore as _};

use crate::args::DoctorArgs;
use crate::exit_code::Exit;
use crate::failure::Failure;
use crate::packager;
use crate::project::{Project, crate_findings};
use crate::reach::Reach;
use crate::report::console::Console;
use crate::report::doctor::{self as report, Check, State};

/// Checks tools, credentials, stack, artifact bucket and permissions; each is shown as it is known.
pub(crate) async fn run(args: &DoctorArgs, console: &Console) -> Result<Exit, Failure> {
    let project = Project::open(&args.target, console)?;
    let mut examination = Examination { console, worst: State::Good };
    examination.crates(args, &project);
    examination.toolchain(&project, args.place.local).await;
    examination.python(args.place.local).await;
    match Reach::find_running(&args.place, project.spec.folder()).await {
        Ok(reach) => examination.account(args, &project, &reach).await,
        Err(failure) => examination.failed("credentials", failure.chain.join(": "), console.hints(&failure)),
    }
    report::outcome(console, examination.worst);
    Ok(if examination.worst == State::Bad { Exit::Access } else { Exit::Done })
}

struct Examination<'a> {
    console: &'a Console,
    worst: State,
}

impl Examination<'_> {
    fn check(&mut self, area: &'static str, state: State, text: impl Into<String>, hints: Vec<String>) {
        self.worst = self.worst.max(state);
        report::check(self.console, &Check { area, state, text: text.into(), hints });
    }

    fn good(&mut self, area: &'static str, text: impl Into<String>) {
        self.check(area, State::Good, text, Vec::new());
    }

    fn failed(&mut self, area: &'static str, text: impl Into<String>, hints: Vec<String>) {
        self.check(area, State::Bad, text, hints);
    }

    fn aws(&mut self, area: &'static str, error: AwsError) {
        let failure = Failure::from(error);
        self.failed(area, failure.chain.join(": "), self.console.hints(&failure));
    }

    /// Whether cargo knows the functions' crates.
    fn crates(&mut self, args: &DoctorArgs, project: &Project) {
        let known = packager::crates(project, args.place.local).len();
        if args.target.template.is_some() || known == 0 {
            return;
        }
        let found = crate_findings(&project.spec, args.target.stage.as_deref());
        if found.is_empty() {
            let folder = project.workspace();
            self.good(
                "crates",
                format!("cargo finds the binaries of all functions from {}", folder.display()),
            );
        }
        for it in found {
            let state = if it.is_error() { State::Bad } else { State::Doubtful };
            self.check("crates", state, it.message, it.help.into_iter().collect());
        }
    }

    /// How each architecture of the project's functions would be built.
    async fn toolchain(&mut self, project: &Project, is_local: bool) {
        let crates = packager::crates(project, is_local);
        let architectures: BTreeSet<Option<&str>> =
            crates.values().map(|function| function.architecture.map(Architecture::as_str)).collect();
        for name in architectures {
            let wanted = crates.values().map(|it| it.architecture);
            let architecture = wanted.flatten().find(|it| Some(it.as_str()) == name);
            match pipectl_packaging::survey(&project.workspace(), architecture).await {
                Err(error) => {
                    let hint = "install Rust: https://rustup.rs".to_owned();
                    self.failed(
                        "toolchain",
                        Failure::new(Exit::Packaging, &error).chain.join(": "),
                        vec![hint],
                    );
                }
                Ok(found) => self.way(found),
            }
        }
    }

    fn way(&mut self, found: pipectl_packaging::ToolchainSurvey) {
        let pipectl_packaging::ToolchainSurvey { host, target, .. } = &found;
        if let Some((configured, place)) = &found.configured_target {
            let text = format!("{place} is `{configured}`; functions are built for {target} all the same");
            self.good("cargo settings", text);
        }
        if let Some(folder) = &found.moved_target_directory {
            self.good("cargo settings", format!("binaries and packages go to {}", folder.display()));
        }
        match &found.command {
            Ok(pipectl_packaging::Choice { command, because }) => {
                self.good("toolchain", format!("`{command}` builds for {target} on {host}: {because}"));
            }
            Err(error) => {
                let hints = vec![
                    format!("rustup target add {target}"),
                    "pip install cargo-zigbuild: it brings the linker for another machine".to_owned(),
                ];
                self.failed("toolchain", error.to_string(), hints);
            }
        }
    }

    /// The local engine needs it; AWS does not.
    async fn python(&mut self, is_local: bool) {
        match pipectl_local::interpreter().await {
            Ok(path) => self.good("python", format!("the local engine uses {}", path.display())),
            Err(tried) => {
                let tried: Vec<String> = tried.iter().map(ToString::to_string).collect();
                let state = if is_local { State::Bad } else { State::Doubtful };
                let hint = "install Python 3.10 or later with venv".to_owned();
                self.check("python", state, format!("no Python fits: {}", tried.join(", ")), vec![hint]);
            }
        }
    }

    async fn account(&mut self, args: &DoctorArgs, project: &Project, reach: &Reach) {
        let identity = reach.session.identity();
        let caller = match identity.caller().await {
            Ok(caller) => caller,
            Err(error) => return self.aws("credentials", error),
        };
        self.good("credentials", format!("{caller} on {}", reach.name()));
        self.stack(project, reach).await;
        self.bucket(reach).await;
        if reach.engine.is_some() {
            return self.good("permissions", "the local engine lets its caller do everything");
        }
        let account = caller.split(':').nth(4).unwrap_or_default();
        let place = Place::of(account, reach.session.region());
        match principal(&identity, &caller).await {
            Err(error) => self.aws("permissions", error),
            Ok(Principal::Root) => self.good("permissions", "the root user of the account may do everything"),
            Ok(Principal::Named(principal)) => {
                let needed = needed(args, project, &place, &principal);
                let missing = missing(&identity, &principal, &needed).await;
                self.permissions(&principal, missing);
            }
        }
    }

    async fn stack(&mut self, project: &Project, reach: &Reach) {
        match reach.session.cloudformation().describe_stack(&project.stack).await {
            Ok(Some(stack)) => {
                self.good("stack", format!("`{}` is in {}", project.stack, stack.status));
            }
            Ok(None) => self.good("stack", format!("`{}` is not there yet", project.stack)),
            Err(error) => self.aws("stack", error),
        }
    }

    async fn bucket(&mut self, reach: &Reach) {
        let store = reach.session.object_store();
        let bucket = match store.artifact_bucket().await {
            Ok(bucket) => bucket,
            Err(error) => return self.aws("artifact bucket", error),
        };
        match store.keys(&bucket, "doctor/").await {
            Ok(_) => self.good("artifact bucket", format!("{bucket} is there")),
            Err(error) if error.code == AwsErrorCode::NotFound => {
                self.good("artifact bucket", format!("{bucket} is not there yet; the first `up` makes it"));
            }
            Err(error) => self.aws("artifact bucket", error),
        }
    }

    fn permissions(&mut self, principal: &str, missing: Result<Vec<Statement>, AwsError>) {
        match missing {
            Ok(missing) if missing.is_empty() => {
                self.good("permissions", format!("{principal} may do everything that is needed"));
            }
            Ok(missing) => {
                let actions: BTreeSet<&str> =
                    missing.iter().flat_map(|it| &it.actions).map(String::as_str).collect();
                let lacks = Vec::from_iter(actions).join(", ");
                let hint = format!("add to its policies:\n{:#}", document(&missing));
                self.failed("permissions", format!("{principal} lacks {lacks}"), vec![hint]);
            }
            Err(error) if error.code == AwsErrorCode::AccessDenied => {
                let hint = format!("allow iam:SimulatePrincipalPolicy on {principal} to have them checked");
                let text = "the permissions are not known: the caller may not simulate them".to_owned();
                self.check("permissions", State::Doubtful, text, vec![hint]);
            }
            Err(error) => self.aws("permissions", error),
        }
    }
}

/// Without a role for CloudFormation the caller's own permissions must do for the resources too.
fn needed(args: &DoctorArgs, project: &Project, place: &Place, principal: &str) -> Vec<Statement> {
    let subject = Subject {
        template: &project.lowered.template,
        stack: &project.stack,
        place,
        permissions_boundary: None,
    };
    let role = args.place.role_arn.as_deref();
    let mut needed = deployer::policy(subject, role, principal);
    if role.is_none() {
        needed.extend(execution::policy(subject).statements);
    }
    needed
}
