//! Templates of another author's hand, sound but for one planted fault that gives the file its name.
//!
//! Two of the best validators tell none of them from the sound one: cfn-lint 1.58 finds nothing in any, and
//! cloudformation-validate 1.14 the same in all (tried 2026-11-23).

#![expect(clippy::unwrap_used, reason = "a test that finds nothing shall fail where it looks")]

use stack_model::Template;
use stack_model::law::check_template;

const PLANTED: [(&str, &str); 9] = [
    ("E3006", include_str!("planted/E3006_batch_of_100_without_a_window.json")),
    ("E3015", include_str!("planted/E3015_consumer_role_may_not_receive.json")),
    ("E3007", include_str!("planted/E3007_dead_letter_queue_keeps_one_day.json")),
    ("E3016", include_str!("planted/E3016_bucket_does_not_wait_for_its_permission.json")),
    ("W3008", include_str!("planted/W3008_one_receive.json")),
    ("W3018", include_str!("planted/W3018_whole_batch_retried.json")),
    ("W3005", include_str!("planted/W3005_visibility_below_six_timeouts.json")),
    ("W3019", include_str!("planted/W3019_log_group_not_owned.json")),
    ("W3020", include_str!("planted/W3020_dead_letter_queue_without_alarm.json")),
];

fn codes(text: &str) -> Vec<&'static str> {
    let template = Template::from_json(serde_json::from_str(text).unwrap()).unwrap();
    check_template(&template).iter().map(|found| found.code.name).collect()
}

#[test]
fn each_planted_fault_is_found_by_its_code_alone() {
    for (code, text) in PLANTED {
        assert_eq!(codes(text), [code]);
    }
}

#[test]
fn sound_template_has_no_finding() {
    assert!(codes(include_str!("planted/sound.json")).is_empty());
}

#[test]
fn golden_templates_of_the_model_have_no_finding() {
    assert!(codes(include_str!("golden/ingest.json")).is_empty());
    assert!(codes(include_str!("golden/ingest_fifo.json")).is_empty());
}
