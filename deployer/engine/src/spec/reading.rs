//! From the text of a spec file to its typed form, with every mistake on the way.

use std::collections::BTreeSet;

use serde_json::Value;

use super::file::SpecFile;
use super::nearest::did_you_mean;
use super::place::Place;
use super::yaml::{self, Entry, Node, SyntaxKind, SyntaxMistake, Yaml};
use super::{allow, reference, schema, shape};
use crate::diagnostic::{
    DUPLICATE_KEY, Diagnostic, MALFORMED, MERGE_KEY, TOO_LARGE, UNKNOWN_STAGE, UNKNOWN_TAG, WRONG_TYPE,
};

/// A spec file that has been read for one stage.
#[derive(Debug)]
pub struct Reading {
    /// The sound part of the spec; `None` when not even that can be said.
    pub spec: Option<SpecFile>,
    /// The tree the spec was read from, stage applied, for the places.
    pub tree: Node,
    /// All that is wrong, in the order of the file.
    pub diagnostics: Vec<Diagnostic>,
    /// The file as every stage that was not asked for, and without one when a stage was.
    others: Vec<Variant>,
}

/// The sound part of a spec file as one stage has it.
#[derive(Debug)]
pub struct Variant {
    /// The stage; `None` is the file without a stage.
    pub stage: Option<String>,
    /// The sound part.
    pub spec: SpecFile,
    /// The tree it was read from, stage applied, for the places.
    pub tree: Node,
}

impl Reading {
    /// Lists the sound parts of the spec, as the stage asked for and as every other, with the trees
    /// they were read from.
    pub fn variants(&self) -> impl Iterator<Item = (&SpecFile, &Node)> {
        let chosen = self.spec.iter().map(|spec| (spec, &self.tree));
        chosen.chain(self.others.iter().map(|variant| (&variant.spec, &variant.tree)))
    }

    /// Lists the sound parts of the spec as every stage that was not asked for has them.
    #[must_use]
    pub fn others(&self) -> &[Variant] {
        &self.others
    }

    /// Lists the Cargo packages that the functions of any stage name.
    #[must_use]
    pub fn crates(&self) -> BTreeSet<&str> {
        let functions = self.variants().flat_map(|(spec, _)| spec.functions.values());
        functions.map(|function| function.crate_name.as_str()).collect()
    }
}

/// Reads a spec file for a stage, or without one.
///
/// Every stage of the file is checked, not only the one asked for: a mistake in `prod` should not
/// wait for the day it is deployed.
#[must_use]
pub fn read(text: &str, stage: Option<&str>) -> Reading {
    let (tree, mistakes) = yaml::read(text);
    let mut diagnostics: Vec<Diagnostic> = mistakes.into_iter().map(syntax).collect();
    let tree = tree.unwrap_or(Node { value: Yaml::Null, place: Place { line: 1, column: 1 } });
    if diagnostics.iter().any(|diagnostic| diagnostic.code == &MALFORMED || diagnostic.code == &TOO_LARGE) {
        return Reading { spec: None, tree, diagnostics, others: Vec::new() };
    }
    let schema = &*schema::SCHEMA;
    let stages: Vec<&Entry> =
        tree.entry("stages").map_or_else(Vec::new, |entry| entry.value.entries().iter().collect());
    if let Some(unknown) = unknown_stage(stage, &tree, &stages) {
        diagnostics.push(unknown);
    }
    let chosen = stages.iter().position(|entry| Some(entry.key.as_str()) == stage);
    let mut asked = checked(&tree, None, schema, &mut diagnostics);
    let mut asked_stage = None;
    let mut others = Vec::new();
    for (index, entry) in stages.iter().enumerate() {
        let mut variant = checked(&tree, Some(&entry.value), schema, &mut diagnostics);
        let mut name = Some(entry.key.clone());
        if chosen == Some(index) {
            std::mem::swap(&mut variant, &mut asked);
            std::mem::swap(&mut name, &mut asked_stage);
        }
        let (spec, tree) = variant;
        others.extend(spec.map(|spec| Variant { stage: name, spec, tree }));
    }
    let (spec, tree) = asked;
    Reading { spec, tree, diagnostics: sorted(diagnostics), others }
}

/// Applies a stage, checks shape and references, and reads the sound part.
fn checked(
    tree: &Node,
    stage: Option<&Node>,
    schema: &Value,
    diagnostics: &mut Vec<Diagnostic>,
) -> (Option<SpecFile>, Node) {
    let mut merged = tree.clone();
    // A stage without content changes nothing; one that is no mapping is reported with the file itself.
    if let Some(stage) = stage.filter(|stage| matches!(stage.value, Yaml::Mapping(_))) {
        yaml::merge(&mut merged, stage);
    }
    let (sound, wrong) = shape::check(&merged, schema);
    diagnostics.extend(wrong);
    let spec = sound.and_then(|sound| match serde_json::from_value::<SpecFile>(named(sound.to_json())) {
        Ok(spec) => Some(spec),
        Err(error) => {
            diagnostics.push(Diagnostic {
                code: &WRONG_TYPE,
                place: Some(merged.place),
                subject: String::new(),
                message: error.to_string(),
                help: None,
            });
            None
        }
    });
    if let Some(spec) = &spec {
        diagnostics.extend(reference::check(spec, &merged));
        diagnostics.extend(allow::placed(&spec.allow, &merged, &["allow"]).iter().filter_map(allow::wrong));
    }
    (spec, merged)
}

/// A file without a sound name is read all the same; the mistake is reported already.
fn named(mut spec: Value) -> Value {
    if let Some(spec) = spec.as_object_mut() {
        spec.entry("name").or_insert_with(|| Value::from("unnamed"));
    }
    spec
}

fn unknown_stage(stage: Option<&str>, tree: &Node, stages: &[&Entry]) -> Option<Diagnostic> {
    let stage = stage?;
    let names: Vec<&str> = stages.iter().map(|entry| entry.key.as_str()).collect();
    if names.contains(&stage) {
        return None;
    }
    let declared = if names.is_empty() { "none".to_owned() } else { names.join(", ") };
    Some(Diagnostic {
        code: &UNKNOWN_STAGE,
        place: Some(tree.place_of(&["stages"])),
        subject: "stages".to_owned(),
        message: format!("Stage `{stage}` is not declared; declared: {declared}."),
        help: did_you_mean(stage, names).or_else(|| Some(format!("Add `{stage}: {{}}` under `stages`."))),
    })
}

pub(crate) fn syntax(mistake: SyntaxMistake) -> Diagnostic {
    let (code, message, help) = match mistake.kind {
        SyntaxKind::Malformed(sentence) => (&MALFORMED, format!("{sentence}."), None),
        SyntaxKind::DuplicateKey { key, first } => (
            &DUPLICATE_KEY,
            format!("`{key}` stands twice; first at {first}."),
            Some("Keep one of them.".to_owned()),
        ),
        SyntaxKind::UnknownTag(tag) => (
            &UNKNOWN_TAG,
            format!("`!{tag}` is not an intrinsic function."),
            did_you_mean(&tag, ["Ref", "GetAtt", "Sub", "Join", "If", "Select", "ImportValue", "FindInMap"]),
        ),
        SyntaxKind::MergeKey => (
            &MERGE_KEY,
            "CloudFormation refuses the merge key `<<` in a template.".to_owned(),
            Some("`pipectl up` sends the template merged; for other tools write the keys out.".to_owned()),
        ),
        SyntaxKind::TooLarge => {
            let message =
                format!("The file has more than {} levels or {} values.", yaml::MAX_DEPTH, yaml::MAX_NODES);
            (&TOO_LARGE, message, None)
        }
    };
    Diagnostic { code, place: Some(mistake.place), subject: String::new(), message, help }
}

/// Orders by place and drops what several stages report alike.
pub(super) fn sorted(diagnostics: Vec<Diagnostic>) -> Vec<Diagnostic> {
    let mut seen = BTreeSet::new();
    let mut unique: Vec<Diagnostic> = diagnostics
        .into_iter()
        .filter(|found| seen.insert((found.place, found.code.name, found.message.clone())))
        .collect();
    unique.sort_by_key(|found| (found.place, found.code.name));
    unique
}
