//! Warnings that the author accepts.

use pipectl_engine::spec::contract::Contracts;
use pipectl_engine::spec::examine::{Examined, examine, examine_every_stage};
use pipectl_engine::spec::reading::Reading;
use pipectl_engine::template_file;

/// Both queues hide their messages for a shorter time than is advised; by which code does not matter.
const SPEC: &str = "\
name: shop
queues: { orders: { visibility_timeout: 60 }, jobs: { visibility_timeout: 60 } }
functions: { worker: { crate: worker, timeout: 29, events: [{ queue: orders }, { queue: jobs }] } }
";

fn examined(text: &str, stage: Option<&str>) -> Examined {
    let outside = |_: &Reading| (Contracts::default(), Vec::new());
    if stage.is_none() { examine_every_stage(text, stage, outside) } else { examine(text, stage, outside) }
}

fn codes(examined: &Examined) -> Vec<(&str, &str)> {
    examined.diagnostics.iter().map(|it| (it.code.name, it.subject.as_str())).collect()
}

/// A code that two queues of the spec get.
fn doubtful() -> &'static str {
    let found = examined(SPEC, None).diagnostics;
    let of = |id: &str| -> Vec<&'static str> {
        found.iter().filter(|it| it.subject.starts_with(id)).map(|it| it.code.name).collect()
    };
    let jobs = of("JobsQueue");
    of("OrdersQueue").into_iter().find(|code| jobs.contains(code)).expect("a warning of both queues")
}

#[test]
fn allowed_warning_is_set_apart_with_its_reason() {
    let code = doubtful();
    let all = examined(SPEC, None).diagnostics.len();
    let text = format!("{SPEC}allow:\n  - {{ code: {code}, resource: Orders*, because: drained by hand }}\n");
    let found = examined(&text, None);
    let accepted: Vec<_> = found
        .acknowledged
        .iter()
        .map(|it| (it.because.as_str(), it.place.line, it.diagnostic.code.name))
        .collect();
    assert_eq!(accepted, [("drained by hand", 5, code)]);
    assert!(codes(&found).iter().any(|(it, subject)| *it == code && subject.starts_with("JobsQueue")));
    assert_eq!(found.diagnostics.len(), all - 1);
    assert!(found.lowered.is_some());
    let any = examined(&format!("{SPEC}allow: [{{ code: {code}, because: b }}]\n"), None);
    assert!(!codes(&any).iter().any(|(it, _)| *it == code), "{:?}", codes(&any));
}

#[test]
fn unused_entry_is_reported_with_where_the_warning_is() {
    let code = doubtful();
    let unused = |entry: &str| {
        let found = examined(&format!("{SPEC}allow:\n  - {{ {entry}, because: b }}\n"), None);
        let found = found.diagnostics.into_iter().filter(|it| it.code.name == "W1041");
        found.map(|it| (it.place.map(|place| place.line), it.message, it.help)).collect::<Vec<_>>()
    };
    assert_eq!(
        unused(&format!("code: {code}, resource: OrdersQueu")),
        [(
            Some(5),
            format!("`{code}` of `OrdersQueu` is allowed, but is not found there."),
            Some("Did you mean `OrdersQueue`?".to_owned())
        )]
    );
    assert_eq!(
        unused("code: W1023"),
        [(Some(5), "`W1023` is allowed, but is not found.".to_owned(), Some("Remove the entry.".to_owned()))]
    );
}

#[test]
fn entry_of_a_stage_holds_for_that_stage_and_is_not_unused_elsewhere() {
    let code = doubtful();
    let text =
        format!("{SPEC}stages:\n  dev: {{ allow: [{{ code: {code}, because: only dev }}] }}\n  prod: {{}}\n");
    let has = |stage| {
        let found = examined(&text, stage);
        assert!(!codes(&found).iter().any(|(it, _)| *it == "W1041"), "{:?}", codes(&found));
        codes(&found).iter().any(|(it, _)| *it == code)
    };
    assert!(!has(Some("dev")));
    assert!(has(Some("prod")));
}

#[test]
fn errors_and_unknown_codes_cannot_be_allowed_and_the_reason_is_not_empty() {
    let wrong = |entry: &str| {
        let found = examined(&format!("name: a\nallow:\n  - {entry}\n"), None);
        assert!(found.lowered.is_none());
        let first = found.diagnostics.into_iter().next().expect("an error");
        (first.code.name, first.place.map(|place| (place.line, place.column)), first.message)
    };
    let message = "`E1007` is an error and cannot be allowed: dangling reference.";
    assert_eq!(wrong("{ code: E1007, because: b }"), ("E1040", Some((3, 5)), message.to_owned()));
    assert_eq!(wrong("{ code: W9999, because: b }").2, "There is no code `W9999`.");
    assert_eq!(wrong("{ code: W1023 }").0, "E1005");
    assert_eq!(wrong("{ code: W1023, because: ' ' }").0, "E1004");
    assert_eq!(wrong("{ code: W1023, because: b, resorce: X }").0, "E1002");
}

#[test]
fn template_allows_in_its_metadata() {
    let code = doubtful();
    let lowered = examined(SPEC, None).lowered.expect("a template");
    let template = |metadata: &str| {
        let mut template = lowered.template.clone();
        template["Metadata"] = serde_json::from_str(metadata).expect("JSON");
        template_file::examine(&template.to_string()).expect("a template")
    };
    let (all, none) = template("{}");
    let of_code = all.iter().filter(|it| it.code.name == code).count();
    assert_eq!((of_code > 1, none.len()), (true, 0));
    let (left, accepted) =
        template(&format!(r#"{{"pipectl": {{"allow": [{{"code": "{code}", "because": "b"}}]}}}}"#));
    assert_eq!((left.len(), accepted.len()), (all.len() - of_code, of_code));
    let (left, _) =
        template(r#"{"pipectl": {"allow": [{"code": "W1023", "because": "b"}, {"code": "E3001"}]}}"#);
    let mut own: Vec<&str> =
        left.iter().map(|it| it.code.name).filter(|it| it[1..].starts_with('1')).collect();
    own.sort_unstable();
    assert_eq!(own, ["E1005", "W1041"]);
}
