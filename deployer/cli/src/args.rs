//! The command line: types for clap, nothing else.

use std::path::PathBuf;
use std::time::Duration;

use clap::{Args, Parser, Subcommand, ValueEnum};
use clap_complete::Shell;

/// Deploys event-driven Rust pipelines to AWS or to a local engine.
#[derive(Debug, Parser)]
#[command(name = "pipectl", version, propagate_version = true, after_help = EXIT_CODES)]
#[command(arg_required_else_help = true, disable_help_subcommand = true)]
pub(crate) struct Cli {
    /// What to do.
    #[command(subcommand)]
    pub(crate) command: Command,
    /// Flags of every command.
    #[command(flatten)]
    pub(crate) global: Global,
}

const EXIT_CODES: &str = "\
Exit codes:
   0  done, also when there was nothing to change
   1  a bug in pipectl
   2  wrong usage
   3  the spec or the template has errors
   4  diff: there are changes of the kind asked for with --fail-on
      alerts verify: an alert would not arrive
   5  declined or interrupted by the user
   6  packaging failed
   7  credentials, permissions, throttling, network or local engine
   8  the stack operation failed and was rolled back
   9  the stack operation failed and needs recovery
  10  refused: consent is missing, or a saved plan is obsolete
  11  the output could not be written";

/// Flags of every command.
#[derive(Debug, Default, Args)]
pub(crate) struct Global {
    /// What stdout carries: text for people, or JSON lines for programs.
    #[arg(long, value_enum, default_value_t = Format::Human, global = true, help_heading = "Output")]
    pub(crate) format: Format,
    /// When to colour. `NO_COLOR` is honoured.
    #[arg(long, value_enum, default_value_t = Color::Auto, global = true, help_heading = "Output")]
    pub(crate) color: Color,
    /// Say nothing on stderr but warnings and errors.
    #[arg(long, short, global = true, help_heading = "Output")]
    pub(crate) quiet: bool,
}

/// What stdout carries.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, ValueEnum)]
pub(crate) enum Format {
    /// Text.
    #[default]
    Human,
    /// JSON lines: a version line, events, and one outcome line at the end.
    Json,
    /// SARIF 2.1.0, for code scanning; `check` and `diff` only.
    Sarif,
    /// Markdown, for a pull request; `diff` only.
    Markdown,
}

/// When to colour.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, ValueEnum)]
pub(crate) enum Color {
    /// On a terminal.
    #[default]
    Auto,
    /// Always.
    Always,
    /// Never.
    Never,
}

/// What to do.
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Builds the functions and creates or updates the stack.
    #[command(after_help = UP_EXAMPLES)]
    Up(UpArgs),
    /// Deploys, and again on every save: code alone through Lambda, more than code as `up` does.
    #[command(after_help = WATCH_EXAMPLES)]
    Watch(WatchArgs),
    /// Deletes the stack and says what remains.
    #[command(after_help = DOWN_EXAMPLES)]
    Down(DownArgs),
    /// Leads a stack out of a failed state, one safe step at a time.
    #[command(after_help = RECOVER_EXAMPLES)]
    Recover(RecoverArgs),
    /// Shows a running or finished operation of the stack to its end, whoever started it.
    #[command(after_help = ATTACH_EXAMPLES)]
    Attach(AttachArgs),
    /// Shows what `up` would change, without changing anything.
    #[command(after_help = DIFF_EXAMPLES)]
    Diff(DiffArgs),
    /// Prints the CloudFormation template.
    #[command(after_help = RENDER_EXAMPLES)]
    Render(RenderArgs),
    /// Checks a spec or a CloudFormation template and reports every mistake with its place.
    #[command(after_help = CHECK_EXAMPLES)]
    Check(CheckArgs),
    /// Prints the outputs of the deployed stack.
    #[command(after_help = OUTPUTS_EXAMPLES)]
    Outputs(OutputsArgs),
    /// Says whether the alerts of the deployed stack reach anybody.
    #[command(subcommand)]
    Alerts(AlertsCommand),
    /// Checks before anything changes: tools, credentials, artifact bucket, permissions.
    #[command(after_help = DOCTOR_EXAMPLES)]
    Doctor(DoctorArgs),
    /// Prints the least-privilege roles of CloudFormation and of the deployer, as a template.
    #[command(after_help = PERMISSIONS_EXAMPLES)]
    Permissions(PermissionsArgs),
    /// Measures a deployed function at several memory sizes, and says which suits it best.
    ///
    /// The function does its work each time: it writes what it writes. While it is measured, it has the
    /// size that is being tried for its other callers too; it has its old size again afterwards, also
    /// after Ctrl-C.
    #[command(after_help = TUNE_EXAMPLES)]
    Tune(TuneArgs),
    /// Starts, stops, shows or empties the local engine, and shows what it would have sent.
    #[command(subcommand)]
    Local(LocalCommand),
    /// Prints the JSON Schema of the spec, for editors.
    Schema(SchemaArgs),
    /// Prints a completion script for a shell.
    Completions {
        /// The shell.
        shell: Shell,
    },
}

const UP_EXAMPLES: &str = "\
Examples:
  pipectl up --local                      the pipeline of this folder, on this machine
  pipectl up examples/ingest --stage dev  to AWS, with the changes of a stage
  pipectl up --parameter Owner=me --yes   without questions, for a CI pipeline
  pipectl up --plan plan.json             exactly what `diff --save plan.json` has shown
  pipectl up --express                    for development: faster, and says when it is ready
  pipectl up --code-only                  seconds instead of a deployment, when only code changed
  pipectl up base orders invoices         several stacks, in the order of their dependencies
  pipectl up --template stack.json --stack-name orders --local
                                          a template of your own, such as stack-model renders";

const DOWN_EXAMPLES: &str = "\
Examples:
  pipectl down --local
  pipectl down examples/ingest --stage dev --yes
  pipectl down base orders invoices --yes     several stacks, those that use others first";

const WATCH_EXAMPLES: &str = "\
Examples:
  pipectl watch --local                   on this machine, new code answers seconds after a save
  pipectl watch examples/ingest --stage dev --profile development";

const RECOVER_EXAMPLES: &str = "\
Examples:
  pipectl recover --stage dev --dry-run   what would be done next, and nothing else
  pipectl recover --stage dev
  pipectl recover --stage dev --yes       also what leaves something behind, for a CI pipeline

`up` and `down` do the same by themselves where it costs nothing.";

const ATTACH_EXAMPLES: &str = "\
Examples:
  pipectl attach --stage dev                        the newest operation
  pipectl attach --stage dev --operation pipectl-…  one of its tokens, or AWS's operation ID
  pipectl attach --stage dev --cancel               stop what runs";

const DIFF_EXAMPLES: &str = "\
Examples:
  pipectl diff --stage prod                  compare with the deployed stack
  pipectl diff --against old.json            compare with a template file, without network
  pipectl diff --change-set --drift          ask CloudFormation, too; nothing is left behind
  pipectl diff --save plan.json              keep what is shown, for `pipectl up --plan plan.json`
  pipectl diff --format markdown > plan.md   as a comment on a pull request
  pipectl diff --fail-on security --no-build for a pull request: exit 4 if access widens";

const RENDER_EXAMPLES: &str = "\
Examples:
  pipectl render > template.json
  pipectl render examples/ingest --stage prod --output template.json";

const CHECK_EXAMPLES: &str = "\
Examples:
  pipectl check
  pipectl check examples/ingest --stage prod --format json
  pipectl check template.yaml --format sarif > check.sarif
  pipectl check --explain E1007
  pipectl check --explain list";

const OUTPUTS_EXAMPLES: &str = "\
Examples:
  pipectl outputs --local
  curl \"$(pipectl outputs examples/ingest --local --only RecordsApiUrl)/records\"";

const ALERTS_VERIFY_EXAMPLES: &str = "\
Examples:
  pipectl alerts verify --local --send
  pipectl alerts verify examples/feedback --stage prod
  pipectl alerts verify examples/feedback --stage prod --send --alarm feedback-prod-late";

const DOCTOR_EXAMPLES: &str = "\
Examples:
  pipectl doctor --stage prod
  pipectl doctor --stage prod --role-arn arn:aws:iam::111122223333:role/pipectl/shop-prod-execution";

const PERMISSIONS_EXAMPLES: &str = "\
Examples:
  pipectl permissions --stage prod --github acme/shop:environment:prod > roles.json
  aws cloudformation deploy --template-file roles.json --stack-name shop-prod-roles \
      --capabilities CAPABILITY_NAMED_IAM";

const TUNE_EXAMPLES: &str = "\
Examples:
  pipectl tune records-api --stage dev --payload get.json
  pipectl tune message-writer --stage dev --payload event.json --invocations 50 --goal cost
  pipectl tune message-writer --stage dev --payload event.json --sizes 256,512,1024 --write";

/// Which pipeline, and which of its stacks.
#[derive(Debug, Clone, Args)]
pub(crate) struct Target {
    /// Spec file, or the folder of a `pipeline.yaml`.
    #[arg(default_value = ".", value_name = "SPEC")]
    pub(crate) spec: PathBuf,
    /// Stage declared in the spec; the stack is then called `<name>-<stage>`.
    #[arg(long, value_name = "NAME")]
    pub(crate) stage: Option<String>,
    /// Stack name, if it shall be another.
    #[arg(long, value_name = "NAME")]
    pub(crate) stack_name: Option<String>,
    /// Take this CloudFormation template (JSON or YAML) instead of a spec; needs --stack-name.
    #[arg(long, value_name = "FILE", requires = "stack_name", conflicts_with = "stage")]
    pub(crate) template: Option<PathBuf>,
}

/// Which account, or which engine.
#[derive(Debug, Clone, Default, Args)]
pub(crate) struct Where {
    /// The local engine of this project; provisioned and started when needed.
    #[arg(long, help_heading = "Where", conflicts_with_all = ["profile", "region", "endpoint_url"])]
    pub(crate) local: bool,
    /// Profile of the AWS configuration files. Default: the SDK's own chain.
    #[arg(long, help_heading = "Where", value_name = "NAME")]
    pub(crate) profile: Option<String>,
    /// AWS Region. Default: the SDK's own chain.
    #[arg(long, help_heading = "Where", value_name = "REGION")]
    pub(crate) region: Option<String>,
    /// Endpoint of all services, for an emulator. Default: the SDK's own settings.
    #[arg(long, help_heading = "Where", value_name = "URL")]
    pub(crate) endpoint_url: Option<String>,
    /// Time to wait for fresh credentials when they expire during an operation, such as `90s`, `10m` or `1h`.
    #[arg(long, help_heading = "Where", value_name = "TIME", default_value = "10m", value_parser = wait, conflicts_with = "local")]
    pub(crate) credential_wait: Duration,
    /// Role that CloudFormation takes on to work on resources; it keeps it for the stack.
    #[arg(long, help_heading = "Where", value_name = "ARN", conflicts_with = "local")]
    pub(crate) role_arn: Option<String>,
}

/// `up`.
#[derive(Debug, Args)]
pub(crate) struct UpArgs {
    #[command(flatten)]
    pub(crate) target: Target,
    #[command(flatten)]
    pub(crate) place: Where,
    /// Value of a template parameter; may be given several times.
    #[arg(long, short, value_name = "NAME=VALUE", value_parser = pair)]
    pub(crate) parameter: Vec<(String, String)>,
    /// Agree to wider access.
    ///
    /// In an existing stack a change that allows what was not allowed is asked about, unless the stack is
    /// on the local engine. Without a terminal it is refused with exit code 10.
    #[arg(long, short)]
    pub(crate) yes: bool,
    /// Agree to the loss of data.
    ///
    /// A bucket, queue, table or the like that is removed or replaced, and that no policy keeps, is asked
    /// about. Without a terminal it is refused with exit code 10.
    #[arg(long)]
    pub(crate) allow_destructive: bool,
    /// More specs: all their stacks are deployed, those that others use first.
    ///
    /// What a stack uses of another (`Fn::ImportValue`, `Fn::GetStackOutput`) is read from the templates.
    /// A failure leaves out the stacks that build on it, not the others; the exit code is the worst.
    #[arg(value_name = "MORE_SPECS", conflicts_with_all = ["template", "stack_name", "plan"])]
    pub(crate) more: Vec<PathBuf>,
    /// Of several stacks, how many at once.
    #[arg(long, value_name = "N", default_value_t = 4, value_parser = clap::value_parser!(u16).range(1..))]
    pub(crate) concurrency: u16,
    /// Let CloudFormation end when resources are configured, then wait until the pipeline is ready.
    ///
    /// Ready means: functions active, event source mappings enabled, tables active, HTTP APIs answering.
    /// For development: a failure is left as it is instead of being rolled back. Replacements, and stacks
    /// with termination protection, are deployed in standard mode, and this is said.
    #[arg(long, conflicts_with_all = ["plan", "code_only"])]
    pub(crate) express: bool,
    /// Where nothing but code differs, give it to the functions directly, past CloudFormation.
    ///
    /// It is recorded in the artifact bucket, and the next `up` brings functions and stack in line again.
    /// Where more differs it is said what, and deployed as usual.
    #[arg(long, conflicts_with = "plan")]
    pub(crate) code_only: bool,
    /// Carry out a plan that `diff --save` has written: exactly that, or nothing.
    ///
    /// SPEC says no more than which project's local engine is meant. When the stack was changed since, or
    /// the change set or a package is gone, the plan is refused with exit code 10.
    #[arg(long, value_name = "FILE", conflicts_with_all = ["template", "stage", "stack_name", "parameter"])]
    pub(crate) plan: Option<PathBuf>,
}

/// `down`.
#[derive(Debug, Args)]
pub(crate) struct DownArgs {
    #[command(flatten)]
    pub(crate) target: Target,
    #[command(flatten)]
    pub(crate) place: Where,
    /// Delete without asking.
    ///
    /// Agrees to every step that would be asked about: the deletion, leaving in the account what AWS cannot
    /// delete, and together with --force also the last resort.
    #[arg(long, short)]
    pub(crate) yes: bool,
    /// Delete although the stack has termination protection, and drop it where AWS cannot delete it.
    ///
    /// The protection is lifted, after the same question. A stack that AWS cannot delete in any other way is
    /// dropped, as a last resort and after another question; it leaves resources behind, which the receipt
    /// lists.
    #[arg(long)]
    pub(crate) force: bool,
    /// More specs: all their stacks are deleted, those that use others first.
    #[arg(value_name = "MORE_SPECS", conflicts_with_all = ["template", "stack_name"])]
    pub(crate) more: Vec<PathBuf>,
    /// Of several stacks, how many at once.
    #[arg(long, value_name = "N", default_value_t = 4, value_parser = clap::value_parser!(u16).range(1..))]
    pub(crate) concurrency: u16,
}

/// `watch`.
#[derive(Debug, Args)]
pub(crate) struct WatchArgs {
    #[command(flatten)]
    pub(crate) target: Target,
    #[command(flatten)]
    pub(crate) place: Where,
    /// Value of a template parameter; may be given several times.
    #[arg(long, short, value_name = "NAME=VALUE", value_parser = pair)]
    pub(crate) parameter: Vec<(String, String)>,
    /// Agree to wider access, as for `up`.
    #[arg(long, short)]
    pub(crate) yes: bool,
    /// Agree to the loss of data, as for `up`.
    #[arg(long)]
    pub(crate) allow_destructive: bool,
}

/// `recover`.
#[derive(Debug, Args)]
pub(crate) struct RecoverArgs {
    #[command(flatten)]
    pub(crate) target: Target,
    #[command(flatten)]
    pub(crate) place: Where,
    /// Say what would be done next, and do nothing.
    #[arg(long)]
    pub(crate) dry_run: bool,
    /// Agree to what leaves something behind: a resource that no longer matches the template, or that
    /// stays in the account.
    #[arg(long, short, conflicts_with = "dry_run")]
    pub(crate) yes: bool,
}

/// `attach`.
#[derive(Debug, Args)]
pub(crate) struct AttachArgs {
    #[command(flatten)]
    pub(crate) target: Target,
    #[command(flatten)]
    pub(crate) place: Where,
    /// Token of the operation, as pipectl prints it, or AWS's operation ID. Default: the newest.
    #[arg(long, value_name = "ID")]
    pub(crate) operation: Option<String>,
    /// Stop what runs: an update goes back, a first deployment is deleted with all it has made.
    #[arg(long, conflicts_with = "operation")]
    pub(crate) cancel: bool,
}

/// `diff`.
#[derive(Debug, Args)]
pub(crate) struct DiffArgs {
    #[command(flatten)]
    pub(crate) target: Target,
    #[command(flatten)]
    pub(crate) place: Where,
    /// Compare with this template file instead of the deployed stack; needs no network.
    #[arg(long, value_name = "FILE", conflicts_with_all = ["local", "profile", "region", "endpoint_url"])]
    pub(crate) against: Option<PathBuf>,
    /// Value of a template parameter; may be given several times. With --against it counts for both templates.
    #[arg(long, short, value_name = "NAME=VALUE", value_parser = pair)]
    pub(crate) parameter: Vec<(String, String)>,
    /// Leave the functions' code out instead of building it.
    #[arg(long)]
    pub(crate) no_build: bool,
    /// Ask CloudFormation for a change set, too, and remove it again.
    #[arg(long, conflicts_with = "against")]
    pub(crate) change_set: bool,
    /// Ask CloudFormation which resources were changed by hand.
    #[arg(long, conflicts_with = "against")]
    pub(crate) drift: bool,
    /// Write the plan to this file, and keep change set and packages, for `up --plan`.
    #[arg(long, value_name = "FILE", conflicts_with = "against")]
    pub(crate) save: Option<PathBuf>,
    /// Changes that make the exit code 4.
    #[arg(long, value_enum, default_value_t = FailOn::None)]
    pub(crate) fail_on: FailOn,
}

/// Changes that make `diff` exit with 4.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum FailOn {
    /// None.
    None,
    /// Any.
    Any,
    /// Access that widens: a new permission or a lost prohibition.
    Security,
    /// Loss of data: a stateful resource is, or may be, deleted or replaced and no policy keeps it.
    Destructive,
}

/// `render`.
#[derive(Debug, Args)]
pub(crate) struct RenderArgs {
    #[command(flatten)]
    pub(crate) target: Target,
    /// Write to this file instead of stdout.
    #[arg(long, short, value_name = "FILE")]
    pub(crate) output: Option<PathBuf>,
    /// Without white space, as it is sent.
    #[arg(long)]
    pub(crate) compact: bool,
}

/// `check`.
#[derive(Debug, Args)]
pub(crate) struct CheckArgs {
    /// Spec file, the folder of a `pipeline.yaml`, or any CloudFormation template in JSON or YAML.
    #[arg(default_value = ".", value_name = "FILE")]
    pub(crate) file: PathBuf,
    /// Stage declared in the spec, whose stack is checked as a whole.
    #[arg(long, value_name = "NAME")]
    pub(crate) stage: Option<String>,
    /// Explain a code instead; without CODE, list all codes.
    #[arg(long, value_name = "CODE", num_args = 0..=1, default_missing_value = "list")]
    pub(crate) explain: Option<String>,
}

/// `schema`.
#[derive(Debug, Args)]
pub(crate) struct SchemaArgs {
    /// Print the schema of a function's contract (`pipectl-contract.json`) instead.
    #[arg(long)]
    pub(crate) contract: bool,
    /// Print the schema of a plan, as `diff --save` writes it, instead.
    #[arg(long, conflicts_with = "contract")]
    pub(crate) plan: bool,
}

/// `outputs`.
#[derive(Debug, Args)]
pub(crate) struct OutputsArgs {
    #[command(flatten)]
    pub(crate) target: Target,
    #[command(flatten)]
    pub(crate) place: Where,
    /// Only this output, as bare text.
    #[arg(long, value_name = "NAME")]
    pub(crate) only: Option<String>,
}

/// `alerts`.
#[derive(Debug, Subcommand)]
pub(crate) enum AlertsCommand {
    /// Follows the way of each alert: alarm, topic, key, subscription, person. Exit 4 when one would
    /// not arrive.
    #[command(after_help = ALERTS_VERIFY_EXAMPLES)]
    Verify(AlertsVerifyArgs),
}

/// `alerts verify`.
#[derive(Debug, Args)]
pub(crate) struct AlertsVerifyArgs {
    #[command(flatten)]
    pub(crate) target: Target,
    #[command(flatten)]
    pub(crate) place: Where,
    /// Let an alarm of each topic go off, marked as a test, and see whether the message arrives.
    #[arg(long)]
    pub(crate) send: bool,
    /// Let this alarm go off, with everything that it does.
    #[arg(long, value_name = "NAME", requires = "send")]
    pub(crate) alarm: Option<String>,
}

/// `doctor`.
#[derive(Debug, Args)]
pub(crate) struct DoctorArgs {
    #[command(flatten)]
    pub(crate) target: Target,
    #[command(flatten)]
    pub(crate) place: Where,
}

/// `permissions`.
#[derive(Debug, Args)]
pub(crate) struct PermissionsArgs {
    #[command(flatten)]
    pub(crate) target: Target,
    /// Let jobs of this GitHub repository in; the subject's default is `ref:refs/heads/main`.
    #[arg(long, value_name = "OWNER/REPO[:SUBJECT]")]
    pub(crate) github: Vec<String>,
    /// Let jobs of this GitLab project in; the subject's default is `ref_type:branch:ref:main`.
    #[arg(long, value_name = "GROUP/PROJECT[:SUBJECT]")]
    pub(crate) gitlab: Vec<String>,
    /// Bound the stack's roles by this existing managed policy. Default: one that is derived and printed too.
    #[arg(long, value_name = "ARN")]
    pub(crate) permissions_boundary: Option<String>,
}

/// `tune`.
#[derive(Debug, Args)]
pub(crate) struct TuneArgs {
    /// Function, by its name in the spec or its logical ID.
    #[arg(value_name = "FUNCTION")]
    pub(crate) function: String,
    #[command(flatten)]
    pub(crate) target: Target,
    #[command(flatten)]
    pub(crate) place: Where,
    /// What is best: the cheapest, the fastest, or the smallest product of both.
    #[arg(long, value_enum, default_value_t = TuneGoal::Balanced)]
    pub(crate) goal: TuneGoal,
    /// Event, JSON, as the function gets it from what invokes it. Default: `{}`.
    #[arg(long, value_name = "FILE")]
    pub(crate) payload: Option<PathBuf>,
    /// Invocations at each size, besides one that starts the function; 1 to 1000.
    #[arg(long, value_name = "N", default_value_t = 20, value_parser = clap::value_parser!(u32).range(1..=1000))]
    pub(crate) invocations: u32,
    /// Memory sizes, 128 to 10,240 MB, with commas. At 1,769 MB a function has one full core.
    #[arg(
        long, value_name = "MB,MB", value_delimiter = ',', default_value = "128,256,512,1024,1769",
        value_parser = clap::value_parser!(u32).range(128..=10_240)
    )]
    pub(crate) sizes: Vec<u32>,
    /// Write the best size into the spec; comments and layout stay.
    #[arg(long, conflicts_with = "template")]
    pub(crate) write: bool,
}

/// What a function is tuned for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum TuneGoal {
    /// The cheapest invocations.
    Cost,
    /// The shortest invocations.
    Speed,
    /// The smallest product of cost and duration.
    Balanced,
}

/// `local`.
#[derive(Debug, Subcommand)]
pub(crate) enum LocalCommand {
    /// Starts the engine of this project and prints how to reach it.
    Start(LocalStartArgs),
    /// Stops the engine; what it holds is kept.
    Stop(LocalArgs),
    /// Says whether the engine runs, and where.
    Status(LocalStatusArgs),
    /// Empties the engine: every stack and all data in it.
    Reset(LocalResetArgs),
    /// Prints what e-mail and SMS subscribers would have got, oldest first.
    Inbox(LocalInboxArgs),
}

/// Whose engine.
#[derive(Debug, Args)]
pub(crate) struct LocalArgs {
    /// A folder of the project.
    #[arg(default_value = ".", value_name = "PROJECT")]
    pub(crate) project: PathBuf,
}

/// `local start`.
#[derive(Debug, Args)]
pub(crate) struct LocalStartArgs {
    #[command(flatten)]
    pub(crate) project: LocalArgs,
    /// Port on 127.0.0.1. Default: the one of the last time, or a free one.
    #[arg(long, value_name = "PORT", value_parser = clap::value_parser!(u16).range(1..))]
    pub(crate) port: Option<u16>,
    /// Let functions do what the policies of their roles do not allow.
    #[arg(long)]
    pub(crate) allow_everything: bool,
    /// Also let in the access key `test` with the secret `test`, which any web page can use.
    #[arg(long)]
    pub(crate) open: bool,
    /// Forget everything when the engine stops.
    #[arg(long)]
    pub(crate) ephemeral: bool,
}

/// `local status`.
#[derive(Debug, Args)]
pub(crate) struct LocalStatusArgs {
    #[command(flatten)]
    pub(crate) project: LocalArgs,
    /// List what the engine does otherwise than AWS.
    #[arg(long)]
    pub(crate) gaps: bool,
}

/// `local reset`.
#[derive(Debug, Args)]
pub(crate) struct LocalResetArgs {
    #[command(flatten)]
    pub(crate) project: LocalArgs,
    /// Empty it without asking.
    #[arg(long, short)]
    pub(crate) yes: bool,
}

/// `local inbox`.
#[derive(Debug, Args)]
pub(crate) struct LocalInboxArgs {
    #[command(flatten)]
    pub(crate) project: LocalArgs,
    /// Empty the inbox afterwards.
    #[arg(long, conflicts_with_all = ["follow", "last", "to", "topic", "protocol"])]
    pub(crate) clear: bool,
    /// Go on and print what arrives, until Ctrl-C.
    #[arg(long)]
    pub(crate) follow: bool,
    /// Print only the newest N messages, and with --follow those that arrive.
    #[arg(long, value_name = "N")]
    pub(crate) last: Option<usize>,
    /// Print only messages to this e-mail address or phone number.
    #[arg(long, value_name = "RECIPIENT")]
    pub(crate) to: Option<String>,
    /// Print only messages of this topic; give its name or its ARN.
    #[arg(long, value_name = "TOPIC")]
    pub(crate) topic: Option<String>,
    /// Print only messages by this protocol.
    #[arg(long, value_enum)]
    pub(crate) protocol: Option<InboxProtocol>,
}

/// How a message reaches a person.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum InboxProtocol {
    /// E-mail with the message as its text.
    Email,
    /// E-mail with a JSON document.
    EmailJson,
    /// Text message.
    Sms,
}

/// Reads a time in whole seconds, minutes or hours.
fn wait(text: &str) -> Result<Duration, String> {
    let wrong = || "write it as a number and a unit, such as 90s, 10m or 1h".to_owned();
    let unit = text.chars().next_back().ok_or_else(wrong)?;
    let seconds: u64 = match unit {
        's' => 1,
        'm' => 60,
        'h' => 3600,
        _ => return Err(wrong()),
    };
    let number: u64 = text[..text.len() - 1].parse().map_err(|_| wrong())?;
    number.checked_mul(seconds).map(Duration::from_secs).ok_or_else(wrong)
}

fn pair(text: &str) -> Result<(String, String), String> {
    match text.split_once('=') {
        Some((name, value)) if !name.is_empty() => Ok((name.to_owned(), value.to_owned())),
        _ => Err("write it as NAME=VALUE".to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory as _;

    use super::Cli;

    #[test]
    fn time_to_wait_has_a_unit() {
        let seconds = |text| super::wait(text).map(|time| time.as_secs());
        assert_eq!([seconds("90s"), seconds("10m"), seconds("1h")], [Ok(90), Ok(600), Ok(3600)]);
        for wrong in ["", "m", "90", "1d", "-1s", "ä", "99999999999999999999h"] {
            assert!(seconds(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn command_line_is_consistent() {
        Cli::command().debug_assert();
    }
}
