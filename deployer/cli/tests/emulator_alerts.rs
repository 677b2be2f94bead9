//! `pipectl alerts verify` on the feedback example.

mod support;

use serde_json::Value;
use support::{Sandbox, repository};

fn verify(sandbox: &Sandbox, flags: &[&str]) -> support::Run {
    sandbox.run(&[&["alerts", "verify", "--local", "--format", "json"], flags].concat())
}

#[test]
fn test_alert_of_the_feedback_example_reaches_mailbox_and_phone() {
    let sandbox = Sandbox::new();
    let spec =
        std::fs::read_to_string(repository().join("examples/feedback/pipeline.yaml")).expect("the example");
    let build = format!("build: {{ workspace: {} }}", repository().display());
    sandbox.write("pipeline.yaml", &format!("{spec}\n{build}\n"));
    sandbox.start_engine(&[]);
    verify(&sandbox, &[]).exits(2);
    sandbox.run(&["up", "--local", "--format", "json"]).exits(0);

    let run = verify(&sandbox, &["--send"]).exits(0);
    assert_eq!(run.outcome()["result"], "verified", "{}", run.stdout);
    let topics = run.events("topic");
    assert_eq!((topics.len(), &topics[0]["confirmed"]), (1, &Value::from(2)), "{}", run.stdout);
    let arrived = run.events("test_alert_result");
    let at: Vec<&str> = arrived.iter().filter_map(|it| it["at"].as_str()).collect();
    assert_eq!(at, ["email support@example.com", "sms +12065550100"], "{}", run.stdout);
    assert!(arrived.iter().all(|it| it["result"] == "arrived"), "{}", run.stdout);

    let marker = run.events("test_alert")[0]["marker"].as_str().expect("a marker").to_owned();
    let inbox = sandbox.run(&["local", "inbox", "--format", "json"]).exits(0);
    let quotes_it = |it: &Value| it["message"].as_str().is_some_and(|text| text.contains(&marker));
    assert!(inbox.events("delivery").iter().any(quotes_it), "{}", inbox.stdout);
}
