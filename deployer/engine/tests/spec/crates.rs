//! Functions and the Cargo workspace that they are built from.

use pipectl_engine::package::function_crates;
use pipectl_engine::program::{Binary, CargoPackage, CargoWorkspace};
use pipectl_engine::spec::crates::Unanswered;

use crate::support::{examine, lowered, of_crates};

/// The codes that the tests of this file raise.
pub(crate) const CODES: [&str; 6] = ["E1060", "E1061", "E1062", "E1063", "E1064", "W1065"];

/// `shop` has the binaries `migrate` and `serve`, the latter behind a feature; `jobs` has one.
fn workspace() -> CargoWorkspace {
    let binary = |required: &[&str]| Binary {
        required_features: required.iter().map(|it| (*it).to_owned()).collect(),
    };
    let shop = CargoPackage {
        binaries: [("migrate".to_owned(), binary(&[])), ("serve".to_owned(), binary(&["http"]))].into(),
        default_run: None,
        features: [("http".to_owned(), Vec::new()), ("tls".to_owned(), Vec::new())].into(),
    };
    let jobs =
        CargoPackage { binaries: [("bootstrap".to_owned(), binary(&[]))].into(), ..CargoPackage::default() };
    CargoWorkspace {
        packages: [("shop".to_owned(), shop), ("jobs".to_owned(), jobs)].into(),
        profiles: ["dev", "release"].map(str::to_owned).into(),
        ..CargoWorkspace::default()
    }
}

/// Every finding: its place, code, message and help.
fn found(text: &str, workspace: &Result<CargoWorkspace, Unanswered>) -> Vec<String> {
    let line = |it: &pipectl_engine::diagnostic::Diagnostic| {
        let place = it.place.map(|place| place.to_string()).unwrap_or_default();
        format!("{place} {} {} {}", it.code.name, it.message, it.help.as_deref().unwrap_or_default())
    };
    of_crates(text, workspace).iter().map(line).collect()
}

const WRONG: &str = "\
name: a
functions:
  one: { crate: jbos }
  two: { crate: shop }
  three:
    crate: shop
    bin: sevre
    features: [tls, htp]
  four:
    crate: shop
    bin: serve
    features: [tls]
    profile: relaese
stages:
  prod: { functions: { five: { crate: none } } }
";

#[test]
fn every_mistake_about_crates_is_told_at_its_key() {
    assert_eq!(
        found(WRONG, &Ok(workspace())),
        [
            "3:17 E1060 `jbos` is not a package of the Cargo workspace. Did you mean `jobs`?",
            "4:17 E1061 The package `shop` has several binaries: `migrate`, `serve`. Name the function's binary, \
             such as `bin: migrate`, or set `default-run` in the package's `Cargo.toml`.",
            "7:10 E1061 The package `shop` has no binary `sevre`. Did you mean `serve`?",
            "8:21 E1062 The package `shop` has no feature `htp`. Did you mean `http`?",
            "12:5 E1062 The binary `serve` of `shop` requires the feature `http`, which the function does not \
             turn on. Add `features: [http, tls]`.",
            "13:14 E1063 There is no Cargo profile `relaese`. Did you mean `release`?",
            "15:39 E1060 `none` is not a package of the Cargo workspace. Packages with a binary: `jobs`, `shop`.",
        ]
    );
}

#[test]
fn sound_choices_are_not_spoken_of() {
    let text = "name: a\nfunctions:\n  one: { crate: jobs, profile: release }\n  \
                two: { crate: shop, bin: serve, features: [http] }\n";
    assert_eq!(found(text, &Ok(workspace())), Vec::<String>::new());
}

#[test]
fn workspace_that_cannot_be_read_is_told_once() {
    let text = "name: a\nfunctions:\n  one: { crate: jobs }\n  two: { crate: shop }\nstages: { prod: {} }\n";
    let refused = Unanswered::Refused { message: "no targets specified\n".to_owned() };
    assert_eq!(
        found(text, &Err(refused)),
        [
            "3:17 E1064 Cargo cannot read the workspace of the functions: no targets specified. Correct it until \
          `cargo metadata --no-deps` succeeds."
        ]
    );
    let unknown = Unanswered::NotAsked { because: "there is no `Cargo.toml` at or above `specs`".to_owned() };
    assert_eq!(
        found(text, &Err(unknown)),
        [
            "3:17 W1065 The crates of the functions were not checked: there is no `Cargo.toml` at or above `specs`. \
          Run it where the functions' sources and cargo are, or set `build.workspace` to the folder of the Cargo \
          workspace."
        ]
    );
}

#[test]
fn spec_without_functions_asks_for_no_workspace() {
    let unknown = Unanswered::NotAsked { because: "cargo cannot be started".to_owned() };
    assert_eq!(found("name: a\nqueues: { q: {} }\n", &Err(unknown)), Vec::<String>::new());
}

#[test]
fn binary_features_and_profile_travel_in_the_template() {
    let spec =
        "name: a\nfunctions:\n  api: { crate: shop, bin: serve, features: [tls, http], profile: release }\n";
    let crates = function_crates(&lowered(spec, None).template);
    let api = &crates["ApiFunction"];
    let features: Vec<&str> = api.features.iter().map(String::as_str).collect();
    assert_eq!(
        (api.bin.as_deref(), features, api.profile.as_deref()),
        (Some("serve"), vec!["http", "tls"], Some("release"))
    );
}

#[test]
fn features_are_names_of_the_package_s_own() {
    let (_, found) =
        examine("name: a\nfunctions: { api: { crate: shop, features: [serde/derive] } }\n", None);
    let codes: Vec<&str> = found.iter().map(|it| it.code.name).collect();
    assert_eq!(codes, ["E1004"]);
}
