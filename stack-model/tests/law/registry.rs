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

/// The bodies of the tests in these files.
fn tests_of(files: &[&str]) -> Vec<String> {
    let bodies = files.iter().flat_map(|file| file.split("#[test]").skip(1));
    bodies.map(str::to_owned).collect()
}

#[test]
fn every_code_has_a_test_with_a_breach_and_its_nearest_neighbour() {
    const NEIGHBOURS: [&str; 4] = ["NONE", ".is_empty()", ".is_ok()", "assert_ne!"];
    let laws = law_files();
    let tests = tests_of(&FIXTURES.into_iter().chain(laws.iter().map(String::as_str)).collect::<Vec<_>>());
    for code in REGISTRY {
        let quoted = format!("\"{}\"", code.name);
        let mut breaches = tests.iter().filter(|test| test.contains(&quoted));
        let has_pair = breaches.any(|test| NEIGHBOURS.iter().any(|neighbour| test.contains(neighbour)));
        assert!(has_pair, "{} has no pair of fixtures in one test", code.name);
    }
}

/// Laws that are not registered in `LAWS` are never asked.
#[test]
fn every_law_file_is_asked() {
    let module = include_str!("../../src/law/mod.rs");
    let not_a_law = ["fixture", "golden"];
    let names = module.lines().filter_map(|line| line.strip_prefix("mod ")?.strip_suffix(';'));
    for name in names.filter(|name| !not_a_law.contains(name)) {
        assert!(module.contains(&format!("{name}::check")), "the law in {name}.rs is never asked");
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
