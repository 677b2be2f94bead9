//! Every code of the registry is named by a test beside this file, or by a law's own tests, so that none exists without a
//! fixture.

use stack_model::diagnostic::REGISTRY;

const FIXTURES: [&str; 5] = [
    include_str!("api.rs"),
    include_str!("function.rs"),
    include_str!("name.rs"),
    include_str!("queue.rs"),
    include_str!("template.rs"),
];

/// The laws on templates have their fixtures beside them, each a breach and its nearest neighbour.
fn law_files() -> Vec<String> {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/src/law");
    let files = std::fs::read_dir(folder).unwrap();
    files.map(|file| std::fs::read_to_string(file.unwrap().path()).unwrap()).collect()
}

#[test]
fn every_code_is_raised_by_a_fixture() {
    let laws = law_files();
    for code in REGISTRY {
        let quoted = format!("\"{}\"", code.name);
        let mut texts = FIXTURES.into_iter().chain(laws.iter().map(String::as_str));
        assert!(texts.any(|text| text.contains(&quoted)), "{} has no fixture", code.name);
    }
}

#[test]
fn every_code_between_resources_is_a_law_on_templates() {
    let laws = law_files();
    for code in REGISTRY.iter().filter(|code| code.name[1..].starts_with('3')) {
        let opening = format!("//! {}", code.name);
        let second = format!(" and {}: ", code.name);
        let has_law = laws.iter().any(|text| text.starts_with(&opening) || text.contains(&second));
        assert!(has_law, "{} is no law on templates", code.name);
        assert!(code.source.is_some() || code.name == "E3001", "{} names no source", code.name);
    }
}

#[test]
fn every_code_is_documented_in_sentences() {
    for code in REGISTRY {
        assert!(code.documentation.ends_with('.') && !code.title.is_empty(), "{}", code.name);
    }
}
