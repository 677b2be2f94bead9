//! A plan as Markdown for a pull request, from `templates/plan.md.hbs`.

use handlebars::Handlebars;
use pipectl_engine::plan_file::PlanFile;
use pipectl_engine::review::finding::findings;
use serde_json::{Value, json};

use super::lines::{Section, sections, summary};
use crate::report::style::Style;

pub(super) const TEMPLATE: &str = include_str!("../../../../../templates/plan.md.hbs");

/// Longest body of a comment or pull request on GitHub, in characters. Source: the API's own refusal,
/// "body is too long (maximum is 65536 characters)" (read 2026-11-23).
pub(super) const LIMIT: usize = 65_536;

/// Longest line; the rest of a longer one is left out.
const LONGEST_LINE: usize = 400;

/// Most warnings that stand above the sections.
const WARNINGS: usize = 20;

/// Writes the plan as Markdown of at most [`LIMIT`] characters. What does not fit is left out from the
/// end, and each section says how many of its lines are.
pub(crate) fn markdown(plan: &PlanFile) -> String {
    let sections: Vec<Section> = sections(plan, Style::new(false)).into_iter().map(shortened).collect();
    let whole = rendered(plan, &sections, &kept_all(&sections));
    if whole.chars().count() <= LIMIT {
        return whole;
    }
    let none = vec![0; sections.len()];
    let mut room = LIMIT.saturating_sub(rendered(plan, &sections, &none).chars().count());
    let kept: Vec<usize> = sections.iter().map(|section| fitting(section, &mut room)).collect();
    rendered(plan, &sections, &kept)
}

fn kept_all(sections: &[Section]) -> Vec<usize> {
    sections.iter().map(|section| section.lines.len()).collect()
}

/// Counts the lines of a section that fit into the room that is left, and takes it.
fn fitting(section: &Section, room: &mut usize) -> usize {
    let mut fit = 0;
    for line in &section.lines {
        let needed = line.chars().count() + 1;
        if needed > *room {
            break;
        }
        *room -= needed;
        fit += 1;
    }
    fit
}

fn shortened(section: Section) -> Section {
    let short = |line: String| match line.char_indices().nth(LONGEST_LINE) {
        Some((end, _)) => format!("{} …", &line[..end]),
        None => line,
    };
    Section { title: section.title, lines: section.lines.into_iter().map(short).collect() }
}

fn rendered(plan: &PlanFile, sections: &[Section], kept: &[usize]) -> String {
    let shown: Vec<Value> = sections
        .iter()
        .zip(kept)
        .map(|(section, kept)| {
            json!({
                "title": section.title,
                "lines": section.lines[..*kept],
                "fence": fence(&section.lines),
                "count": section.lines.len(),
                "left_out": section.lines.len() - kept,
            })
        })
        .collect();
    let all: Vec<String> = findings(plan)
        .into_iter()
        .filter(|finding| !finding.code.name.starts_with('I'))
        .map(|finding| format!("`{}` {}", finding.code.name, escaped(&finding.message)))
        .collect();
    let facts = json!({
        "stack": plan.stack,
        "creates": plan.base.is_none(),
        "summary": summary(plan),
        "warnings": all.iter().take(WARNINGS).collect::<Vec<_>>(),
        "further_warnings": all.len().saturating_sub(WARNINGS),
        "sections": shown,
        "asked_aws": plan.change_set.is_some(),
        "saved": plan.execution.as_ref().map(|execution| &execution.change_set),
        "digest": plan.digest.get(..12).unwrap_or_default(),
    });
    let mut engine = Handlebars::new();
    engine.register_escape_fn(handlebars::no_escape);
    engine.render_template(TEMPLATE, &facts).unwrap_or_default().trim_end().to_owned()
}

/// A fence that no line of the section can close.
fn fence(lines: &[String]) -> String {
    let longest = lines.iter().flat_map(|line| line.split(|c| c != '`')).map(str::len).max();
    "`".repeat(longest.unwrap_or_default().max(2) + 1)
}

/// Keeps texts of others from being read as Markdown or HTML, and from calling people.
fn escaped(text: &str) -> String {
    let mut escaped = String::new();
    for letter in text.chars().take(LONGEST_LINE) {
        match letter {
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '@' => escaped.push_str("&#64;"),
            '#' => escaped.push_str("&#35;"),
            '\\' | '`' | '*' | '_' | '[' | ']' | '|' | '~' => {
                escaped.push('\\');
                escaped.push(letter);
            }
            '\n' | '\r' => escaped.push(' '),
            other => escaped.push(other),
        }
    }
    escaped
}
