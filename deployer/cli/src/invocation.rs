//! The commands that a hint names. Each is made from the arguments that were given, so that it can be
//! pasted: it works on the same stack, in the same place.

use std::path::{Path, PathBuf};

use crate::args::{AlertsCommand, Command, LocalCommand, Target, Where};

/// Which stack a command works on, and where.
#[derive(Debug, Clone)]
pub(crate) struct Invocation {
    target: Target,
    place: Where,
}

/// A command that may be run next.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Next {
    /// Deploys.
    Up,
    /// Deploys in express mode.
    UpExpress,
    /// Carries out the plan in this file.
    UpPlan(PathBuf),
    /// Deletes the stack.
    Down,
    /// Lifts the termination protection and deletes the stack.
    DownForce,
    /// Compares.
    Diff,
    /// Compares, and looks for changes by hand.
    DiffDrift,
    /// Compares without building.
    DiffNoBuild,
    /// Writes a plan.
    DiffSave,
    /// Leads the stack out of a failed state.
    Recover,
    /// Says what that would do next.
    RecoverDryRun,
    /// Leads the stack out of a failed state without asking.
    RecoverYes,
    /// Shows this operation.
    AttachOperation(String),
    /// Stops what runs.
    AttachCancel,
    /// Follows the alerts.
    AlertsVerify,
    /// A command of the AWS CLI, which comes after `aws`.
    Aws(Vec<String>),
    /// Prints where the local engine is.
    LocalStatus,
    /// Prints what the local engine would have sent.
    LocalInbox,
    /// Starts the local engine.
    LocalStart,
    /// Stops the local engine.
    LocalStop,
    /// Empties the local engine.
    LocalReset,
}

/// What a command is told besides its flags.
enum Arguments {
    /// The stack and the place.
    Stack,
    /// The place, and the project's folder where that is its local engine.
    Place,
    /// The project's folder.
    Project,
    /// What the AWS CLI understands of the place.
    Aws,
}

impl Next {
    /// The verb, the flags, and what else is given.
    fn words(&self) -> (&'static [&'static str], Vec<String>, Arguments) {
        let flags = |flags: &[&str]| flags.iter().map(ToString::to_string).collect::<Vec<_>>();
        let stack = |verb: &'static [&'static str], given: &[&str]| (verb, flags(given), Arguments::Stack);
        let project = |verb: &'static [&'static str]| (verb, Vec::new(), Arguments::Project);
        match self {
            Self::Up => stack(&["up"], &[]),
            Self::UpExpress => stack(&["up"], &["--express"]),
            Self::UpPlan(file) => {
                (&["up"], vec!["--plan".to_owned(), file.display().to_string()], Arguments::Place)
            }
            Self::Down => stack(&["down"], &[]),
            Self::DownForce => stack(&["down"], &["--force"]),
            Self::Diff => stack(&["diff"], &[]),
            Self::DiffDrift => stack(&["diff"], &["--drift"]),
            Self::DiffNoBuild => stack(&["diff"], &["--no-build"]),
            Self::DiffSave => stack(&["diff"], &["--save", "plan.json"]),
            Self::Recover => stack(&["recover"], &[]),
            Self::RecoverDryRun => stack(&["recover"], &["--dry-run"]),
            Self::RecoverYes => stack(&["recover"], &["--yes"]),
            Self::AttachOperation(id) => stack(&["attach"], &["--operation", id]),
            Self::AttachCancel => stack(&["attach"], &["--cancel"]),
            Self::AlertsVerify => stack(&["alerts", "verify"], &[]),
            Self::Aws(words) => (&["aws"], words.clone(), Arguments::Aws),
            Self::LocalStatus => project(&["local", "status"]),
            Self::LocalInbox => project(&["local", "inbox"]),
            Self::LocalStart => project(&["local", "start"]),
            Self::LocalStop => project(&["local", "stop"]),
            Self::LocalReset => project(&["local", "reset"]),
        }
    }
}

impl Invocation {
    /// Reads the arguments of a command; those that a command does not take have their defaults.
    pub(crate) fn of(command: &Command) -> Self {
        let (target, place) = match command {
            Command::Up(args) => (&args.target, Some(&args.place)),
            Command::Watch(args) => (&args.target, Some(&args.place)),
            Command::Down(args) => (&args.target, Some(&args.place)),
            Command::Recover(args) => (&args.target, Some(&args.place)),
            Command::Attach(args) => (&args.target, Some(&args.place)),
            Command::Diff(args) => (&args.target, Some(&args.place)),
            Command::Outputs(args) => (&args.target, Some(&args.place)),
            Command::Doctor(args) => (&args.target, Some(&args.place)),
            Command::Tune(args) => (&args.target, Some(&args.place)),
            Command::Alerts(AlertsCommand::Verify(args)) => (&args.target, Some(&args.place)),
            Command::Render(args) => (&args.target, None),
            Command::Permissions(args) => (&args.target, None),
            Command::Check(args) => return Self::in_folder(&args.file),
            Command::Local(LocalCommand::Start(args)) => return Self::in_folder(&args.project.project),
            Command::Local(LocalCommand::Stop(args)) => return Self::in_folder(&args.project),
            Command::Local(LocalCommand::Status(args)) => return Self::in_folder(&args.project.project),
            Command::Local(LocalCommand::Reset(args)) => return Self::in_folder(&args.project.project),
            Command::Local(LocalCommand::Inbox(args)) => return Self::in_folder(&args.project.project),
            Command::Schema(_) | Command::Completions { .. } => return Self::in_folder(Path::new(".")),
        };
        Self::new(target, place.unwrap_or(&Where::default()))
    }

    /// A folder, or a spec file, and nothing else.
    pub(crate) fn in_folder(spec: &Path) -> Self {
        let target = Target { spec: spec.to_owned(), stage: None, stack_name: None, template: None };
        Self { target, place: Where::default() }
    }

    /// A stack in a place.
    pub(crate) fn new(target: &Target, place: &Where) -> Self {
        Self { target: target.clone(), place: place.clone() }
    }

    /// The same, on a stack of another name.
    pub(crate) fn on_stack(mut self, name: &str) -> Self {
        self.target.stack_name = Some(name.to_owned());
        self
    }

    /// The stack and the place.
    pub(crate) fn into_parts(self) -> (Target, Where) {
        (self.target, self.place)
    }

    /// Writes a command as it is typed into a POSIX shell.
    pub(crate) fn command(&self, next: &Next) -> String {
        let (verb, flags, arguments) = next.words();
        let given = match &arguments {
            Arguments::Stack => [self.stack(), self.place()].concat(),
            Arguments::Place if self.place.local => [self.project(), self.place()].concat(),
            Arguments::Place => self.place(),
            Arguments::Project => self.project(),
            Arguments::Aws => self.place_of_aws_cli(),
        };
        let program = (!matches!(next, Next::Aws(_))).then_some(&"pipectl");
        let words = program.into_iter().chain(verb).map(ToString::to_string);
        let words: Vec<String> = match arguments {
            Arguments::Aws => words.chain(flags).chain(given).collect(),
            Arguments::Stack | Arguments::Place | Arguments::Project => {
                words.chain(given).chain(flags).collect()
            }
        };
        words.iter().map(|word| quoted(word)).collect::<Vec<_>>().join(" ")
    }

    fn stack(&self) -> Vec<String> {
        let Target { spec, stage, stack_name, template } = &self.target;
        let template = template.as_ref().map(|file| file.display().to_string());
        let spec = (template.is_none() && spec != Path::new(".")).then(|| path(spec));
        let flags = flags([("--template", &template), ("--stage", stage), ("--stack-name", stack_name)]);
        spec.into_iter().chain(flags).collect()
    }

    fn place(&self) -> Vec<String> {
        let Where { local, profile, region, endpoint_url, role_arn, credential_wait: _ } = &self.place;
        let local = local.then(|| "--local".to_owned());
        let others = [
            ("--profile", profile),
            ("--region", region),
            ("--endpoint-url", endpoint_url),
            ("--role-arn", role_arn),
        ];
        local.into_iter().chain(flags(others)).collect()
    }

    fn place_of_aws_cli(&self) -> Vec<String> {
        let Where { profile, region, endpoint_url, .. } = &self.place;
        flags([("--profile", profile), ("--region", region), ("--endpoint-url", endpoint_url)])
    }

    /// The folder whose project's local engine is meant; none where that is the current one.
    fn project(&self) -> Vec<String> {
        let spec = self.target.template.as_ref().unwrap_or(&self.target.spec);
        let folder = if spec.is_file() { spec.parent().unwrap_or(Path::new("")) } else { spec.as_path() };
        let is_here = folder == Path::new("") || folder == Path::new(".");
        if is_here { Vec::new() } else { vec![path(folder)] }
    }
}

/// A path that is not taken for a flag.
fn path(path: &Path) -> String {
    let path = path.display().to_string();
    if path.starts_with('-') { format!("./{path}") } else { path }
}

/// A flag whose value begins with a hyphen is written in one word.
fn flags<const N: usize>(given: [(&str, &Option<String>); N]) -> Vec<String> {
    let given = given.into_iter().filter_map(|(flag, value)| Some((flag, value.as_ref()?)));
    let words = given.flat_map(|(flag, value)| {
        if value.starts_with('-') {
            vec![format!("{flag}={value}")]
        } else {
            vec![flag.to_owned(), value.clone()]
        }
    });
    words.collect()
}

/// Quotes a word for a POSIX shell. A NUL byte cannot be an argument.
fn quoted(word: &str) -> String {
    shlex::try_quote(word).map_or_else(|_| word.to_owned(), Into::into)
}

#[cfg(test)]
mod tests {
    use clap::Parser as _;

    use super::*;
    use crate::args::Cli;

    /// Every command that a hint can name.
    fn every() -> Vec<Next> {
        let all = vec![
            Next::Up,
            Next::UpExpress,
            Next::UpPlan("my plans/prod.json".into()),
            Next::Down,
            Next::DownForce,
            Next::Diff,
            Next::DiffDrift,
            Next::DiffNoBuild,
            Next::DiffSave,
            Next::Recover,
            Next::RecoverDryRun,
            Next::RecoverYes,
            Next::AttachOperation("pipectl-0a1b".to_owned()),
            Next::AttachCancel,
            Next::AlertsVerify,
            Next::Aws(vec!["sns".to_owned(), "subscribe".to_owned()]),
            Next::LocalStatus,
            Next::LocalInbox,
            Next::LocalStart,
            Next::LocalStop,
            Next::LocalReset,
        ];
        // A new one is missing above until its number is added here.
        let number = |next: &Next| match next {
            Next::Up => 0,
            Next::UpExpress => 1,
            Next::UpPlan(_) => 2,
            Next::Down => 3,
            Next::DownForce => 4,
            Next::Diff => 5,
            Next::DiffDrift => 6,
            Next::DiffNoBuild => 7,
            Next::DiffSave => 8,
            Next::Recover => 9,
            Next::RecoverDryRun => 10,
            Next::RecoverYes => 11,
            Next::AttachOperation(_) => 12,
            Next::AttachCancel => 13,
            Next::AlertsVerify => 14,
            Next::Aws(_) => 15,
            Next::LocalStatus => 16,
            Next::LocalInbox => 17,
            Next::LocalStart => 18,
            Next::LocalStop => 19,
            Next::LocalReset => 20,
        };
        assert!(all.iter().map(number).eq(0..all.len()));
        all
    }

    fn invocation(args: &[&str]) -> Invocation {
        Invocation::of(&parsed(&[&["pipectl"], args].concat()))
    }

    #[track_caller]
    fn parsed(words: &[&str]) -> Command {
        Cli::try_parse_from(words).unwrap_or_else(|error| panic!("{words:?}: {error}")).command
    }

    /// Reads the command back as a shell and the program do.
    #[track_caller]
    fn read_back(command: &str) -> Invocation {
        let words = shlex::split(command).unwrap_or_else(|| panic!("{command}"));
        Invocation::of(&parsed(&words.iter().map(String::as_str).collect::<Vec<_>>()))
    }

    #[test]
    fn every_command_of_a_hint_works_on_the_same_stack_in_the_same_place() {
        for given in [
            &["up"][..],
            &["up", "examples/ingest", "--stage", "dev", "--local"],
            &[
                "watch",
                "my specs/it's one.yaml",
                "--stage",
                "$HOME",
                "--profile",
                "a b",
                "--region",
                "eu-west-1",
            ],
            &["outputs", "--stack-name=-odd", "./-x", "--endpoint-url", "http://127.0.0.1:1/?a=1&b=2"],
            &["diff", "--template", "t 1.json", "--stack-name", "orders", "--local"],
            &["down", "--role-arn", "arn:aws:iam::1:role/r"],
        ] {
            let given = invocation(given);
            for next in every().into_iter().filter(|next| !matches!(next, Next::Aws(_))) {
                let command = given.command(&next);
                let read = read_back(&command);
                let (target, place) = match next.words().2 {
                    Arguments::Stack => (given.stack(), given.place()),
                    Arguments::Place if given.place.local => (given.project(), given.place()),
                    Arguments::Place => (Vec::new(), given.place()),
                    Arguments::Project | Arguments::Aws => (given.project(), Vec::new()),
                };
                assert_eq!((read.stack(), read.place()), (target, place), "{command}");
            }
        }
    }

    #[test]
    fn commands_are_quoted_for_a_shell_and_leave_out_what_is_the_default() {
        let plain = invocation(&["outputs"]);
        assert_eq!(plain.command(&Next::Up), "pipectl up");
        let local = invocation(&["diff", "examples/ingest", "--stage", "dev", "--local", "--save", "p.json"]);
        let saved = Next::UpPlan("my plan.json".into());
        assert_eq!(local.command(&saved), "pipectl up examples/ingest --local --plan 'my plan.json'");
        assert_eq!(local.command(&Next::Up), "pipectl up examples/ingest --stage dev --local");
        assert_eq!(local.command(&Next::LocalReset), "pipectl local reset examples/ingest");
        let aws = Next::Aws(["sns", "unsubscribe", "--topic-arn", "a b"].map(str::to_owned).to_vec());
        let profile = invocation(&["outputs", "--profile", "p", "--role-arn", "r"]);
        assert_eq!(profile.command(&aws), "aws sns unsubscribe --topic-arn 'a b' --profile p");
        let account = invocation(&["diff", "x", "--profile", "p", "--save", "p.json"]);
        assert_eq!(account.command(&saved), "pipectl up --profile p --plan 'my plan.json'");
        let template =
            invocation(&["up", "--template", "t.json", "--stack-name", "s", "--region", "eu-west-1"]);
        assert_eq!(
            template.command(&Next::RecoverDryRun),
            "pipectl recover --template t.json --stack-name s --region eu-west-1 --dry-run"
        );
    }
}
