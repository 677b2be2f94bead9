//! The policies that `pipectl permissions` prints, enforced on pipectl itself by a local engine: with them a
//! stack is made, changed, compared and deleted, and without any statement `doctor` names what is missing.
//!
//! CloudFormation's own work on resources is not held to the execution role: the engine does it unasked.

mod support;

use std::process::Command;

use serde_json::{Value, json};
use support::engine::Engine;
use support::{Run, Sandbox, workspace};

const REGION: &str = "us-east-1";
const ACCOUNT: &str = "000000000000";
const POLICY: &str = "pipectl";

/// The statement by which `doctor` asks. It is not taken away, and a policy of the test stands in for it: the
/// engine simulates no role with a path, so that the deployer has none here and is another than is meant.
const OF_DOCTOR: &str = "DoctorCaller";

/// What it allows.
const DOCTORS: [&str; 2] = ["iam:GetRole", "iam:SimulatePrincipalPolicy"];

/// It is allowed under a condition. The engine simulates without the context of the request, and so denies it.
const CONDITIONAL: &str = "iam:PassRole";

/// A role that deploys, with keys of a session of it.
struct Deployer<'a> {
    sandbox: &'a Sandbox,
    engine: Engine,
    policy: Value,
    keys: [(&'static str, String); 3],
}

impl<'a> Deployer<'a> {
    fn new(sandbox: &'a Sandbox) -> Self {
        let engine = sandbox.start_engine(&["--ephemeral"]);
        let printed = Printed::new(sandbox);
        for (path, role) in [("/pipectl/", "execution"), ("/", "deployer")] {
            make_role(&engine, path, role, &printed.policy(role));
        }
        make_boundary(&engine, &printed.policy("boundary"));
        put_policy(&engine, "deployer", "doctor", &of_doctor());
        let keys = session(&engine);
        Self { sandbox, engine, policy: printed.policy("deployer"), keys }
    }

    fn run(&self, args: &[&str]) -> Run {
        Run::of(self.command(args).output().expect("the program runs"))
    }

    fn command(&self, args: &[&str]) -> Command {
        let url = format!("http://{}", self.engine.address);
        let role = format!("arn:aws:iam::{ACCOUNT}:role/pipectl/pair-execution");
        let place = ["--format", "json", "--region", REGION, "--endpoint-url", &url, "--role-arn", &role];
        let mut command = workspace::command(self.sandbox, &[args, &place].concat());
        command.envs(self.keys.iter().map(|(name, value)| (name, value)));
        command
    }

    /// Leaves one statement out of the role's policy.
    fn lose(&self, statement: usize) {
        let mut policy = self.policy.clone();
        policy["Statement"].as_array_mut().expect("statements").remove(statement);
        put_policy(&self.engine, "deployer", POLICY, &policy);
    }

    fn statements(&self) -> &Vec<Value> {
        self.policy["Statement"].as_array().expect("statements")
    }

    /// The actions that `doctor` says the caller lacks, but for the one that the engine cannot tell.
    #[track_caller]
    fn lacks(&self) -> Vec<String> {
        let checks = self.run(&["doctor"]).events("check");
        let found = checks.iter().find(|it| it["area"] == "permissions").expect("a check");
        let message = found["message"].as_str().expect("a text");
        if found["state"] == "good" {
            return Vec::new();
        }
        let (_, lacks) = message.split_once(" lacks ").unwrap_or_else(|| panic!("{message}"));
        lacks.split(", ").filter(|action| *action != CONDITIONAL).map(str::to_owned).collect()
    }
}

/// A sandbox whose pipeline has a resource of every kind that a deployer's policy knows.
fn sandbox() -> Sandbox {
    let sandbox = workspace::sandbox();
    let resources = "queues: { jobs: {} }\nbuckets: { files: { deletion_policy: Delete } }\n\
                     tables: { records: { partition_key: id, deletion_policy: Delete } }\ntopics: { alerts: {} }\n";
    sandbox.write("pipeline.yaml", &format!("{}{resources}", workspace::spec()));
    sandbox
}

/// What `pipectl permissions` prints, for the engine's account.
struct Printed(Vec<Value>);

impl Printed {
    fn new(sandbox: &Sandbox) -> Self {
        let stdout = workspace::run(sandbox, &["permissions", "--format", "json"]).exits(0).stdout;
        let here = [("${AWS::Partition}", "aws"), ("${AWS::Region}", REGION), ("${AWS::AccountId}", ACCOUNT)];
        let stdout = here.iter().fold(stdout, |text, (pseudo, value)| text.replace(pseudo, value));
        Self(stdout.lines().map(|line| serde_json::from_str(line).expect("JSON lines")).collect())
    }

    fn policy(&self, name: &str) -> Value {
        let name = format!("pair-{name}");
        self.0.iter().find(|line| line["name"] == *name).expect("a policy")["policy"].clone()
    }
}

/// See [`OF_DOCTOR`].
fn of_doctor() -> Value {
    let statement = json!({"Effect": "Allow", "Action": DOCTORS, "Resource": "*"});
    json!({"Version": "2012-10-17", "Statement": [statement]})
}

fn make_role(engine: &Engine, path: &str, role: &str, policy: &Value) {
    let principal = json!({"AWS": "*", "Service": "cloudformation.amazonaws.com"});
    let statement = json!({"Effect": "Allow", "Principal": principal, "Action": "sts:AssumeRole"});
    let trust = json!({"Version": "2012-10-17", "Statement": [statement]}).to_string();
    let name = format!("pair-{role}");
    let parameters =
        [("Action", "CreateRole"), ("Path", path), ("RoleName", &name), ("AssumeRolePolicyDocument", &trust)];
    engine.query("iam", &parameters);
    put_policy(engine, role, POLICY, policy);
}

fn make_boundary(engine: &Engine, policy: &Value) {
    let policy = policy.to_string();
    let parameters = [
        ("Action", "CreatePolicy"),
        ("Path", "/pipectl/"),
        ("PolicyName", "pair-boundary"),
        ("PolicyDocument", &policy),
    ];
    engine.query("iam", &parameters);
}

fn put_policy(engine: &Engine, role: &str, name: &str, policy: &Value) {
    let (role, policy) = (format!("pair-{role}"), policy.to_string());
    let parameters =
        [("Action", "PutRolePolicy"), ("RoleName", &role), ("PolicyName", name), ("PolicyDocument", &policy)];
    engine.query("iam", &parameters);
}

/// Takes on the deployer's role.
fn session(engine: &Engine) -> [(&'static str, String); 3] {
    let role = format!("arn:aws:iam::{ACCOUNT}:role/pair-deployer");
    let parameters = [("Action", "AssumeRole"), ("RoleArn", role.as_str()), ("RoleSessionName", "test")];
    let answer = engine.query("sts", &parameters);
    let field = |name: &str| {
        let (_, rest) = answer.split_once(&format!("<{name}>")).unwrap_or_else(|| panic!("{answer}"));
        rest.split('<').next().expect("a value").to_owned()
    };
    [
        ("AWS_ACCESS_KEY_ID", field("AccessKeyId")),
        ("AWS_SECRET_ACCESS_KEY", field("SecretAccessKey")),
        ("AWS_SESSION_TOKEN", field("SessionToken")),
    ]
}

#[test]
fn printed_policy_is_enough_for_the_whole_life_of_a_stack() {
    let sandbox = sandbox();
    let deployer = Deployer::new(&sandbox);
    assert_eq!(deployer.lacks(), [""; 0]);
    let result = |args: &[&str]| deployer.run(args).exits(0).outcome()["result"].clone();
    assert_eq!(result(&["up", "--yes"]), "created");
    assert_eq!(result(&["up"]), "unchanged");
    workspace::write_main(&sandbox, "one", "fn main() { println!(\"one\"); }\n");
    assert_eq!(result(&["up", "--code-only"]), "updated");
    workspace::write_main(&sandbox, "two", "fn main() { println!(\"two\"); }\n");
    assert_eq!(result(&["diff", "--drift", "--change-set"]), "changes");
    assert_eq!(result(&["up", "--yes"]), "updated");
    let spec = std::fs::read_to_string(sandbox.path().join("pipeline.yaml")).expect("the spec");
    sandbox.write("pipeline.yaml", &spec.replace("jobs: {}", "jobs: { delay: 5s }"));
    assert_eq!(result(&["diff", "--save", "plan.json"]), "changes");
    assert_eq!(result(&["up", "--plan", "plan.json", "--yes"]), "updated");
    assert_eq!(result(&["up", "--express", "--yes"]), "unchanged");
    assert_eq!(result(&["recover", "--dry-run"]), "recovery_planned");
    deployer.run(&["attach"]).exits(0);
    assert_eq!(result(&["down", "--yes"]), "deleted");
}

#[test]
fn doctor_names_the_actions_of_any_one_statement_that_is_missing() {
    let sandbox = sandbox();
    let deployer = Deployer::new(&sandbox);
    let statements = deployer.statements().iter().enumerate();
    for (index, statement) in statements.filter(|(_, it)| it["Sid"] != OF_DOCTOR) {
        deployer.lose(index);
        let actions = statement["Action"].as_array().expect("actions").iter().filter_map(Value::as_str);
        let mut actions: Vec<&str> =
            actions.filter(|action| *action != CONDITIONAL && !DOCTORS.contains(action)).collect();
        actions.sort_unstable();
        assert_eq!(deployer.lacks(), actions, "{}", statement["Sid"]);
    }
}

#[test]
fn deployer_without_the_right_to_the_stack_changes_nothing() {
    let sandbox = sandbox();
    let deployer = Deployer::new(&sandbox);
    let stack =
        deployer.statements().iter().position(|it| it["Sid"] == "DeployStack").expect("its statement");
    deployer.lose(stack);
    let refused = deployer.run(&["up", "--yes"]).exits(7).outcome();
    assert!(refused["causes"].to_string().contains("cloudformation:DescribeStacks"), "{refused}");
    let buckets = deployer.engine.get("/").is(200).text();
    assert!(!buckets.contains("pipectl-artifacts"), "{buckets}");
}
