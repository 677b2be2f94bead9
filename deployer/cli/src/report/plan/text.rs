//! A plan as text for people.

use pipectl_engine::plan_file::PlanFile;

use super::lines::{sections, summary};
use crate::report::style::Style;

/// Writes the plan as text.
pub(crate) fn text(plan: &PlanFile, style: Style) -> String {
    let sections = sections(plan, style);
    if sections.is_empty() {
        return "no differences".to_owned();
    }
    let mut lines = Vec::new();
    for section in sections {
        lines.push(style.bold(section.title));
        lines.extend(section.lines.into_iter().map(|line| format!("  {line}")));
        lines.push(String::new());
    }
    lines.push(summary(plan));
    lines.join("\n")
}
