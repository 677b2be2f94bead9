//! Real builds of a workspace without dependencies, offline.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::path::Path;
use std::sync::{Arc, Mutex};

use pipectl_engine::build_record::{Cause, causes};
use pipectl_engine::package::{FunctionCrate, Package};
use pipectl_engine::port::Packager as _;
use pipectl_packaging::{
    CargoPackager, CompileError, PackageError, PackagerOptions, PackagingProgress, WorkspaceError,
};
use tempfile::TempDir;

const ROOT_MANIFEST: &str = "[workspace]\nresolver = \"3\"\nmembers = [\"greeter\", \"greeting\"]\n";
const GREETER_MANIFEST: &str = "[package]\nname = \"greeter\"\nedition = \"2024\"\n\
                                [dependencies]\ngreeting = { path = \"../greeting\" }\n";
const GREETING_MANIFEST: &str = "[package]\nname = \"greeting\"\nedition = \"2024\"\n[features]\nloud = []\n";
const GREETER: &str = r#"fn main() {
    let argument = std::env::args().nth(1).expect("an argument");
    println!("{} {}", greeting::to(&argument), env!("CARGO_PKG_NAME"));
}
"#;
/// Writes the place of a panic into the binary, and that of a file in the target directory.
const GREETING: &str = r#"include!(concat!(env!("OUT_DIR"), "/generated.rs"));

#[track_caller]
pub fn to(name: &str) -> String {
    assert!(!name.is_empty(), "nobody at {}", file!());
    let greeting = if cfg!(feature = "loud") { "HELLO" } else { "hello" };
    format!("{greeting} {name} from {} and {}, {}", std::panic::Location::caller(), generated_in(), env!("CARGO_PKG_VERSION"))
}
"#;
const GREETING_BUILD: &str = r#"fn main() {
    let folder = std::env::var("OUT_DIR").unwrap();
    std::fs::write(folder + "/generated.rs", "fn generated_in() -> &'static str { file!() }").unwrap();
}
"#;

fn write(root: &Path, files: &[(&str, &str)]) {
    for (path, text) in files {
        let file = root.join(path);
        std::fs::create_dir_all(file.parent().unwrap()).unwrap();
        std::fs::write(file, text).unwrap();
    }
}

fn workspace() -> TempDir {
    let root = tempfile::tempdir().unwrap();
    write(
        root.path(),
        &[
            ("Cargo.toml", ROOT_MANIFEST),
            ("greeter/Cargo.toml", GREETER_MANIFEST),
            ("greeter/src/main.rs", GREETER),
            ("greeting/Cargo.toml", GREETING_MANIFEST),
            ("greeting/build.rs", GREETING_BUILD),
            ("greeting/src/lib.rs", GREETING),
        ],
    );
    root
}

fn packager(root: &Path) -> CargoPackager {
    let output_dir = Some(root.join("packages"));
    CargoPackager::new(PackagerOptions { output_dir, offline: true, ..PackagerOptions::new(root) })
}

fn function(name: &str, crate_name: &str) -> FunctionCrate {
    FunctionCrate { function: name.to_owned(), crate_name: crate_name.to_owned(), ..FunctionCrate::default() }
}

async fn package(root: &Path) -> Result<Vec<Package>, PackageError> {
    packager(root).package(&[function("greet", "greeter")]).await
}

#[derive(Clone, Default)]
struct Recorder(Arc<Mutex<Vec<String>>>);

impl PackagingProgress for Recorder {
    fn built(&self, crate_name: &str, fresh: bool) {
        self.0.lock().unwrap().push(format!("built {crate_name} fresh={fresh}"));
    }

    fn packed(&self, crate_name: &str, _bytes: u64, fresh: bool) {
        self.0.lock().unwrap().push(format!("packed {crate_name} fresh={fresh}"));
    }
}

#[tokio::test]
async fn same_source_in_two_folders_gives_equal_digests() {
    let (one, other) = (workspace(), workspace());
    let one = package(one.path()).await.unwrap();
    let other = package(other.path()).await.unwrap();
    assert_eq!(one[0].sha256, other[0].sha256);
}

#[tokio::test]
async fn crate_of_two_functions_is_built_and_packed_once() {
    let root = workspace();
    let heard = Recorder::default();
    let packager = packager(root.path()).with_progress(heard.clone());
    let packages = packager.package(&[function("one", "greeter"), function("two", "greeter")]).await.unwrap();
    let functions: Vec<_> = packages.iter().map(|package| package.function.as_str()).collect();
    assert_eq!(functions, ["one", "two"]);
    assert_eq!(packages[0].path, packages[1].path);
    assert_eq!(*heard.0.lock().unwrap(), ["built greeter fresh=false", "packed greeter fresh=false"]);
}

#[tokio::test]
async fn unchanged_crate_is_neither_built_nor_packed_again() {
    let root = workspace();
    let first = package(root.path()).await.unwrap();
    let heard = Recorder::default();
    let packager = packager(root.path()).with_progress(heard.clone());
    let second = packager.package(&[function("greet", "greeter")]).await.unwrap();
    assert_eq!(first, second);
    assert_eq!(*heard.0.lock().unwrap(), ["built greeter fresh=true", "packed greeter fresh=true"]);
}

#[tokio::test]
async fn binary_of_the_same_size_and_time_is_not_read_again() {
    let root = workspace();
    let first = package(root.path()).await.unwrap();
    let binary = root.path().join("target/function-local/greeter");
    let found = binary.metadata().unwrap();
    let file = std::fs::File::options().write(true).open(&binary).unwrap();
    std::io::Write::write_all(&mut &file, b"another").unwrap();
    file.set_modified(found.modified().unwrap()).unwrap();
    assert_eq!(package(root.path()).await.unwrap(), first);
}

/// Why the package of the workspace is another one after `change`.
async fn causes_of(change: &[(&str, &str)]) -> Vec<Cause> {
    let root = workspace();
    let before = package(root.path()).await.unwrap();
    write(root.path(), change);
    // Another packager, as in another run of the program.
    let packager = packager(root.path());
    let after = packager.package(&[function("greet", "greeter")]).await.unwrap();
    assert_ne!(before[0].sha256, after[0].sha256);
    let [before, after] = [before, after].map(|packages| packager.build_record(&packages[0].key()).unwrap());
    causes(&before, &after)
}

#[tokio::test]
async fn package_of_a_changed_source_names_the_file() {
    let text = GREETING.replace("\"hello\"", "\"welcome\"");
    let found = causes_of(&[("greeting/src/lib.rs", text.as_str())]).await;
    assert_eq!(found, [Cause::Source { files: vec!["greeting/src/lib.rs".to_owned()] }]);
}

#[tokio::test]
async fn package_with_another_feature_names_it() {
    let found = causes_of(&[(
        "greeter/Cargo.toml",
        "[package]\nname = \"greeter\"\nedition = \"2024\"\n\
         [dependencies]\ngreeting = { path = \"../greeting\", features = [\"loud\"] }\n",
    )])
    .await;
    let added = vec!["loud".to_owned()];
    assert_eq!(found, [Cause::Feature { name: "greeting".to_owned(), added, removed: Vec::new() }]);
}

#[tokio::test]
async fn package_of_another_version_names_both() {
    let manifest = GREETING_MANIFEST.replace("edition", "version = \"0.2.0\"\nedition");
    let found = causes_of(&[("greeting/Cargo.toml", manifest.as_str())]).await;
    let (before, after) = (vec!["0.0.0".to_owned()], vec!["0.2.0".to_owned()]);
    assert_eq!(found, [Cause::Dependency { name: "greeting".to_owned(), before, after }]);
}

#[tokio::test]
async fn package_of_another_profile_names_the_settings() {
    let manifest =
        format!("{ROOT_MANIFEST}[profile.function-local]\ninherits = \"release\"\nopt-level = 3\n");
    let found = causes_of(&[("Cargo.toml", manifest.as_str())]).await;
    let level = Cause::Profile {
        setting: "opt-level".to_owned(),
        before: Some("1".to_owned()),
        after: Some("3".to_owned()),
    };
    assert!(found.contains(&level), "{found:?}");
    assert!(found.iter().all(|cause| matches!(cause, Cause::Profile { .. })), "{found:?}");
}

#[tokio::test]
async fn package_built_elsewhere_has_no_record() {
    let root = workspace();
    let packager = packager(root.path());
    packager.package(&[function("greet", "greeter")]).await.unwrap();
    assert_eq!(packager.build_record(&format!("packages/greeter/{}.zip", "0".repeat(64))), None);
}

#[tokio::test]
async fn crate_that_does_not_compile_hands_back_what_rustc_said() {
    let root = workspace();
    write(root.path(), &[("greeter/src/main.rs", "fn main() { missing_function() }\n")]);
    let error = package(root.path()).await.unwrap_err();
    let PackageError::Compile(CompileError::Failed { crates, diagnostics, .. }) = error else {
        panic!("{error:?}");
    };
    assert_eq!(Vec::from_iter(crates), ["greeter"]);
    assert!(diagnostics.unwrap().contains("missing_function"));
}

#[tokio::test]
async fn crate_that_is_not_there_fails_before_anything_is_built() {
    let root = workspace();
    let error = packager(root.path()).package(&[function("greet", "greter")]).await.unwrap_err();
    assert!(matches!(error, PackageError::Workspace(WorkspaceError::Program(_))), "{error:?}");
    assert_eq!(error.to_string(), "function `greet`: `greter` is not a package of the Cargo workspace");
    assert_eq!(error.remedy().unwrap(), "Did you mean `greeter`?");
    assert!(!root.path().join("packages").exists());
}

#[tokio::test]
async fn folder_without_a_workspace_is_refused() {
    let root = tempfile::tempdir().unwrap();
    let error = package(root.path()).await.unwrap_err();
    assert!(matches!(error, PackageError::Workspace(WorkspaceError::Refused { .. })), "{error:?}");
}

/// Starts the program in a package and returns what it prints.
fn output_of(package: &Package) -> String {
    use std::io::Read as _;
    use std::os::unix::fs::PermissionsExt as _;
    let bytes = std::fs::read(&package.path).unwrap();
    let archive = rawzip::ZipArchive::from_slice(&bytes).unwrap();
    let entry = archive.entries().next().unwrap().unwrap();
    let packed = archive.get_entry(entry.wayfinder()).unwrap();
    let mut binary = Vec::new();
    flate2::read::DeflateDecoder::new(packed.data()).read_to_end(&mut binary).unwrap();
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("bootstrap");
    std::fs::write(&path, binary).unwrap();
    std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o755)).unwrap();
    let output = std::process::Command::new(path).output().unwrap();
    String::from_utf8(output.stdout).unwrap().trim().to_owned()
}

/// A workspace whose packages are given with further lines of their manifests.
fn workspace_of(packages: &[(&str, &str)], files: &[(&str, &str)]) -> TempDir {
    let root = tempfile::tempdir().unwrap();
    let members: Vec<&str> = packages.iter().map(|(name, _)| *name).collect();
    let manifest = format!("[workspace]\nresolver = \"3\"\nmembers = {members:?}\n");
    write(root.path(), &[("Cargo.toml", manifest.as_str())]);
    for (name, lines) in packages {
        let manifest = format!("[package]\nname = \"{name}\"\nedition = \"2024\"\n{lines}");
        write(root.path(), &[(&format!("{name}/Cargo.toml"), manifest.as_str())]);
    }
    write(root.path(), files);
    root
}

async fn outputs(root: &Path, functions: &[FunctionCrate]) -> Vec<String> {
    packager(root).package(functions).await.unwrap().iter().map(output_of).collect()
}

#[tokio::test]
async fn binaries_of_one_name_stay_with_their_package_build_after_build() {
    let bootstrap = "[[bin]]\nname = \"bootstrap\"\npath = \"src/main.rs\"\n";
    let root = workspace_of(
        &[("one", bootstrap), ("two", bootstrap), ("three", "autobins = true\n")],
        &[
            ("one/src/main.rs", "fn main() { println!(\"one\") }"),
            ("two/src/main.rs", "fn main() { println!(\"two\") }"),
            ("three/src/main.rs", "fn main() { println!(\"three\") }"),
            ("three/src/bin/bootstrap.rs", "fn main() { println!(\"not asked for\") }"),
        ],
    );
    let functions = ["one", "two", "three"].map(|name| function(name, name));
    for _ in 0..3 {
        assert_eq!(outputs(root.path(), &functions).await, ["one", "two", "three"]);
    }
    let reversed: Vec<FunctionCrate> = functions.into_iter().rev().collect();
    assert_eq!(outputs(root.path(), &reversed).await, ["three", "two", "one"]);
}

#[tokio::test]
async fn functions_of_one_crate_may_differ_by_binary_features_and_profile() {
    let main = "fn main() { println!(\"{} {}\", env!(\"CARGO_BIN_NAME\"), cfg!(feature = \"loud\")) }";
    let root = workspace_of(
        &[("shop", "default-run = \"serve\"\n[features]\nloud = []\n")],
        &[("shop/src/bin/serve.rs", main), ("shop/src/bin/migrate.rs", main)],
    );
    let plain = function("plain", "shop");
    let loud = FunctionCrate { features: ["loud".to_owned()].into(), ..function("loud", "shop") };
    let migrate = FunctionCrate { bin: Some("migrate".to_owned()), ..function("migrate", "shop") };
    let release = FunctionCrate { profile: Some("release".to_owned()), ..function("release", "shop") };
    let functions = [plain, loud, migrate, release];
    let expected = ["serve false", "serve true", "migrate false", "serve false"];
    assert_eq!(outputs(root.path(), &functions).await, expected);
    let packager = packager(root.path());
    let packages = packager.package(&functions).await.unwrap();
    assert!(packages.iter().all(|package| packager.build_record(&package.key()).is_some()));
}

#[tokio::test]
async fn package_is_the_same_whatever_else_is_built() {
    const SHARED: &str = "[dependencies]\nshared = { path = \"../shared\" }\n";
    let manifests = [
        ("writer", SHARED),
        ("reader", SHARED),
        ("loud", "[dependencies]\nshared = { path = \"../shared\", features = [\"loud\"] }\n"),
        ("shared", "[features]\nloud = []\n"),
    ];
    let main = "fn main() { println!(\"{}\", shared::greeting()) }";
    let root = workspace_of(
        &manifests,
        &[
            ("writer/src/main.rs", main),
            ("reader/src/main.rs", main),
            ("loud/src/main.rs", main),
            (
                "shared/src/lib.rs",
                "pub fn greeting() -> &'static str { \
               if cfg!(feature = \"loud\") { \"HELLO\" } else { \"hello\" } }",
            ),
        ],
    );
    let [writer, reader, loud] = ["writer", "reader", "loud"].map(|name| function(name, name));
    let packager = packager(root.path());
    let zip = |package: &Package| std::fs::read(&package.path).unwrap();
    let alone = zip(&packager.package(std::slice::from_ref(&writer)).await.unwrap()[0]);
    let with_reader = packager.package(&[reader.clone(), writer.clone()]).await.unwrap();
    assert!(zip(&with_reader[1]) == alone);
    let with_all = packager.package(&[loud, reader, writer]).await.unwrap();
    assert!(zip(&with_all[2]) == alone);
    assert_eq!(with_all.iter().map(output_of).collect::<Vec<_>>(), ["HELLO", "hello", "hello"]);
}

#[derive(Clone, Default)]
struct Calls(Arc<Mutex<Vec<String>>>);

impl PackagingProgress for Calls {
    fn building(&self, crates: &[&str], _architecture: Option<pipectl_engine::package::Architecture>) {
        self.0.lock().unwrap().push(crates.join(" "));
    }
}

#[tokio::test]
async fn packages_share_a_call_until_a_manifest_turns_on_another_feature() {
    let dependency = |features: &str| {
        format!(
            "[package]\nname = \"two\"\nedition = \"2024\"\n[dependencies]\n\
             shared = {{ path = \"../shared\", features = [{features}] }}\n"
        )
    };
    let root = workspace_of(
        &[
            ("one", "[dependencies]\nshared = { path = \"../shared\" }\n"),
            ("two", ""),
            ("shared", "[features]\nloud = []\n"),
        ],
        &[
            ("one/src/main.rs", "fn main() {}"),
            ("two/src/main.rs", "fn main() {}"),
            ("two/Cargo.toml", &dependency("")),
            ("shared/src/lib.rs", ""),
        ],
    );
    let heard = Calls::default();
    let packager = packager(root.path()).with_progress(heard.clone());
    let functions = [function("one", "one"), function("two", "two")];
    for features in ["", "", "\"loud\"", ""] {
        write(root.path(), &[("two/Cargo.toml", &dependency(features))]);
        packager.package(&functions).await.unwrap();
    }
    assert_eq!(*heard.0.lock().unwrap(), ["one two", "one two", "one", "two", "one two"]);
}

#[tokio::test]
async fn target_in_cargo_s_configuration_does_not_move_a_local_build() {
    let root = workspace_of(&[("one", "")], &[("one/src/main.rs", "fn main() { println!(\"here\") }")]);
    let other = if cfg!(target_arch = "aarch64") { "x86_64" } else { "aarch64" };
    let settings = format!("[build]\ntarget = \"{other}-unknown-linux-gnu\"\ntarget-dir = \"built\"\n");
    write(root.path(), &[(".cargo/config.toml", settings.as_str())]);
    assert_eq!(outputs(root.path(), &[function("one", "one")]).await, ["here"]);
    assert!(root.path().join("built").is_dir());
}
