//! Every code of the registry is named by a test beside this file, so that none exists without a fixture.

use stack_model::diagnostic::REGISTRY;

const FIXTURES: [&str; 5] = [
    include_str!("api.rs"),
    include_str!("function.rs"),
    include_str!("name.rs"),
    include_str!("queue.rs"),
    include_str!("template.rs"),
];

#[test]
fn every_code_is_raised_by_a_fixture() {
    for code in REGISTRY {
        let quoted = format!("\"{}\"", code.name);
        assert!(FIXTURES.iter().any(|text| text.contains(&quoted)), "{} has no fixture", code.name);
    }
}

#[test]
fn every_code_is_documented_in_sentences() {
    for code in REGISTRY {
        assert!(code.documentation.ends_with('.') && !code.title.is_empty(), "{}", code.name);
    }
}
