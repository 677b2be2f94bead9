//! Every code has a spec that raises it and one that just does not.

use pipectl_engine::{diagnostic, property};

use crate::support::check_with;

struct Fixture {
    code: &'static str,
    stage: Option<&'static str>,
    bad: String,
    good: String,
    contracts: Vec<(&'static str, String)>,
}

fn fixture(code: &'static str, bad: &str, good: &str) -> Fixture {
    let named = |text: &str| format!("name: a\n{text}\n");
    Fixture { code, stage: None, bad: named(bad), good: named(good), contracts: Vec::new() }
}

/// The crate `f` has a contract with these variables and events.
fn with_contract(fixture: Fixture, environment: &str, events: &str) -> Fixture {
    let text = format!(r#"{{"version": 1, "environment": {{{environment}}}, "events": [{events}]}}"#);
    Fixture { contracts: vec![("f", text)], ..fixture }
}

/// A function of the crate `f` with one variable.
fn setting(line: &str) -> String {
    format!(
        "queues: {{q: {{}}}}\ntables: {{t: {{partition_key: id}}}}\n\
             functions: {{f: {{crate: f, environment: {{{line}}}}}}}"
    )
}

fn contract_fixtures() -> Vec<Fixture> {
    let url = r#""URL": {"required": true, "value": {"queue_url": {"access": "send"}}}"#;
    let count = r#""COUNT": {"value": {"number": {"minimum": 1, "maximum": 9}}}"#;
    let sends = r#""URL": {"value": {"queue_url": {"access": "send", "payloads": ["shop.order/2"]}}}"#;
    let order = |version: u32| {
        let contract =
            format!(r#"{{"version": 1, "events": [{{"queue": {{"payloads": ["shop.order/{version}"]}}}}]}}"#);
        ("g", contract)
    };
    let through = |queue: &str| {
        format!(
            "queues: {{q: {{}}, r: {{}}}}\nfunctions:\n  \
             f: {{crate: f, environment: {{URL: {{queue: {queue}, access: send}}}}}}\n  \
             g: {{crate: g, events: [{{queue: q}}]}}"
        )
    };
    let event = |event: &str| {
        format!(
            "queues: {{q: {{}}}}\nbuckets: {{b: {{}}}}\nfunctions: {{f: {{crate: f, events: [{{{event}}}]}}}}"
        )
    };
    let bound = setting("URL: {queue: q, access: send}");
    let mut payloads = with_contract(fixture("E1021", &through("q"), &through("r")), sends, "");
    payloads.contracts.push(order(1));
    vec![
        Fixture {
            contracts: vec![("f", r#"{"version": 2}"#.to_owned())],
            ..fixture("E1016", "functions: {f: {crate: f}}", "functions: {f: {crate: g}}")
        },
        with_contract(fixture("E1017", &setting(""), &bound), url, ""),
        with_contract(fixture("E1018", &setting("URL: {table: t, access: write}"), &bound), url, ""),
        with_contract(fixture("E1019", &setting("COUNT: 10"), &setting("COUNT: 9")), count, ""),
        with_contract(fixture("E1020", &setting("URL: {queue: q, access: receive}"), &bound), url, ""),
        payloads,
        with_contract(fixture("E1022", &event("queue: q"), &event("bucket: b")), "", r#""bucket""#),
        fixture("E1040", "allow: [{code: E1007, because: b}]", "allow: [{code: W1023, because: b}]"),
        with_contract(fixture("W1023", &setting("CUONT: 9"), &setting("COUNT: 9")), count, ""),
        with_contract(
            fixture(
                "W1041",
                &format!("{}\nallow: [{{code: W1023, because: b}}]", setting("COUNT: 9")),
                &format!("{}\nallow: [{{code: W1023, because: b}}]", setting("CUONT: 9")),
            ),
            count,
            "",
        ),
    ]
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
    let mut fixtures = vec![
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
    ];
    fixtures.extend(contract_fixtures());
    fixtures.extend(property_fixtures());
    fixtures
}

/// Codes about raw resources, by AWS's schemas.
fn property_fixtures() -> Vec<Fixture> {
    let raw = |kind: &str, properties: &str| {
        format!("resources: {{R: {{Type: {kind}, Properties: {{{properties}}}}}}}")
    };
    let queue = |properties: &str| raw("AWS::SQS::Queue", properties);
    let rule = |properties: &str| {
        raw("AWS::Events::Rule", &format!("ScheduleExpression: rate(1 day), {properties}"))
    };
    let targets = |second: &str| {
        let target = |id: &str| format!("{{Id: {id}, Arn: 'arn:aws:sqs:eu-west-1:111122223333:q'}}");
        rule(&format!("Targets: [{}, {}]", target("one"), target(second)))
    };
    let stream = |name: &str| raw("AWS::Kinesis::Stream", &format!("Name: {name}, ShardCount: 1"));
    vec![
        fixture("E2020", &raw("AWS::SQS::Queues", ""), &queue("")),
        fixture("E2021", &queue("DelaySecond: 1"), &queue("DelaySeconds: 1")),
        fixture("E2022", &queue("DelaySeconds: soon"), &queue("DelaySeconds: '5'")),
        fixture("E2023", &rule("State: enabled"), &rule("State: ENABLED")),
        fixture("E2024", &stream("a b"), &stream("a-b")),
        fixture(
            "E2025",
            &raw("AWS::EC2::VPC", "EnableDnsSupport: true"),
            &raw("AWS::EC2::VPC", "CidrBlock: 10.0.0.0/16"),
        ),
        fixture("E2026", &targets("one"), &targets("two")),
        fixture("W2027", &raw("AWS::Weather::Forecast", ""), &raw("Org::Weather::Forecast", "")),
        fixture("W2028", &queue("Colour: red"), &queue("DelaySeconds: 1")),
        fixture("W2029", &queue("Arn: 'arn:aws:sqs:eu-west-1:111122223333:q'"), &queue("QueueName: q")),
    ]
}

/// Lists the codes of the findings in one of a fixture's two specs.
fn codes(fixture: &Fixture, text: &str) -> Vec<&'static str> {
    let contracts: Vec<(&str, &str)> =
        fixture.contracts.iter().map(|(name, text)| (*name, text.as_str())).collect();
    check_with(text, fixture.stage, &contracts).iter().map(|found| found.code.name).collect()
}

#[test]
fn every_code_has_its_fixture() {
    let of_spec = fixtures().into_iter().map(|fixture| fixture.code);
    // Of templates only; the tests of template files raise it.
    let mut with_fixture: Vec<&str> = of_spec.chain(crate::crates::CODES).chain(["W1066"]).collect();
    with_fixture.sort_unstable();
    let mut known: Vec<&str> =
        diagnostic::REGISTRY.iter().chain(property::REGISTRY).map(|code| code.name).collect();
    known.sort_unstable();
    assert_eq!(with_fixture, known);
}

#[test]
fn bad_spec_raises_its_code_and_no_other_error() {
    for fixture in fixtures() {
        let Fixture { code, bad, .. } = &fixture;
        let found = codes(&fixture, bad);
        assert!(found.contains(code), "{code}: {found:?} in {bad}");
        assert!(found.iter().all(|it| it == code || !it.starts_with('E')), "{code}: {found:?} in {bad}");
    }
}

#[test]
fn good_spec_has_neither_the_code_nor_any_error() {
    for fixture in fixtures() {
        let Fixture { code, good, .. } = &fixture;
        let found = codes(&fixture, good);
        assert!(found.iter().all(|it| it != code && !it.starts_with('E')), "{code}: {found:?} in {good}");
    }
}
