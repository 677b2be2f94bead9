//! Laws between the parts of a template, one file each.
//!
//! They read the rendered template, so that typed resources, raw ones and overrides are held to the same text.

mod cycle;
mod limit;
mod property;
mod reference;

use crate::diagnostic::Diagnostic;
use crate::template::Template;

/// Adds everything that the laws find.
pub(crate) fn check(template: &Template, tags: usize, report: &mut Vec<Diagnostic>) {
    limit::check(template, tags, report);
    property::check(template, report);
    reference::check(template, report);
    cycle::check(template, report);
}

/// The logical ID of a template's key, if it is one.
fn logical_id(text: &str) -> Option<crate::LogicalId> {
    crate::LogicalId::new(text).ok()
}

/// Says where a finding is, when the key is a logical ID at all.
fn located(diagnostic: Diagnostic, text: &str) -> Diagnostic {
    match logical_id(text) {
        Some(id) => diagnostic.at(&id),
        None => diagnostic.about(text),
    }
}

/// A checked stack that has what `resources` says, for the laws' own tests.
#[cfg(test)]
fn codes_of(sections: serde_json::Value) -> Vec<&'static str> {
    let template = Template::from_json(sections).unwrap();
    let mut report = Vec::new();
    check(&template, 0, &mut report);
    report.iter().map(|diagnostic| diagnostic.code.name).collect()
}
