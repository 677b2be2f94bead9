//! Diagnostics as a person reads them, with the line they concern, and as JSON.

use annotate_snippets::{AnnotationKind, Level, Renderer, Snippet};
use pipectl_engine::diagnostic::Diagnostic;
use pipectl_engine::spec::allow::Acknowledged;
use serde_json::{Value, json};
use stack_model::diagnostic::Severity;

use super::console::Console;
use super::style::{Style, count};

/// Shows diagnostics on stderr, and how many there are.
pub(crate) fn show(console: &Console, file: &str, text: &str, diagnostics: &[Diagnostic]) {
    for diagnostic in diagnostics {
        console.warn(&rendered(file, text, diagnostic, console.style));
        console.warn("");
    }
    let errors = diagnostics.iter().filter(|diagnostic| diagnostic.is_error()).count();
    let others = diagnostics.len() - errors;
    if errors > 0 {
        console.warn(&console.style.red(&count(errors, "error", "errors")));
    }
    if others > 0 {
        console.warn(&console.style.yellow(&count(others, "warning", "warnings")));
    }
}

fn rendered(file: &str, text: &str, diagnostic: &Diagnostic, style: Style) -> String {
    let level = match diagnostic.code.severity() {
        Severity::Error => Level::ERROR,
        Severity::Warning => Level::WARNING,
        Severity::Information => Level::INFO,
    };
    let message = match diagnostic.place {
        Some(_) => diagnostic.message.clone(),
        None => format!("{}: {}", diagnostic.subject, diagnostic.message),
    };
    let title = level.primary_title(message.as_str()).id(diagnostic.code.name);
    let mut group = match span(text, diagnostic) {
        Some(span) => {
            let annotation = AnnotationKind::Primary.span(span);
            title.element(Snippet::source(text).path(file).annotation(annotation))
        }
        None => title.elements(Vec::<annotate_snippets::Message<'_>>::new()),
    };
    if let Some(help) = &diagnostic.help {
        group = group.element(Level::HELP.message(help.as_str()));
    }
    let renderer = if style.is_colored() { Renderer::styled() } else { Renderer::plain() };
    renderer.render(&[group])
}

/// Finds the bytes of the key or value that stands at the diagnostic's place.
fn span(text: &str, diagnostic: &Diagnostic) -> Option<std::ops::Range<usize>> {
    let place = diagnostic.place?;
    let line = text.split_inclusive('\n').nth(place.line - 1).unwrap_or_default();
    let start_of_line: usize = text.split_inclusive('\n').take(place.line - 1).map(str::len).sum();
    let column = line.char_indices().nth(place.column - 1).map_or(line.trim_end().len(), |(index, _)| index);
    let rest = line[column..].trim_end();
    let end = rest.find([':', ',', '}', ']', '#']).unwrap_or(rest.len());
    let length = rest[..end].trim_end().len().max(usize::from(!rest.is_empty()));
    Some(start_of_line + column..start_of_line + column + length)
}

/// Writes a diagnostic as a JSON object.
pub(crate) fn to_json(file: &str, diagnostic: &Diagnostic) -> Value {
    let severity = match diagnostic.code.severity() {
        Severity::Error => "error",
        Severity::Warning => "warning",
        Severity::Information => "information",
    };
    json!({
        "type": "diagnostic",
        "code": diagnostic.code.name,
        "severity": severity,
        "file": file,
        "line": diagnostic.place.map(|place| place.line),
        "column": diagnostic.place.map(|place| place.column),
        "subject": diagnostic.subject,
        "message": diagnostic.message,
        "help": diagnostic.help,
        "source": diagnostic.code.source,
    })
}

/// Writes a diagnostic that is accepted as a JSON object: the diagnostic, with the reason.
pub(crate) fn allowed_to_json(file: &str, accepted: &Acknowledged) -> Value {
    let mut line = to_json(file, &accepted.diagnostic);
    line["type"] = json!("allowed_diagnostic");
    line["because"] = json!(accepted.because);
    line
}
