//! The user's pipeline: finds the spec file, reads it, lowers it, and reports what is wrong.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use pipectl_engine::deployed::DeploymentMode;
use pipectl_engine::diagnostic::{CRATES_NOT_CHECKED, Diagnostic};
use pipectl_engine::plan::Wanted;
use pipectl_engine::spec::contract::{ContractText, Contracts};
use pipectl_engine::spec::crates;
use pipectl_engine::spec::examine::{self, Examined};
use pipectl_engine::spec::lower::Lowered;
use pipectl_engine::spec::place::Place;
use pipectl_engine::spec::reading::{self, Reading};
use pipectl_engine::spec::yaml;
use pipectl_packaging::{contract_texts, describe};
use serde_json::Value;

use crate::args::Target;
use crate::env_var;
use crate::exit_code::Exit;
use crate::failure::Failure;
use crate::report::console::Console;
use crate::report::diagnostic;

/// File names that a folder is searched for.
const SPEC_FILES: [&str; 2] = ["pipeline.yaml", "pipeline.yml"];

/// A spec file as text.
#[derive(Debug)]
pub(crate) struct SpecText {
    /// Path as the user may write it.
    pub(crate) path: PathBuf,
    /// Content.
    pub(crate) text: String,
}

/// A pipeline without errors.
#[derive(Debug)]
pub(crate) struct Project {
    /// The spec file.
    pub(crate) spec: SpecText,
    /// Stack name.
    pub(crate) stack: String,
    /// What the spec means.
    pub(crate) lowered: Lowered,
}

impl SpecText {
    /// Reads the spec file that `path` names, itself or by its folder.
    pub(crate) fn read(path: &Path) -> Result<Self, Failure> {
        let path = if path.is_dir() { in_folder(path)? } else { path.to_owned() };
        match std::fs::read_to_string(&path) {
            Ok(text) => Ok(Self { path, text }),
            Err(error) => {
                let what = format!("cannot read `{}`: {error}", path.display());
                Err(Failure::text(Exit::Usage, what)
                    .hint("name a spec file, or a folder with a pipeline.yaml"))
            }
        }
    }

    /// Returns the path for messages.
    pub(crate) fn name(&self) -> String {
        self.path.display().to_string()
    }

    /// Returns the spec file's folder.
    pub(crate) fn folder(&self) -> &Path {
        match self.path.parent() {
            Some(folder) if !folder.as_os_str().is_empty() => folder,
            _ => Path::new("."),
        }
    }
}

fn in_folder(folder: &Path) -> Result<PathBuf, Failure> {
    let folder_prefix = if folder == Path::new(".") { Path::new("") } else { folder };
    let found = SPEC_FILES.iter().map(|name| folder_prefix.join(name)).find(|path| path.is_file());
    found.ok_or_else(|| {
        let what = format!("there is no pipeline.yaml in `{}`", folder.display());
        Failure::text(Exit::Usage, what).hint("name the spec file or its folder as the argument SPEC")
    })
}

/// Reads a spec, holds it to the contracts of its function crates and lowers it.
pub(crate) fn examine(spec: &SpecText, stage: Option<&str>) -> Examined {
    examine::examine(&spec.text, stage, |reading| (contracts(spec, reading), Vec::new()))
}

/// Examines a spec and asks cargo about the crates of its functions, too.
pub(crate) fn examine_with_crates(spec: &SpecText, stage: Option<&str>) -> Examined {
    examine::examine(&spec.text, stage, |reading| (contracts(spec, reading), of_crates(spec, reading)))
}

/// Examines a spec as the stage asked for and as every other, and asks cargo about the crates of its functions.
pub(crate) fn examine_every_stage(spec: &SpecText, stage: Option<&str>) -> Examined {
    let outside = |reading: &Reading| (contracts(spec, reading), of_crates(spec, reading));
    examine::examine_every_stage(&spec.text, stage, outside)
}

/// Finds what is wrong with the crates of a spec's functions.
pub(crate) fn crate_findings(spec: &SpecText, stage: Option<&str>) -> Vec<Diagnostic> {
    of_crates(spec, &reading::read(&spec.text, stage))
}

fn of_crates(spec: &SpecText, reading: &Reading) -> Vec<Diagnostic> {
    let names = reading.crates();
    if names.is_empty() {
        return Vec::new();
    }
    let named = reading.spec.as_ref().and_then(|spec| spec.build.workspace.as_deref());
    crates::check(reading, &describe(&workspace(spec.folder(), named), &names))
}

/// Reads the contracts of the crates that the spec names, as far as they have one.
fn contracts(spec: &SpecText, reading: &Reading) -> Contracts {
    let crates = reading.crates();
    if crates.is_empty() {
        return Contracts::default();
    }
    let named = reading.spec.as_ref().and_then(|spec| spec.build.workspace.as_deref());
    let texts = contract_texts(&workspace(spec.folder(), named), &crates);
    Contracts::read(
        texts.into_iter().map(|text| ContractText { path: as_seen_from_here(&text.path), ..text }),
    )
}

/// Shortens a path below the current folder.
fn as_seen_from_here(path: &str) -> String {
    let here = std::env::current_dir().ok();
    let below = here.and_then(|here| Path::new(path).strip_prefix(here).ok().map(Path::to_owned));
    below.map_or_else(|| path.to_owned(), |below| below.display().to_string())
}

/// Returns the folder of the Cargo workspace: the one that the spec names, or the nearest at or above
/// `folder` with a manifest.
fn workspace(folder: &Path, named: Option<&str>) -> PathBuf {
    match named {
        Some(named) => folder.join(named),
        None => nearest_manifest(folder).unwrap_or_else(|| folder.to_owned()),
    }
}

impl Project {
    /// Opens the pipeline of a command; errors are shown and end the command.
    pub(crate) fn open(target: &Target, console: &Console) -> Result<Self, Failure> {
        Self::opened(target, console, examine, Diagnostic::is_error)
    }

    /// Opens the pipeline of a command that says what would change; warnings are shown, too.
    pub(crate) fn open_with_warnings(target: &Target, console: &Console) -> Result<Self, Failure> {
        Self::opened(target, console, examine, |_| true)
    }

    /// Opens the pipeline of a command that builds its functions, so that their crates must be there; warnings
    /// are shown, too.
    pub(crate) fn open_to_build(target: &Target, console: &Console) -> Result<Self, Failure> {
        Self::opened(target, console, examine_with_crates, |_| true)
    }

    /// Opens the pipeline of a command that builds its functions again and again; errors are shown.
    pub(crate) fn open_to_watch(target: &Target, console: &Console) -> Result<Self, Failure> {
        Self::opened(target, console, examine_with_crates, Diagnostic::is_error)
    }

    fn opened(
        target: &Target,
        console: &Console,
        examine: impl Fn(&SpecText, Option<&str>) -> Examined,
        is_shown: impl Fn(&Diagnostic) -> bool,
    ) -> Result<Self, Failure> {
        if let Some(template) = &target.template {
            return Self::of_template(template, target);
        }
        let spec = SpecText::read(&target.spec)?;
        let Examined { lowered, mut diagnostics, .. } = examine(&spec, target.stage.as_deref());
        // `check` may leave open whether the crates are there; a build cannot.
        let unknown = diagnostics.iter().position(|found| found.code == &CRATES_NOT_CHECKED);
        let unknown = unknown.map(|index| diagnostics.remove(index));
        let shown: Vec<Diagnostic> = diagnostics.iter().filter(|found| is_shown(found)).cloned().collect();
        report(console, &spec, &shown);
        let Some(lowered) = lowered else {
            let errors = diagnostics.iter().filter(|diagnostic| diagnostic.is_error()).count();
            let what = format!("the spec `{}` has {errors} errors", spec.name());
            let what = if errors == 1 { what.replace("1 errors", "an error") } else { what };
            return Err(Failure::text(Exit::Spec, what));
        };
        if let Some(unknown) = unknown {
            let failure = Failure::text(Exit::Packaging, unknown.message.trim_end_matches('.').to_owned());
            return Err(unknown.help.iter().fold(failure, |failure, help| failure.hint(help)));
        }
        let stack = target.stack_name.clone().unwrap_or_else(|| lowered.stack_name.clone());
        Ok(Self { spec, stack, lowered })
    }

    /// Takes a template as it is. What CloudFormation would refuse, CloudFormation refuses.
    fn of_template(file: &Path, target: &Target) -> Result<Self, Failure> {
        let spec = SpecText::read(file)?;
        let template = template(&spec)?;
        let stack = target.stack_name.clone().unwrap_or_default();
        let lowered = Lowered {
            stack_name: stack.clone(),
            template,
            tags: BTreeMap::new(),
            workspace: None,
            places: places(&spec),
        };
        Ok(Self { spec, stack, lowered })
    }

    /// Returns what the stack should be, with parameter values given for this run.
    pub(crate) fn wanted(&self, given: &[(String, String)], place: &BTreeMap<String, String>) -> Wanted {
        let declared = self.lowered.template.get("Parameters").and_then(Value::as_object);
        let fits = |name: &String| declared.is_some_and(|declared| declared.contains_key(name));
        let of_place =
            place.iter().filter(|(name, _)| fits(name)).map(|(name, value)| (name.clone(), value.clone()));
        Wanted {
            stack: self.stack.clone(),
            template: self.lowered.template.clone(),
            given: of_place.chain(given.iter().cloned()).collect(),
            tags: self.lowered.tags.clone(),
            mode: DeploymentMode::Standard,
        }
    }

    /// Returns the folder of the Cargo workspace that holds the function crates.
    pub(crate) fn workspace(&self) -> PathBuf {
        workspace(self.spec.folder(), self.lowered.workspace.as_deref())
    }
}

/// Reads a CloudFormation template in JSON or YAML.
pub(crate) fn template(file: &SpecText) -> Result<Value, Failure> {
    let (tree, mistakes) = yaml::read_template(&file.text);
    match (tree, mistakes.iter().find(|mistake| mistake.is_error())) {
        (Some(tree), None) if tree.entry("Resources").is_some() => Ok(tree.to_json()),
        (_, mistake) => {
            let place = mistake.map(|mistake| format!(":{}", mistake.place)).unwrap_or_default();
            Err(Failure::text(Exit::Usage, format!("`{}{place}` is not a template", file.name())))
        }
    }
}

/// Finds where a template declares its resources.
fn places(file: &SpecText) -> BTreeMap<String, Place> {
    let (tree, _) = yaml::read_template(&file.text);
    let Some(tree) = tree else { return BTreeMap::new() };
    let resources = tree.to_json();
    let ids = resources.get("Resources").and_then(Value::as_object).into_iter().flatten();
    ids.map(|(id, _)| (id.clone(), tree.key_place_of(&["Resources", id]))).collect()
}

/// Shows diagnostics: text on stderr, or JSON lines.
pub(crate) fn report(console: &Console, spec: &SpecText, diagnostics: &[Diagnostic]) {
    if console.is_json() {
        for found in diagnostics {
            console.json(&diagnostic::to_json(&spec.name(), found));
        }
    } else {
        diagnostic::show(console, &spec.name(), &spec.text, diagnostics);
    }
}

/// Returns the folder of the project that `folder` belongs to. One local engine serves a project.
///
/// It is the nearest folder at or above `folder` that has an engine, so that nothing which appears later
/// makes a second one. Where there is none yet, it is the nearest with a repository or a Cargo workspace,
/// else the nearest with a Cargo manifest, else `folder` itself. Links are followed first: a folder has one
/// engine by every name. Folders that are no project are left out: see [`may_be_project`].
pub(crate) fn root(folder: &Path) -> PathBuf {
    let folder = folder.canonicalize().or_else(|_| std::path::absolute(folder));
    let folder = folder.unwrap_or_default();
    root_below(&folder, env_var::home_dir().as_deref())
}

fn root_below(folder: &Path, home: Option<&Path>) -> PathBuf {
    let nearest = |is: &dyn Fn(&Path) -> bool| {
        let mut candidates = folder.ancestors().take_while(|candidate| may_be_project(candidate, home));
        candidates.find(|candidate| is(candidate)).map(Path::to_owned)
    };
    nearest(&|candidate| engine_folder(candidate).is_dir())
        .or_else(|| nearest(&|candidate| candidate.join(".git").exists() || is_workspace(candidate)))
        .or_else(|| nearest(&|candidate| candidate.join("Cargo.toml").is_file()))
        .unwrap_or_else(|| folder.to_owned())
}

/// The folder of a project's local engine.
pub(crate) fn engine_folder(root: &Path) -> PathBuf {
    root.join(".pipectl").join("local")
}

/// The folders above a project that have an engine of their own: earlier ones of the same project, as a rule.
pub(crate) fn others_above(root: &Path) -> Vec<PathBuf> {
    let home = env_var::home_dir();
    let above = root.ancestors().skip(1).take_while(|folder| may_be_project(folder, home.as_deref()));
    above.filter(|folder| engine_folder(folder).is_dir()).map(Path::to_owned).collect()
}

/// Whether a folder can be a project, and those below it belong to it: neither the user's home folder, nor
/// the system's root, nor one in which every user may lay files, such as `/tmp`.
fn may_be_project(folder: &Path, home: Option<&Path>) -> bool {
    use std::os::unix::fs::PermissionsExt as _;
    const ALL_MAY_WRITE: u32 = 0o002;
    let is_open = || {
        let metadata = folder.metadata();
        metadata.is_ok_and(|metadata| metadata.permissions().mode() & ALL_MAY_WRITE != 0)
    };
    folder.parent().is_some() && home != Some(folder) && !is_open()
}

/// Whether a folder has the manifest of a Cargo workspace.
fn is_workspace(folder: &Path) -> bool {
    let manifest = std::fs::read_to_string(folder.join("Cargo.toml")).unwrap_or_default();
    manifest.lines().map(str::trim_start).any(|line| line.starts_with("[workspace"))
}

fn nearest_manifest(folder: &Path) -> Option<PathBuf> {
    let absolute = std::path::absolute(folder).ok()?;
    absolute.ancestors().find(|folder| folder.join("Cargo.toml").exists()).map(Path::to_owned)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn folders(names: &[&str]) -> (tempfile::TempDir, PathBuf) {
        let folder = tempfile::tempdir().unwrap();
        let root = folder.path().canonicalize().unwrap();
        for name in names {
            std::fs::create_dir_all(root.join(name)).unwrap();
        }
        (folder, root)
    }

    #[test]
    fn spec_in_a_sub_folder_belongs_to_the_workspace_before_and_after_the_first_build() {
        let (_folder, root) = folders(&["deploy", "worker"]);
        std::fs::write(root.join("Cargo.toml"), "[workspace]\nmembers = [\"worker\"]\n").unwrap();
        std::fs::write(root.join("worker/Cargo.toml"), "[package]\nname = \"worker\"\n").unwrap();
        for folder in ["", "deploy", "worker"] {
            assert_eq!(root_below(&root.join(folder), None), root);
        }
        std::fs::write(root.join("Cargo.lock"), "").unwrap();
        assert_eq!(root_below(&root.join("deploy"), None), root);
    }

    #[test]
    fn engine_that_is_there_wins_over_what_appears_later() {
        let (_folder, root) = folders(&["shop/deploy", "shop/.pipectl/local"]);
        let shop = root.join("shop");
        for later in ["Cargo.toml", "shop/Cargo.lock", "shop/deploy/Cargo.toml", "shop/deploy/Cargo.lock"] {
            std::fs::write(root.join(later), "[workspace]\n").unwrap();
            assert_eq!(root_below(&shop.join("deploy"), None), shop);
        }
        std::fs::create_dir(root.join(".git")).unwrap();
        std::fs::create_dir(shop.join("deploy/.git")).unwrap();
        assert_eq!(root_below(&shop.join("deploy"), None), shop);
    }

    #[test]
    fn folder_has_one_project_by_every_name() {
        let (_folder, root) = folders(&["shop/sub"]);
        std::os::unix::fs::symlink(root.join("shop"), root.join("link")).unwrap();
        let shop = root.join("shop");
        for name in ["link", "shop/sub/..", "link/sub/../../shop", "./shop/."] {
            assert_eq!(super::root(&root.join(name)), shop, "{name}");
        }
    }

    #[test]
    fn single_crate_and_bare_folder_are_projects() {
        let (_folder, root) = folders(&["crate/deploy", "bare"]);
        std::fs::write(root.join("crate/Cargo.toml"), "[package]\n").unwrap();
        assert_eq!(root_below(&root.join("crate/deploy"), None), root.join("crate"));
        assert_eq!(root_below(&root.join("bare"), None), root.join("bare"));
    }

    #[test]
    fn home_folder_and_folders_of_all_users_are_no_project() {
        use std::os::unix::fs::PermissionsExt as _;
        let (_folder, root) = folders(&["me/shop", "me/.pipectl/local", "all/shop", "all/.pipectl/local"]);
        assert_eq!(root_below(&root.join("me/shop"), Some(&root.join("me"))), root.join("me/shop"));
        let open = std::fs::Permissions::from_mode(0o1777);
        std::fs::set_permissions(root.join("all"), open).unwrap();
        assert_eq!(root_below(&root.join("all/shop"), None), root.join("all/shop"));
    }
}
