//! `pipectl tune` on the ingest example.

mod support;

use serde_json::{Value, json};
use support::Sandbox;
use support::ingest::{Ingest, write_spec};

/// What the HTTP API hands to the function for `GET /records?limit=1`.
fn listing() -> String {
    json!({
        "version": "2.0", "routeKey": "ANY /records", "rawPath": "/records", "rawQueryString": "limit=1",
        "queryStringParameters": {"limit": "1"}, "headers": {}, "isBase64Encoded": false,
        "requestContext": {
            "accountId": "000000000000", "apiId": "api", "domainName": "local", "domainPrefix": "local",
            "requestId": "1", "routeKey": "ANY /records", "stage": "$default",
            "time": "23/Nov/2026:00:00:00 +0000", "timeEpoch": 1_795_392_000_000_i64,
            "http": {
                "method": "GET", "path": "/records", "protocol": "HTTP/1.1", "sourceIp": "127.0.0.1",
                "userAgent": "test",
            },
        },
    })
    .to_string()
}

fn memory_size(ingest: &Ingest) -> Value {
    let functions = ingest.engine.get("/2015-03-31/functions/").is(200).json();
    let functions = functions["Functions"].as_array().cloned().unwrap_or_default();
    let is_api = |it: &&Value| it["FunctionName"].as_str().is_some_and(|name| name.contains("RecordsApi"));
    functions.iter().find(is_api).expect("the function")["MemorySize"].clone()
}

#[test]
fn function_is_measured_under_its_quota_and_the_best_size_written() {
    let sandbox = Sandbox::new();
    write_spec(&sandbox, |spec| spec);
    let ingest = Ingest::up(&sandbox, "ingest", &[]);
    sandbox.write("list.json", &listing());
    let args =
        ["tune", "records-api", "--local", "--format", "json", "--sizes", "1769,128", "--invocations", "3"];
    let run = sandbox.run(&[&args[..], &["--payload", "list.json", "--write"]].concat()).exits(0);

    let samples = run.events("memory_size_measured");
    let sizes: Vec<&Value> = samples.iter().map(|sample| &sample["memory_size"]).collect();
    assert_eq!(sizes, [&json!(128), &json!(1769)], "{}", run.stdout);
    assert!(
        samples.iter().all(|sample| sample["invocations"] == 3 && sample["init_ms"].is_f64()),
        "{}",
        run.stdout
    );
    let outcome = run.outcome();
    assert_eq!((&outcome["deployed"], &outcome["written"]), (&json!(256), &json!(true)), "{outcome}");
    assert_eq!(memory_size(&ingest), 256);
    let spec = std::fs::read_to_string(sandbox.path().join("pipeline.yaml")).expect("the spec");
    let line = format!("    crate: records-api\n    memory_size: {}MB\n", outcome["best"]);
    assert!(spec.contains(&line), "{spec}");

    // The empty event is none of an HTTP API.
    let run = sandbox.run(&args).exits(2);
    assert_eq!(run.events("memory_size_failed").len(), 2, "{}", run.stdout);
    assert_eq!(memory_size(&ingest), 256);
}
