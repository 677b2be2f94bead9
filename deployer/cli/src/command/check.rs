//! `pipectl check`: reports every mistake of a spec or a template.

use pipectl_engine::diagnostic::{self, Diagnostic};
use pipectl_engine::template_file;
use serde_json::json;

use crate::args::CheckArgs;
use crate::exit_code::Exit;
use crate::failure::Failure;
use crate::project::{SpecText, examine_every_stage, report};
use crate::report::console::Console;
use crate::report::sarif;

/// Checks all stages of the spec, or the template, or explains a code.
pub(crate) fn run(args: &CheckArgs, console: &Console) -> Result<Exit, Failure> {
    if let Some(code) = &args.explain {
        return explain(code, console);
    }
    let spec = SpecText::read(&args.file)?;
    let found = template_file::check(&spec.text);
    let diagnostics = found.unwrap_or_else(|| examine_every_stage(&spec, args.stage.as_deref()));
    if console.is_sarif() {
        console.result(&format!("{:#}", sarif::document(&spec.name(), &diagnostics)));
    } else {
        report(console, &spec, &diagnostics);
    }
    let errors = diagnostics.iter().filter(|diagnostic| Diagnostic::is_error(diagnostic)).count();
    let warnings = diagnostics.len() - errors;
    if console.is_json() {
        let result = if errors == 0 { "checked" } else { "failed" };
        console.json(&json!({"type": "outcome", "result": result, "errors": errors, "warnings": warnings}));
    } else if diagnostics.is_empty() && !console.is_sarif() {
        console.say(&format!("{}: no mistakes", spec.name()));
    }
    Ok(if errors == 0 { Exit::Done } else { Exit::Spec })
}

fn explain(code: &str, console: &Console) -> Result<Exit, Failure> {
    let Some(found) = diagnostic::explain(code) else {
        return Err(Failure::text(Exit::Usage, format!("there is no code `{code}`")));
    };
    if console.is_json() {
        console.json(&json!({
            "type": "outcome", "result": "explained", "code": found.name, "title": found.title,
            "documentation": found.documentation, "source": found.source,
        }));
        return Ok(Exit::Done);
    }
    console.result(&format!("{}: {}\n\n{}", found.name, found.title, found.documentation));
    if let Some(source) = found.source {
        console.result(&format!("\nSource: {source}"));
    }
    Ok(Exit::Done)
}
