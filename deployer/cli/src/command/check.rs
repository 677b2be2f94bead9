//! `pipectl check`: reports every mistake of a spec or a template.

use pipectl_engine::diagnostic::{Diagnostic, all as all_codes, explain as find_code};
use pipectl_engine::template_file;
use serde_json::json;

use crate::args::CheckArgs;
use crate::exit_code::Exit;
use crate::failure::Failure;
use crate::project::{SpecText, examine_every_stage, report};
use crate::report::console::Console;
use crate::report::style::count;
use crate::report::{diagnostic, sarif};

/// Checks all stages of the spec, or the template, or explains a code.
pub(crate) fn run(args: &CheckArgs, console: &Console) -> Result<Exit, Failure> {
    if let Some(code) = &args.explain {
        return explain(code, console);
    }
    let spec = SpecText::read(&args.file)?;
    let (diagnostics, acknowledged) = template_file::examine(&spec.text).unwrap_or_else(|| {
        let examined = examine_every_stage(&spec, args.stage.as_deref());
        (examined.diagnostics, examined.acknowledged)
    });
    if console.is_sarif() {
        console.result(&format!("{:#}", sarif::document(&spec.name(), &diagnostics, &acknowledged)));
    } else {
        report(console, &spec, &diagnostics);
    }
    let errors = diagnostics.iter().filter(|diagnostic| Diagnostic::is_error(diagnostic)).count();
    let warnings = diagnostics.len() - errors;
    if console.is_json() {
        for accepted in &acknowledged {
            console.json(&diagnostic::allowed_to_json(&spec.name(), accepted));
        }
        let result = if errors == 0 { "checked" } else { "failed" };
        console.json(&json!({
            "type": "outcome", "result": result, "errors": errors, "warnings": warnings,
            "allowed": acknowledged.len(),
        }));
    } else if !console.is_sarif() {
        let allowed = match acknowledged.len() {
            0 => String::new(),
            number => format!(", {} allowed", count(number, "warning", "warnings")),
        };
        if diagnostics.is_empty() {
            console.say(&format!("{}: no mistakes{allowed}", spec.name()));
        } else if !allowed.is_empty() {
            console.say(allowed.trim_start_matches(", "));
        }
    }
    Ok(if errors == 0 { Exit::Done } else { Exit::Spec })
}

/// Lists every code with its title.
fn list(console: &Console) {
    let codes = all_codes();
    for code in &codes {
        if console.is_json() {
            console.json(&json!({"type": "code", "code": code.name, "title": code.title}));
        } else {
            console.result(&format!("{}  {}", console.result_style.bold(code.name), code.title));
        }
    }
    if console.is_json() {
        console.json(&json!({"type": "outcome", "result": "listed", "codes": codes.len()}));
    }
}

fn explain(code: &str, console: &Console) -> Result<Exit, Failure> {
    if code == "list" {
        list(console);
        return Ok(Exit::Done);
    }
    let Some(found) = find_code(&code.to_uppercase()) else {
        let failure = Failure::text(Exit::Usage, format!("there is no code `{code}`"));
        return Err(failure.hint("list all codes with --explain list"));
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
