//! Specs of any size, made of the same parts as a real one.

use std::fmt::Write as _;

use pipectl_engine::spec::{lower, reading};
use serde_json::Value;

/// Sizes that are measured, in resources of the template; the last is CloudFormation's limit.
pub(crate) const SIZES: [usize; 4] = [1, 10, 100, 500];

/// Writes a spec whose template has exactly `resources` resources: as many times a queue with its
/// dead-letter queue, a table and the function between them as fit, and plain tables for the rest.
pub(crate) fn spec(resources: usize) -> String {
    let (one, two) = (count(&template(&text(1, 0))), count(&template(&text(2, 0))));
    let (each, shared) = (two - one, 2 * one - two);
    let parts = resources.saturating_sub(shared) / each;
    let empty = if parts == 0 { 0 } else { shared + parts * each };
    let text = text(parts, resources - empty);
    assert_eq!(count(&template(&text)), resources, "a plain table is one resource");
    text
}

/// Reads, checks and renders a spec, as `pipectl render` does.
pub(crate) fn template(spec: &str) -> Value {
    let reading = reading::read(spec, None);
    let typed = reading.spec.expect("the generated spec is well formed");
    let (lowered, found) = lower::lower(&typed, &reading.tree, None);
    assert!(!found.iter().any(pipectl_engine::diagnostic::Diagnostic::is_error), "{found:?}");
    lowered.template
}

fn count(template: &Value) -> usize {
    template["Resources"].as_object().map_or(0, serde_json::Map::len)
}

fn text(parts: usize, tables: usize) -> String {
    let mut queues = String::new();
    let mut all_tables = String::new();
    let mut functions = String::new();
    for part in 0..parts {
        let redrive = format!("redrive: {{ dead_letter_queue: dead-{part}, max_receive_count: 5 }}");
        let _ = write!(queues, "  jobs-{part}: {{ {redrive} }}\n  dead-{part}: {{}}\n");
        let _ = writeln!(all_tables, "  records-{part}: {{ partition_key: id }}");
        let _ = write!(
            functions,
            "  writer-{part}:\n    crate: writer-{part}\n    memory_size: 256MB\n    environment:\n      \
             TABLE_NAME: {{ table: records-{part}, access: write }}\n    events:\n      - queue: jobs-{part}\n"
        );
    }
    for table in 0..tables {
        let _ = writeln!(all_tables, "  plain-{table}: {{ partition_key: id }}");
    }
    let section = |name: &str, text: &str| {
        if text.is_empty() { String::new() } else { format!("{name}:\n{text}") }
    };
    let sections =
        [section("queues", &queues), section("tables", &all_tables), section("functions", &functions)];
    format!("name: generated\n{}", sections.concat())
}
