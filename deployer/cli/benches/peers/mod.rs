//! The tools that users would otherwise take, on the same template in the same run.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use super::{median, once, text};

/// Runs of each; they take seconds.
const RUNS: usize = 3;

/// A CDK app that includes a template as it is, so that both make the same one.
const APP: &str = r"const cdk = require('aws-cdk-lib');
const { CfnInclude } = require('aws-cdk-lib/cloudformation-include');
const app = new cdk.App();
const stack = new cdk.Stack(app, 'ingest', { synthesizer: new cdk.LegacyStackSynthesizer() });
new CfnInclude(stack, 'Template', { templateFile: process.env.TEMPLATE });
app.synth();
";

/// Times the CDK and the SAM CLI on a template, beside pipectl's `render` of it.
pub(super) fn print(template: &Path, folder: &Path, render: Duration) {
    let installed = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../target/bench-peers");
    let (cdk, sam) = (installed.join("node_modules/.bin/cdk"), installed.join("sam/bin/sam"));
    if cdk.exists() {
        let app = app(&installed);
        let cdk = |verb: &[&str]| {
            let mut command = Command::new(&cdk);
            command.args(verb).args(["--app", &format!("node {}", app.display()), "--no-notices"]);
            command.args(["--output", text(&folder.join("cdk.out"))]);
            command
                .env("TEMPLATE", template)
                .env("CDK_DISABLE_CLI_TELEMETRY", "true")
                .current_dir(&installed);
            no_credentials(&mut command);
            command
        };
        row("cdk synth", || cdk(&["synth", "--quiet"]), render);
        row("cdk diff --template", || cdk(&["diff", "ingest", "--template", text(template)]), render);
    } else {
        skipped("cdk");
    }
    if sam.exists() {
        let sam = |flags: &[&str]| {
            let mut command = Command::new(&sam);
            command.args(["validate", "--template", text(template), "--region", "us-east-1"]).args(flags);
            command.env("SAM_CLI_TELEMETRY", "0");
            no_credentials(&mut command);
            command
        };
        row("sam validate --lint", || sam(&["--lint"]), render);
    } else {
        skipped("sam");
    }
}

/// Nothing of these may reach an account.
fn no_credentials(command: &mut Command) {
    command.env("AWS_ACCESS_KEY_ID", "test").env("AWS_SECRET_ACCESS_KEY", "test");
    command.env("AWS_ENDPOINT_URL", "http://127.0.0.1:9").env("AWS_REGION", "us-east-1");
}

fn app(installed: &Path) -> PathBuf {
    let file = installed.join("app.js");
    std::fs::write(&file, APP).expect("the folder of the peers");
    file
}

fn row(what: &str, command: impl Fn() -> Command, render: Duration) {
    let time = median(RUNS, || once(command()));
    let ratio = time.as_secs_f64() / render.as_secs_f64();
    println!("{what:<24} {:>7.0} ms  {ratio:>6.0} x of our render", time.as_secs_f64() * 1000.0);
}

fn skipped(name: &str) {
    println!("{name:<24} skipped: not installed, run deployer/cli/benches/peers/install");
}
