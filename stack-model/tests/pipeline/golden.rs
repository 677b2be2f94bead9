//! Rendered templates, held against files. `UPDATE_GOLDEN=1` overwrites them.

use std::fs;
use std::path::Path;

use stack_model::Stack;
use stack_model::handle::{Fifo, Standard};

use crate::ingest::ingest;
use crate::orders::orders;

#[expect(clippy::disallowed_methods, reason = "the one switch that writes golden files anew")]
fn is_updating() -> bool {
    std::env::var_os("UPDATE_GOLDEN").is_some()
}

fn assert_golden(name: &str, stack: &Stack) {
    assert_eq!(stack.check(), [], "{name}");
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/golden").join(name);
    let rendered = stack.template().to_json_pretty();
    if is_updating() {
        fs::write(&path, &rendered).unwrap();
    }
    let expected = fs::read_to_string(&path).unwrap_or_default();
    assert!(rendered == expected, "{name} differs: look at it after UPDATE_GOLDEN=1");
}

#[test]
fn standard_pipeline_renders_its_golden_template() {
    assert_golden("ingest.json", &ingest::<Standard>());
}

#[test]
fn fifo_pipeline_renders_its_golden_template() {
    assert_golden("ingest_fifo.json", &ingest::<Fifo>());
}

#[test]
fn pipeline_with_every_option_renders_its_golden_template() {
    assert_golden("orders.json", &orders());
}

#[test]
fn rendering_twice_gives_equal_bytes() {
    let render = || ingest::<Standard>().template().to_json_compact();
    assert_eq!(render(), render());
}
