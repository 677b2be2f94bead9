//! A sound template that uses everything the laws are about, to be changed in one place by each test.

use serde_json::{Value as Json, json};

use super::check_template;
use crate::diagnostic::Diagnostic;
use crate::template::Template;

/// No finding.
pub(super) const NONE: [&str; 0] = [];

/// The codes found after a JSON merge patch of the sound template's resources.
pub(super) fn codes_after(resources: Json) -> Vec<&'static str> {
    found_after(resources).iter().map(|found| found.code.name).collect()
}

/// What is found after a JSON merge patch of the sound template's resources.
pub(super) fn found_after(resources: Json) -> Vec<Diagnostic> {
    let mut sections: Json = serde_json::from_str(include_str!("../../tests/planted/sound.json")).unwrap();
    json_patch::merge(&mut sections, &json!({ "Resources": resources }));
    let template = Template::from_json(sections).unwrap();
    check_template(&template)
}

#[test]
fn sound_template_breaks_no_law() {
    assert_eq!(codes_after(json!({})), NONE);
}
