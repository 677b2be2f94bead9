//! The deployer's policy against the calls that this crate makes.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::collections::BTreeSet;
use std::path::Path;

use pipectl_engine::permission::deployer::operations;

/// Reads `Call::service("Operation")` from every source file: each call to AWS is named so.
fn called() -> BTreeSet<(String, String)> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let files = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    files.flat_map(|file| calls(&std::fs::read_to_string(file).unwrap())).collect()
}

fn calls(text: &str) -> Vec<(String, String)> {
    // What follows is tests, which make up operations.
    let text = text.split("#[cfg(test)]").next().unwrap();
    let call = |part: &str| {
        let (service, rest) = part.split_once("(\"")?;
        let (operation, _) = rest.split_once('"')?;
        let is_name = service.chars().all(|it| it.is_ascii_lowercase() || it.is_ascii_digit());
        is_name.then(|| (service.to_owned(), operation.to_owned()))
    };
    text.split("Call::").skip(1).filter_map(call).collect()
}

#[test]
fn policy_covers_every_call_that_is_made() {
    let covered: BTreeSet<(String, String)> =
        operations().iter().map(|it| (it.service.to_lowercase(), it.operation.clone())).collect();
    let missing: Vec<_> = called().into_iter().filter(|call| !covered.contains(call)).collect();
    assert!(missing.is_empty(), "not in permission/operations.json: {missing:?}");
}

#[test]
fn policy_covers_no_service_that_is_not_called() {
    let services: BTreeSet<String> = called().into_iter().map(|(service, _)| service).collect();
    let idle = operations().iter().filter(|it| !services.contains(&it.service.to_lowercase()));
    assert_eq!(idle.map(|it| &it.operation).collect::<Vec<_>>(), Vec::<&String>::new());
}

#[test]
fn calls_are_found_in_source_text() {
    let text = "let call = Call::s3(\"HeadObject\"); Call::sts(\n\"X\") #[cfg(test)] Call::s3(\"Y\")";
    assert_eq!(calls(text), [("s3".to_owned(), "HeadObject".to_owned())]);
}
