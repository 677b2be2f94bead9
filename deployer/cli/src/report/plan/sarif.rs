//! The findings about a plan as SARIF, with the place in the spec where it is known.

use pipectl_engine::diagnostic::Diagnostic;
use pipectl_engine::plan_file::PlanFile;
use pipectl_engine::review::finding::findings;
use pipectl_engine::spec::lower::Lowered;
use serde_json::Value;

use crate::report::sarif;

/// Writes the document; `file` is the spec or the template that the plan was made from.
pub(crate) fn document(plan: &PlanFile, file: &str, lowered: &Lowered) -> Value {
    let found: Vec<Diagnostic> = findings(plan)
        .into_iter()
        .map(|finding| Diagnostic {
            code: finding.code,
            place: finding.logical_id.as_deref().and_then(|id| lowered.place_of(id)),
            subject: finding.logical_id.unwrap_or_default(),
            message: finding.message,
            help: None,
        })
        .collect();
    sarif::document(file, &found, &[])
}
