//! Every code has a spec that raises it and one that just does not.

use pipectl_engine::diagnostic::REGISTRY;

use crate::support::examine;

struct Fixture {
    code: &'static str,
    stage: Option<&'static str>,
    bad: String,
    good: String,
}

fn fixture(code: &'static str, bad: &str, good: &str) -> Fixture {
    let named = |text: &str| format!("name: a\n{text}\n");
    Fixture { code, stage: None, bad: named(bad), good: named(good) }
}

fn fixtures() -> Vec<Fixture> {
    let nested = |depth: usize| {
        let (open, close) = ("[".repeat(depth), "]".repeat(depth));
        format!("resources: {{R: {{Type: 'Custom::R', Properties: {{P: {open}{close}}}}}}}")
    };
    let table = |action: &str| {
        format!(
            "tables: {{t: {{partition_key: id}}}}\n\
             functions: {{f: {{crate: f, access: [{{table: t, access: read, actions: [{action}]}}]}}}}"
        )
    };
    let route = |key: &str| format!("functions: {{f: {{crate: f}}}}\napis: {{a: {{routes: {{{key}: f}}}}}}");
    let variable =
        |value: &str| format!("functions: {{f: {{crate: f, environment: {{API_TOKEN: {value}}}}}}}");
    vec![
        fixture("E1001", "queues: [", "queues: {}"),
        fixture("E1002", "queus: {}", "queues: {}"),
        fixture("E1003", "queues: []", "queues: {}"),
        fixture(
            "E1004",
            "queues: {q: {visibility_timeout: 43201}}",
            "queues: {q: {visibility_timeout: 43200}}",
        ),
        fixture("E1005", "functions: {f: {}}", "functions: {f: {crate: f}}"),
        fixture("E1006", "queues:\n  q: {}\n  q: {}", "queues:\n  q: {}\n  r: {}"),
        fixture(
            "E1007",
            "queues: {q: {redrive: {dead_letter_queue: d}}}",
            "queues: {q: {redrive: {dead_letter_queue: d}}, d: {}}",
        ),
        fixture("E1008", &variable("abc"), &variable("{secret: api}")),
        Fixture { stage: Some("prod"), ..fixture("E1009", "stages: {production: {}}", "stages: {prod: {}}") },
        fixture(
            "E1010",
            "queues: {q: {redrive: {dead_letter_queue: d}}, d: {redrive: {dead_letter_queue: q}}}",
            "queues: {q: {redrive: {dead_letter_queue: d}}, d: {redrive: {dead_letter_queue: e}}, e: {}}",
        ),
        fixture("E1011", "outputs: {O: {value: !Subs x}}", "outputs: {O: {value: !Sub x}}"),
        fixture("E1012", &route("GET records"), &route("GET /records")),
        fixture("E1013", &table("PutItem"), &table("GetItem")),
        fixture(
            "E1014",
            "queues: {q: {content_based_deduplication: true}}",
            "queues: {q: {fifo: true, content_based_deduplication: true}}",
        ),
        fixture("E1015", &nested(62), &nested(61)),
    ]
}

fn codes(text: &str, stage: Option<&str>) -> Vec<&'static str> {
    examine(text, stage).1.iter().map(|found| found.code.name).collect()
}

#[test]
fn every_code_has_its_fixture() {
    let with_fixture: Vec<&str> = fixtures().iter().map(|fixture| fixture.code).collect();
    let known: Vec<&str> = REGISTRY.iter().map(|code| code.name).collect();
    assert_eq!(with_fixture, known);
}

#[test]
fn bad_spec_raises_its_code_and_no_other_error() {
    for Fixture { code, stage, bad, .. } in fixtures() {
        let found = codes(&bad, stage);
        assert!(found.contains(&code), "{code}: {found:?} in {bad}");
        assert!(found.iter().all(|it| *it == code || !it.starts_with('E')), "{code}: {found:?} in {bad}");
    }
}

#[test]
fn good_spec_has_no_error() {
    for Fixture { code, stage, good, .. } in fixtures() {
        let found = codes(&good, stage);
        assert!(found.iter().all(|it| !it.starts_with('E')), "{code}: {found:?} in {good}");
    }
}
