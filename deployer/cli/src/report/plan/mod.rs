//! A plan as people and programs read it: text, Markdown, SARIF, JSON.

mod lines;
pub(crate) mod markdown;
pub(crate) mod sarif;
pub(crate) mod text;

pub(crate) use lines::statement;

use pipectl_engine::plan_file::PlanFile;
use serde_json::{Value, json};

/// Writes the plan as a JSON line; `plan` is the plan file's own form.
pub(crate) fn to_json(plan: &PlanFile) -> Value {
    json!({"type": "plan", "plan": plan.to_json()})
}

#[cfg(test)]
mod tests;
