//! Hints work when they are pasted: they name the stack and the place that was given.

mod support;

use pipectl_testkit::{FakeAccount, FakeAws, REGION};
use support::{Run, Sandbox};

fn hints(run: &Run) -> Vec<String> {
    let lines = run.stderr.lines().filter_map(|line| line.strip_prefix("hint: "));
    lines.map(str::to_owned).collect()
}

#[test]
fn missing_stack_is_deployed_by_the_command_of_the_hint() {
    let aws = FakeAws::serve(&FakeAccount::new()).expect("a port");
    // The program waits by a clock of its own.
    aws.pass_with_each_call(std::time::Duration::from_secs(10));
    let url = aws.endpoint_url();
    let sandbox = Sandbox::new();
    sandbox.write("my specs/shop.yaml", "name: shop\nqueues: { jobs: {} }\nstages: { dev: {} }\n");
    let run = |args: &[&str]| {
        let mut command = sandbox.command(args);
        command.env("AWS_ACCESS_KEY_ID", "test").env("AWS_SECRET_ACCESS_KEY", "test");
        Run::of(command.output().expect("the program runs"))
    };
    let place = ["--region", REGION, "--endpoint-url", &url];
    let stack = ["my specs/shop.yaml", "--stage", "dev"];
    let command =
        format!("pipectl up 'my specs/shop.yaml' --stage dev --region {REGION} --endpoint-url {url}");
    for verb in [&["outputs"][..], &["alerts", "verify"]] {
        let missing = run(&[verb, &stack, &place].concat()).exits(2);
        assert_eq!(hints(&missing), [format!("deploy it first: {command}")]);
    }
    let saved = run(&[&["diff"][..], &stack, &place, &["--save", "the plan.json"]].concat()).exits(0);
    let line = saved.stderr.lines().find_map(|line| line.split_once("carry it out with: "));
    let expected = format!("pipectl up --region {REGION} --endpoint-url {url} --plan 'the plan.json'");
    assert_eq!(line.map(|(_, command)| command), Some(expected.as_str()), "{}", saved.stderr);
    let words = shlex::split(&expected).expect("a command");
    run(&words.iter().skip(1).map(String::as_str).collect::<Vec<_>>()).exits(0);
}

#[test]
fn next_steps_name_the_same_stack_and_no_route_that_the_api_does_not_have() {
    let aws = FakeAws::serve(&FakeAccount::new()).expect("a port");
    // The program waits by a clock of its own.
    aws.pass_with_each_call(std::time::Duration::from_secs(10));
    let url = aws.endpoint_url();
    let sandbox = Sandbox::new();
    sandbox.write("shop.yaml", "name: shop\nqueues: { jobs: {} }\n");
    let mut command = sandbox.command(&["up", "shop.yaml", "--region", REGION, "--endpoint-url", &url]);
    command.env("AWS_ACCESS_KEY_ID", "test").env("AWS_SECRET_ACCESS_KEY", "test");
    let run = Run::of(command.output().expect("the program runs")).exits(0);
    let (_, steps) = run.stderr.split_once("Try next:\n").expect("next steps");
    let expected = ["diff", "down"]
        .map(|verb| format!("  pipectl {verb} shop.yaml --region {REGION} --endpoint-url {url}\n"));
    assert_eq!(steps, expected.concat());
}
