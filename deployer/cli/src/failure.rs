//! What went wrong, as the user and the calling program are told: text, hints, exit code.

use std::error::Error;
use std::fmt::Display;
use std::io::ErrorKind;

use pipectl_engine::aws_error::{AwsError, AwsErrorCode};
use pipectl_engine::change_set::ValidationFinding;
use pipectl_engine::execute::{
    AttachError, CodeOnlyError, DeployError, DownError, OperationFailure, PreviewError, RecoverError,
    SavedPlanError, UpError,
};
use pipectl_engine::plan::PlanError;
use pipectl_engine::review::Consent;
use pipectl_engine::tune::measure::TuneError;

use crate::exit_code::Exit;
use crate::invocation::{Invocation, Next};

/// A failed command.
#[derive(Debug)]
pub(crate) struct Failure {
    /// Exit code.
    pub(crate) exit: Exit,
    /// What failed, then its causes, outermost first.
    pub(crate) chain: Vec<String>,
    /// What to do next.
    pub(crate) hints: Vec<Hint>,
}

/// What to do next.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Hint {
    /// A sentence, or its beginning when a command follows.
    text: String,
    /// The command to run.
    next: Option<Next>,
}

impl Hint {
    /// Writes the hint; the command is that for the stack of `invocation`.
    pub(crate) fn text(&self, invocation: &Invocation) -> String {
        match &self.next {
            Some(next) => format!("{}: {}", self.text, invocation.command(next)),
            None => self.text.clone(),
        }
    }
}

impl Failure {
    /// Takes an error with its causes; each is said once.
    pub(crate) fn new(exit: Exit, error: &(dyn Error + 'static)) -> Self {
        let mut chain = vec![error.to_string()];
        let mut cause = error.source();
        while let Some(error) = cause {
            let text = error.to_string();
            if chain.last() != Some(&text) {
                chain.push(text);
            }
            cause = error.source();
        }
        Self { exit, chain, hints: Vec::new() }
    }

    /// A failure that no error of a library stands behind.
    pub(crate) fn text(exit: Exit, text: impl Display) -> Self {
        Self { exit, chain: vec![text.to_string()], hints: Vec::new() }
    }

    /// Output that could not be written; `name` is a stream or a file.
    pub(crate) fn unwritten(name: impl Display, error: &std::io::Error) -> Self {
        let failure = Self::text(Exit::Unwritten, format!("cannot write {name}: {error}"));
        match error.kind() {
            ErrorKind::StorageFull | ErrorKind::QuotaExceeded => {
                failure.hint("make room on the disk, then run the command again")
            }
            ErrorKind::NotFound => failure.hint("make the folder first, or name another file"),
            ErrorKind::PermissionDenied | ErrorKind::ReadOnlyFilesystem => {
                failure.hint("name a file that you may write")
            }
            _ => failure,
        }
    }

    /// Adds a hint.
    pub(crate) fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hints.push(Hint { text: hint.into(), next: None });
        self
    }

    /// Adds a hint that names a command.
    pub(crate) fn next(mut self, hint: impl Into<String>, next: Next) -> Self {
        self.hints.push(Hint { text: hint.into(), next: Some(next) });
        self
    }
}

impl From<&UpError> for Failure {
    fn from(error: &UpError) -> Self {
        match error {
            UpError::Aws { source, .. } => {
                aws(error, source).hint("run the command again: what is done already is recognised")
            }
            UpError::Packaging(_) => Self::new(Exit::Packaging, error),
            UpError::Plan(plan) => of_plan(plan),
            UpError::ChangeSet { findings, .. } => {
                let mut failure = Self::new(Exit::RolledBack, error).hint("nothing was changed");
                failure.chain.extend(findings.iter().filter(|it| it.is_failure).map(found));
                failure
            }
            UpError::ReplacedInExpress { .. } => Self::new(Exit::Refused, error)
                .hint("first deploy what the stack was before it failed: AWS takes that; then this"),
            UpError::Overtaken { .. } => Self::new(Exit::RolledBack, error)
                .hint("nothing of this deployment was begun; run the command again"),
            UpError::Recovery(error) => error.into(),
            UpError::ConsentMissing { consent, .. } => {
                without_consent(Self::new(Exit::Refused, error).hint("nothing was changed"), consent)
            }
            UpError::Operation(operation) => of_operation(operation),
        }
    }
}

impl From<&SavedPlanError> for Failure {
    fn from(error: &SavedPlanError) -> Self {
        match error {
            SavedPlanError::Up(error) => error.into(),
            SavedPlanError::Obsolete { .. } => Self::new(Exit::Refused, error)
                .hint("nothing was changed")
                .next("make a new plan", Next::DiffSave),
        }
    }
}

impl From<&PreviewError> for Failure {
    fn from(error: &PreviewError) -> Self {
        match error {
            PreviewError::Aws { source, .. } => aws(error, source),
            PreviewError::Packaging(_) => {
                Self::new(Exit::Packaging, error).next("leave the code out", Next::DiffNoBuild)
            }
            PreviewError::Plan(plan) => of_plan(plan),
            PreviewError::Remains { .. } => Self::new(Exit::NeedsRecovery, error)
                .next("replace them by a new deployment", Next::Up)
                .next("or delete them", Next::Down)
                .next("or compare without asking CloudFormation", Next::Diff),
            PreviewError::ChangeSet { .. } => Self::new(Exit::RolledBack, error).hint("nothing was changed"),
        }
    }
}

impl From<&DeployError> for Failure {
    fn from(error: &DeployError) -> Self {
        match error {
            DeployError::Up(error) => error.into(),
            DeployError::NotReady(_) => Self::new(Exit::NeedsRecovery, error)
                .next("mend the cause, then deploy again, which looks again", Next::UpExpress),
            DeployError::Afterwards { source, .. } => {
                aws(error, source).hint("run the command again: what is done already is recognised")
            }
            DeployError::CodeOnly(error) => error.into(),
        }
    }
}

impl From<&CodeOnlyError> for Failure {
    fn from(error: &CodeOnlyError) -> Self {
        match error {
            CodeOnlyError::Aws { source, .. } => aws(error, source)
                .hint("run the command again")
                .next("or bring functions and stack in line", Next::Up),
            CodeOnlyError::Packaging(_) => Self::new(Exit::Packaging, error),
            CodeOnlyError::Refused { .. } => Self::new(Exit::RolledBack, error)
                .hint("Lambda goes on with the code it had; mend the cause and run it again"),
            CodeOnlyError::Gone { .. } => Self::new(Exit::NeedsRecovery, error)
                .next("somebody has deleted it; see what else was changed by hand", Next::DiffDrift),
        }
    }
}

impl From<DownError> for Failure {
    fn from(error: DownError) -> Self {
        match &error {
            DownError::Aws { source, .. } => aws(&error, source).hint("run the command again to go on"),
            DownError::Protected { .. } => {
                Self::new(Exit::Refused, &error).next("lift it and delete the stack", Next::DownForce)
            }
            DownError::ConsentMissing { .. } => Self::new(Exit::Refused, &error).hint("agree with --yes"),
            DownError::Operation(operation) => {
                let mut failure = of_operation(operation);
                failure.exit = Exit::NeedsRecovery;
                failure
            }
        }
    }
}

impl From<&RecoverError> for Failure {
    fn from(error: &RecoverError) -> Self {
        match error {
            RecoverError::Aws { source, .. } => aws(error, source).hint("run the command again to go on"),
            RecoverError::ConsentMissing { action, .. } => {
                let mut failure = Self::new(Exit::Refused, error).next("agree to it", Next::RecoverYes);
                if !action.subjects().is_empty() {
                    failure.chain.push(format!("concerned: {}", action.subjects().join(", ")));
                }
                failure
            }
            RecoverError::Declined { .. } => Self::new(Exit::Declined, error),
            RecoverError::Operation(operation) => {
                let mut failure = of_operation(operation);
                failure.exit = Exit::NeedsRecovery;
                failure
            }
        }
    }
}

impl From<RecoverError> for Failure {
    fn from(error: RecoverError) -> Self {
        Self::from(&error)
    }
}

impl From<AttachError> for Failure {
    fn from(error: AttachError) -> Self {
        match &error {
            AttachError::Aws { source, .. } => aws(&error, source).hint("run the command again to go on"),
            AttachError::NoStack { .. } | AttachError::NoOperation { .. } => Self::new(Exit::Usage, &error),
            AttachError::CannotCancel { .. } => Self::new(Exit::Refused, &error),
            AttachError::Operation(operation) => of_operation(operation),
        }
    }
}

/// What a validation found, on one line.
fn found(finding: &ValidationFinding) -> String {
    let place = finding.path.as_ref().map(|path| format!(" at {path}")).unwrap_or_default();
    format!("{} ({}): {}{place}", finding.logical_id, finding.resource_type, finding.reason)
}

impl From<&TuneError> for Failure {
    fn from(error: &TuneError) -> Self {
        match error {
            TuneError::Aws { source, .. } => aws(error, source),
            TuneError::Update { .. } | TuneError::NoReport { .. } => Self::new(Exit::Access, error),
            TuneError::Failing { .. } => Self::new(Exit::Usage, error)
                .hint("give it an event that it takes: --payload FILE")
                .hint("it has the old memory size again"),
            TuneError::Interrupted => {
                Self::new(Exit::Declined, error).hint("the function has its old memory size again")
            }
            TuneError::NotRestored { function, megabytes, .. } => {
                let size = megabytes.to_string();
                let words = ["lambda", "update-function-configuration", "--function-name", function];
                let words = words.into_iter().chain(["--memory-size", &size]).map(str::to_owned);
                Self::new(Exit::NeedsRecovery, error)
                    .next("give it its old memory size back", Next::Aws(words.collect()))
            }
        }
    }
}

impl From<AwsError> for Failure {
    fn from(error: AwsError) -> Self {
        aws(&error, &error)
    }
}

fn of_plan(error: &PlanError) -> Failure {
    match error {
        PlanError::NeedsRecovery { .. } => {
            Failure::new(Exit::NeedsRecovery, error).next("lead it out of there", Next::Recover)
        }
        PlanError::MissingParameters { .. } => {
            Failure::new(Exit::Usage, error).hint("give each one: --parameter NAME=VALUE")
        }
        PlanError::UnknownParameters { .. } => Failure::new(Exit::Usage, error),
        PlanError::TemplateTooLarge { .. } => {
            Failure::new(Exit::Spec, error).hint("split the pipeline into several specs")
        }
    }
}

/// Names the flag for each consent that is missing.
fn without_consent(mut failure: Failure, consent: &Consent) -> Failure {
    if !consent.data.is_empty() {
        failure =
            failure.hint("agree with --allow-destructive, or keep the data with `deletion_policy: Retain`");
    }
    if !consent.access.is_empty() {
        failure = failure.hint("agree to the wider access with --yes").next("see it", Next::Diff);
    }
    failure
}

fn of_operation(error: &OperationFailure) -> Failure {
    let exit = if error.is_rolled_back() { Exit::RolledBack } else { Exit::NeedsRecovery };
    let mut failure = Failure::new(exit, error);
    if let (Some(reason), true) = (&error.status_reason, error.failed.is_empty()) {
        failure.chain.push(reason.clone());
    }
    for resource in error.failed.iter().skip(1) {
        let also =
            format!("also failed: {} ({}): {}", resource.logical_id, resource.resource_type, resource.reason);
        failure.chain.push(also);
    }
    match exit {
        Exit::RolledBack => {
            failure.hint("AWS went back to the state before; mend the cause and run it again")
        }
        Exit::NeedsRecovery => failure.next("see the next safe step", Next::RecoverDryRun),
        _ => failure,
    }
}

fn aws(error: &(dyn Error + 'static), cause: &AwsError) -> Failure {
    let hint = match &cause.code {
        AwsErrorCode::CredentialsMissing => {
            "name credentials with --profile or AWS_PROFILE, log in with `aws sso login`, or deploy to this machine \
             with --local"
        }
        AwsErrorCode::CredentialsExpired => "log in again, for example with `aws sso login`",
        AwsErrorCode::RegionMissing => "name one with --region or AWS_REGION",
        AwsErrorCode::AccessDenied => "the caller lacks the permission that is named above",
        AwsErrorCode::Unreachable => "check the network, --region and --endpoint-url",
        AwsErrorCode::Throttled => "the account is busy; run the command again in a minute",
        AwsErrorCode::ClockSkewed => {
            "set the clock of this machine: AWS refuses requests that are off by minutes"
        }
        AwsErrorCode::WrongRegion(region) => {
            let lies = match region {
                Some(region) => format!("the bucket is in Region {region}"),
                None => "the bucket is in another Region".to_owned(),
            };
            let failure = Failure::new(Exit::Access, error);
            return failure.hint(format!(
                "{lies}: name a bucket of the stack's own Region with --parameter ArtifactBucket=NAME, or the \
                 Region with --region"
            ));
        }
        AwsErrorCode::ForeignBucket => "name a bucket of your own: --parameter ArtifactBucket=NAME",
        _ => return Failure::new(Exit::Access, error),
    };
    Failure::new(Exit::Access, error).hint(hint)
}
