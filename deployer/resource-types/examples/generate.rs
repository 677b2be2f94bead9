//! Writes `src/table.bin` from the schemas that cfn-lint carries, and says what changed.
//!
//! ```sh
//! rm -rf target/resource-schemas
//! python3 -m pip install --no-deps --require-hashes --target target/resource-schemas \
//!     -r deployer/resource-types/requirements.txt
//! cargo run -p pipectl-resource-types --example generate target/resource-schemas
//! ```
#![expect(clippy::print_stdout, reason = "the report is what the program is run for")]

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::error::Error;
use std::fs;
use std::io::Write as _;
use std::path::{Path, PathBuf};

use flate2::Compression;
use flate2::write::DeflateEncoder;
use serde::Deserialize;
use serde_json::{Map, Value};

#[expect(unreachable_pub, reason = "the records are public in the crate")]
#[path = "../src/record.rs"]
mod record;

use record::{
    DataOnDeletion, Group, GroupEntry, Handler, Index, Lifecycle, Node, NodeId, Operation, ReplacementOrder,
    Rule, Scalar, Tagging, Text, Type, types,
};

type Fallible<T> = Result<T, Box<dyn Error>>;

fn main() -> Fallible<()> {
    let source =
        PathBuf::from(std::env::args().nth(1).ok_or("give the folder that cfn-lint is installed in")?);
    let crate_root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let overlay: Overlay = toml::from_str(&fs::read_to_string(crate_root.join("overlay.toml"))?)?;
    let bytes = table(&Source::read(&source)?, &overlay)?;
    let path = crate_root.join("src/table.bin");
    let old = fs::read(&path).ok().and_then(|old| unpack(&old));
    match (&old, unpack(&bytes)) {
        (Some(old), Some(new)) => report(old, &new),
        _ => println!("the old table is missing or has another format; nothing to compare with"),
    }
    println!("{} bytes", bytes.len());
    fs::write(path, bytes)?;
    Ok(())
}

// ---------------------------------------------------------------- reading the source

/// What the package says.
struct Source {
    version: String,
    schema_date: String,
    regions: Vec<String>,
    /// Schema and bit set of the Regions of each type.
    schemas: BTreeMap<String, (Value, u64)>,
    /// Types every property of which is a return value.
    all_attributes: BTreeSet<String>,
    /// Return values beside the read-only properties.
    more_attributes: BTreeMap<String, Vec<String>>,
    stateful: BTreeMap<String, Value>,
}

/// The file with the types of the Serverless Application Model beside those of the Regions.
const SERVERLESS: &str = "sam";

fn json(path: &Path) -> Fallible<Value> {
    let text =
        fs::read_to_string(path).map_err(|error| format!("cannot read {}: {error}", path.display()))?;
    Ok(serde_json::from_str(&text)?)
}

fn names_in(folder: &Path) -> Fallible<BTreeSet<String>> {
    let entries =
        fs::read_dir(folder).map_err(|error| format!("cannot read {}: {error}", folder.display()))?;
    entries.map(|entry| Ok(entry?.file_name().to_string_lossy().into_owned())).collect()
}

impl Source {
    fn read(root: &Path) -> Fallible<Self> {
        let data = root.join("cfnlint/data");
        let schemas_folder = data.join("schemas");
        let version = names_in(root)?
            .iter()
            .find_map(|name| Some(name.strip_prefix("cfn_lint-")?.strip_suffix(".dist-info")?.to_owned()))
            .ok_or("the folder holds no cfn_lint-<version>.dist-info")?;
        let date = json(&schemas_folder.join("version.json"))?;
        let files = names_in(&schemas_folder.join("providers"))?;
        let stems = files.iter().filter_map(|name| name.strip_suffix(".json"));
        let regions: Vec<String> = stems.filter(|name| *name != SERVERLESS).map(str::to_owned).collect();
        let mut places: BTreeMap<String, (String, u64)> = BTreeMap::new();
        for (bit, region) in regions
            .iter()
            .map(String::as_str)
            .enumerate()
            .map(|(bit, name)| (1 << bit, name))
            .chain([(0, SERVERLESS)])
        {
            let provider = json(&schemas_folder.join(format!("providers/{region}.json")))?;
            for (name, hash) in object(&provider) {
                let hash = hash.as_str().ok_or("a provider names no file")?.to_owned();
                let place = places.entry(name.clone()).or_insert_with(|| (hash.clone(), 0));
                if place.0 != hash {
                    return Err(format!("{name} has another schema in {region}: the table holds one").into());
                }
                place.1 |= bit;
            }
        }
        let mut schemas = BTreeMap::new();
        for (name, (hash, regions)) in places {
            schemas.insert(name, (json(&schemas_folder.join(format!("resources/{hash}.json")))?, regions));
        }
        let python = fs::read_to_string(root.join("cfnlint/schema/_getatts.py"))?;
        let stateful = json(&data.join("AdditionalSpecs/StatefulResources.json"))?;
        Ok(Self {
            version,
            schema_date: date["schema_date"].as_str().unwrap_or_default().to_owned(),
            regions,
            schemas,
            all_attributes: literal(&python, "_all_property_types = ", ']')?,
            more_attributes: literal(&python, "_exceptions = ", '}')?,
            stateful: object(&stateful["ResourceTypes"])
                .map(|(name, it)| (name.clone(), it.clone()))
                .collect(),
        })
    }
}

/// Reads a Python list or dictionary of texts, which is JSON but for the comma before its end.
fn literal<T: for<'a> Deserialize<'a>>(python: &str, start: &str, end: char) -> Fallible<T> {
    let (_, rest) = python.split_once(start).ok_or_else(|| format!("no `{start}` in _getatts.py"))?;
    let length = rest.find(&format!("\n{end}")).ok_or("a literal without end")? + 2;
    let mut text = String::new();
    let mut characters = rest[..length].chars().filter(|it| !it.is_whitespace()).peekable();
    while let Some(character) = characters.next() {
        let is_last = character == ',' && characters.peek().is_some_and(|next| [']', '}'].contains(next));
        if !is_last {
            text.push(character);
        }
    }
    Ok(serde_json::from_str(&text)?)
}

fn object(value: &Value) -> impl Iterator<Item = (&String, &Value)> {
    value.as_object().into_iter().flatten()
}

fn list<'a>(value: &'a Value, key: &str) -> impl Iterator<Item = &'a str> {
    value.get(key).and_then(Value::as_array).into_iter().flatten().filter_map(Value::as_str)
}

// ---------------------------------------------------------------- the overlay

/// Reviewed corrections and additions, each with its source.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Overlay {
    stateful: Vec<Stateful>,
    update: Vec<Update>,
    rule: Vec<Correction>,
}

/// Whether a type holds users' data, against or beyond the package's list.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Stateful {
    r#type: String,
    deletion: Deletion,
    #[serde(rename = "source")]
    _source: String,
}

#[derive(Deserialize, Clone, Copy)]
#[serde(rename_all = "snake_case")]
enum Deletion {
    DataDeleted,
    MustBeEmpty,
    NotStateful,
}

/// What a change of a property does, against or beyond the schema.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Update {
    r#type: String,
    property: String,
    behavior: Behavior,
    #[serde(rename = "source")]
    _source: String,
}

#[derive(Deserialize, Clone, Copy, PartialEq)]
#[serde(rename_all = "snake_case")]
enum Behavior {
    Replacement,
    MayReplace,
    NoReplacement,
}

/// Keywords of a schema that are replaced; null takes one away.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Correction {
    r#type: String,
    /// JSON pointer to the schema, as `/properties/Name`.
    at: String,
    /// JSON object that is merged into the schema (RFC 7396).
    patch: String,
    #[serde(rename = "source")]
    _source: String,
}

// ---------------------------------------------------------------- writing the table

fn table(source: &Source, overlay: &Overlay) -> Fallible<Vec<u8>> {
    let mut groups: BTreeMap<String, BTreeMap<String, (Value, u64)>> = BTreeMap::new();
    let mut schemas = source.schemas.clone();
    for correction in &overlay.rule {
        let schema =
            schemas.get_mut(&correction.r#type).and_then(|(schema, _)| schema.pointer_mut(&correction.at));
        let schema = schema.ok_or_else(|| format!("overlay: no {}{}", correction.r#type, correction.at))?;
        let patch: Map<String, Value> = serde_json::from_str(&correction.patch)?;
        let schema = schema.as_object_mut().ok_or("overlay: a rule corrects a schema")?;
        for (keyword, value) in patch {
            if value.is_null() {
                schema
                    .remove(&keyword)
                    .ok_or_else(|| format!("overlay: no {keyword} at {}", correction.at))?;
            } else {
                schema.insert(keyword, value);
            }
        }
    }
    for name in overlay.stateful.iter().map(|it| &it.r#type).chain(overlay.update.iter().map(|it| &it.r#type))
    {
        if !schemas.contains_key(name) {
            return Err(format!("overlay: no type {name}").into());
        }
    }
    for (name, schema) in schemas {
        let cut = name.rfind("::").ok_or("a type without a service")? + 2;
        groups.entry(name[..cut].to_owned()).or_default().insert(name[cut..].to_owned(), schema);
    }
    let mut entries = Vec::new();
    let mut bodies = Vec::new();
    for (prefix, members) in groups {
        let group = group(&prefix, &members, source, overlay)?;
        let bytes = postcard::to_allocvec(&group)?;
        let mut encoder = DeflateEncoder::new(Vec::new(), Compression::best());
        encoder.write_all(&bytes)?;
        let compressed = encoder.finish()?;
        entries.push(GroupEntry {
            prefix,
            names: members.into_keys().collect(),
            compressed: u32::try_from(compressed.len())?,
            length: u32::try_from(bytes.len())?,
        });
        bodies.extend(compressed);
    }
    let index = postcard::to_allocvec(&Index {
        version: source.version.clone(),
        schema_date: source.schema_date.clone(),
        regions: source.regions.clone(),
        groups: entries,
    })?;
    let mut bytes = u32::try_from(index.len())?.to_le_bytes().to_vec();
    bytes.extend(index);
    bytes.extend(bodies);
    Ok(bytes)
}

fn group(
    prefix: &str,
    members: &BTreeMap<String, (Value, u64)>,
    source: &Source,
    overlay: &Overlay,
) -> Fallible<Group> {
    let mut writer = Writer::default();
    let mut kinds = Vec::new();
    for (rest, (schema, regions)) in members {
        kinds.push(writer.kind(&format!("{prefix}{rest}"), schema, *regions, source, overlay)?);
    }
    Ok(writer.finish(kinds))
}

/// Collects the schemas of a group with names in place of texts.
#[derive(Default)]
struct Writer {
    nodes: Vec<RawNode>,
    /// Schemas of the type at hand by JSON pointer.
    known: HashMap<String, usize>,
}

/// A rule before texts and equal schemas are merged.
#[derive(Default, Clone)]
struct RawNode {
    rules: Vec<RawRule>,
}

#[derive(Clone)]
enum RawRule {
    Texts(Keyword, Vec<String>),
    Nodes(Keyword, Vec<(String, usize)>),
    Groups(Keyword, Vec<(String, Vec<String>)>),
    Scalars(Keyword, Vec<Value>),
    Number(Keyword, f64),
    Plain(Rule),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
enum Keyword {
    Properties,
    PatternProperties,
    OtherProperties,
    Required,
    RequiredXor,
    RequiredOr,
    DependentRequired,
    DependentExcluded,
    Items,
    PrefixItems,
    Minimum,
    Maximum,
    ExclusiveMinimum,
    ExclusiveMaximum,
    MultipleOf,
    Pattern,
    Format,
    Enum,
    EnumCaseInsensitive,
    AllOf,
    AnyOf,
    OneOf,
    Not,
    If,
}

/// A type with texts.
struct RawType {
    root: usize,
    paths: [Vec<String>; 7],
    additional_identifiers: Vec<Vec<String>>,
    tagging: Option<(Tagging, Option<String>)>,
    handlers: Vec<(Operation, Vec<String>)>,
    replacement: Option<ReplacementOrder>,
    regions: u64,
    lifecycle: Option<(String, String)>,
    deletion: Option<DataOnDeletion>,
}

/// `/properties/A/*/B` without its beginning, and with dots.
fn path(pointer: &str) -> Fallible<String> {
    let rest = pointer.strip_prefix("/properties/").ok_or_else(|| format!("odd pointer {pointer}"))?;
    Ok(rest.replace('/', "."))
}

fn paths(schema: &Value, key: &str) -> Fallible<BTreeSet<String>> {
    list(schema, key).map(path).collect()
}

impl Writer {
    fn kind(
        &mut self,
        name: &str,
        schema: &Value,
        regions: u64,
        source: &Source,
        overlay: &Overlay,
    ) -> Fallible<RawType> {
        self.known.clear();
        let root = self.node(schema, "", schema)?;
        let mut create_only = paths(schema, "createOnlyProperties")?;
        let mut conditional = paths(schema, "conditionalCreateOnlyProperties")?;
        for update in overlay.update.iter().filter(|it| it.r#type == name) {
            let (property, behavior) = (&update.property, update.behavior);
            create_only.remove(property);
            conditional.remove(property);
            match behavior {
                Behavior::Replacement => create_only.insert(property.clone()),
                Behavior::MayReplace => conditional.insert(property.clone()),
                Behavior::NoReplacement => false,
            };
        }
        let order = |set: BTreeSet<String>| set.into_iter().collect::<Vec<_>>();
        let additional = schema["additionalIdentifiers"].as_array().into_iter().flatten();
        let additional_identifiers = additional
            .filter_map(Value::as_array)
            .map(|it| it.iter().filter_map(Value::as_str).map(path).collect::<Fallible<Vec<_>>>());
        Ok(RawType {
            root,
            paths: [
                order(create_only),
                order(conditional),
                order(paths(schema, "readOnlyProperties")?),
                order(paths(schema, "writeOnlyProperties")?),
                order(paths(schema, "deprecatedProperties")?),
                list(schema, "primaryIdentifier").map(path).collect::<Fallible<_>>()?,
                order(attributes(name, schema, source)?),
            ],
            additional_identifiers: additional_identifiers.collect::<Fallible<_>>()?,
            tagging: tagging(schema)?,
            handlers: handlers(schema)?,
            replacement: match schema["replacementStrategy"].as_str() {
                None => None,
                Some("create_then_delete") => Some(ReplacementOrder::CreateThenDelete),
                Some("delete_then_create") => Some(ReplacementOrder::DeleteThenCreate),
                Some(other) => return Err(format!("{name}: unknown replacementStrategy {other}").into()),
            },
            regions,
            lifecycle: schema.get("lifecycle").map(|it| {
                let text = |key: &str| it[key].as_str().unwrap_or_default().to_owned();
                (text("status"), text("date"))
            }),
            deletion: deletion(name, source, overlay),
        })
    }

    /// Adds a schema and those below it; `$ref` leads to the schema that it names.
    fn node(&mut self, root: &Value, pointer: &str, schema: &Value) -> Fallible<usize> {
        if let Some(target) = schema.get("$ref").and_then(Value::as_str) {
            let target =
                target.strip_prefix('#').ok_or_else(|| format!("a reference to a file: {target}"))?;
            let schema = root.pointer(target).ok_or_else(|| format!("a reference to nothing: {target}"))?;
            return self.node(root, target, schema);
        }
        if let Some(known) = self.known.get(pointer) {
            return Ok(*known);
        }
        let number = self.nodes.len();
        self.nodes.push(RawNode::default());
        self.known.insert(pointer.to_owned(), number);
        let mut rules = Vec::new();
        for (keyword, value) in object(schema) {
            self.rule(root, pointer, schema, keyword, value, &mut rules)?;
        }
        self.nodes[number].rules = rules;
        Ok(number)
    }

    fn below(&mut self, root: &Value, pointer: &str, key: &str, value: &Value) -> Fallible<usize> {
        let key = key.replace('~', "~0").replace('/', "~1");
        self.node(root, &format!("{pointer}/{key}"), value)
    }

    fn named(&mut self, root: &Value, pointer: &str, value: &Value) -> Fallible<Vec<(String, usize)>> {
        let mut found = Vec::new();
        for (name, schema) in object(value) {
            found.push((name.clone(), self.below(root, pointer, name, schema)?));
        }
        found.sort();
        Ok(found)
    }

    fn several(&mut self, root: &Value, pointer: &str, value: &Value) -> Fallible<Vec<(String, usize)>> {
        let mut found = Vec::new();
        for (number, schema) in value.as_array().into_iter().flatten().enumerate() {
            found.push((String::new(), self.below(root, pointer, &number.to_string(), schema)?));
        }
        Ok(found)
    }

    fn rule(
        &mut self,
        root: &Value,
        pointer: &str,
        schema: &Value,
        keyword: &str,
        value: &Value,
        rules: &mut Vec<RawRule>,
    ) -> Fallible<()> {
        let here = format!("{pointer}/{keyword}");
        let texts = || -> Vec<String> {
            value.as_array().into_iter().flatten().filter_map(Value::as_str).map(str::to_owned).collect()
        };
        let number = || value.as_f64().ok_or_else(|| format!("{here}: a number was expected"));
        let count = || value.as_u64().ok_or_else(|| format!("{here}: a count was expected"));
        let one = |node: usize| vec![(String::new(), node)];
        let rule = match keyword {
            "type" => RawRule::Plain(Rule::Types(bits(value)?)),
            "properties" => RawRule::Nodes(Keyword::Properties, self.named(root, &here, value)?),
            "patternProperties" => {
                RawRule::Nodes(Keyword::PatternProperties, self.named(root, &here, value)?)
            }
            "additionalProperties" if value == &Value::Bool(false) => RawRule::Plain(Rule::NoOtherProperties),
            "additionalProperties" if value.is_object() => {
                RawRule::Nodes(Keyword::OtherProperties, one(self.below(root, pointer, keyword, value)?))
            }
            "required" => RawRule::Texts(Keyword::Required, texts()),
            "requiredXor" => RawRule::Texts(Keyword::RequiredXor, texts()),
            "requiredOr" => RawRule::Texts(Keyword::RequiredOr, texts()),
            "dependentRequired" => RawRule::Groups(Keyword::DependentRequired, dependents(value)),
            "dependentExcluded" => RawRule::Groups(Keyword::DependentExcluded, dependents(value)),
            "dependencies" => RawRule::Groups(Keyword::DependentRequired, dependents(value)),
            "items" if value.is_object() => {
                RawRule::Nodes(Keyword::Items, one(self.below(root, pointer, keyword, value)?))
            }
            "prefixItems" => RawRule::Nodes(Keyword::PrefixItems, self.several(root, &here, value)?),
            "uniqueItems" if value == &Value::Bool(true) => RawRule::Plain(Rule::UniqueItems),
            "insertionOrder" if value == &Value::Bool(false) => RawRule::Plain(Rule::Unordered),
            "minItems" => RawRule::Plain(Rule::MinItems(count()?)),
            "maxItems" => RawRule::Plain(Rule::MaxItems(count()?)),
            "minProperties" => RawRule::Plain(Rule::MinProperties(count()?)),
            "maxProperties" => RawRule::Plain(Rule::MaxProperties(count()?)),
            "minLength" => RawRule::Plain(Rule::MinLength(count()?)),
            "maxLength" => RawRule::Plain(Rule::MaxLength(count()?)),
            "minimum" => RawRule::Number(Keyword::Minimum, number()?),
            "maximum" => RawRule::Number(Keyword::Maximum, number()?),
            "exclusiveMinimum" => RawRule::Number(Keyword::ExclusiveMinimum, number()?),
            "exclusiveMaximum" => RawRule::Number(Keyword::ExclusiveMaximum, number()?),
            "multipleOf" => RawRule::Number(Keyword::MultipleOf, number()?),
            "pattern" => RawRule::Texts(Keyword::Pattern, vec![text(value, &here)?]),
            "format" => RawRule::Texts(Keyword::Format, vec![text(value, &here)?]),
            "enum" => RawRule::Scalars(Keyword::Enum, value.as_array().cloned().unwrap_or_default()),
            "const" => RawRule::Scalars(Keyword::Enum, vec![value.clone()]),
            "enumCaseInsensitive" => {
                RawRule::Scalars(Keyword::EnumCaseInsensitive, value.as_array().cloned().unwrap_or_default())
            }
            "allOf" => RawRule::Nodes(Keyword::AllOf, self.several(root, &here, value)?),
            "anyOf" => RawRule::Nodes(Keyword::AnyOf, self.several(root, &here, value)?),
            "oneOf" => RawRule::Nodes(Keyword::OneOf, self.several(root, &here, value)?),
            "not" => RawRule::Nodes(Keyword::Not, one(self.below(root, pointer, keyword, value)?)),
            "if" => {
                let mut parts = vec![("if".to_owned(), self.below(root, pointer, "if", value)?)];
                for part in ["then", "else"] {
                    if let Some(schema) = schema.get(part) {
                        parts.push((part.to_owned(), self.below(root, pointer, part, schema)?));
                    }
                }
                RawRule::Nodes(Keyword::If, parts)
            }
            // Said with `if`.
            "then" | "else" => return Ok(()),
            // Words for people, and what only the source's own rules read.
            "description" | "title" | "default" | "examples" | "$comment" | "$schema" | "definitions"
            | "relationshipRef" | "arrayType" | "uniqueKeys" | "maxUniqueItems" => return Ok(()),
            // Values of these keywords that allow everything.
            "additionalProperties" | "uniqueItems" | "insertionOrder" | "items" => return Ok(()),
            // Beside the schema of the type itself.
            "typeName"
            | "primaryIdentifier"
            | "additionalIdentifiers"
            | "handlers"
            | "tagging"
            | "taggable"
            | "readOnlyProperties"
            | "writeOnlyProperties"
            | "createOnlyProperties"
            | "conditionalCreateOnlyProperties"
            | "deprecatedProperties"
            | "sourceUrl"
            | "documentationUrl"
            | "propertyTransform"
            | "replacementStrategy"
            | "lifecycle"
            | "resourceLink"
            | "typeConfiguration"
            | "nonPublicProperties"
            | "nonPublicDefinitions"
                if pointer.is_empty() =>
            {
                return Ok(());
            }
            other => return Err(format!("{here}: unknown keyword {other}").into()),
        };
        rules.push(rule);
        Ok(())
    }

    /// Merges texts and equal schemas, and numbers them in the order in which the types reach them.
    fn finish(self, kinds: Vec<RawType>) -> Group {
        let colours = self.colours();
        let mut texts = Texts::default();
        let mut order: Vec<usize> = Vec::new();
        let mut numbers: HashMap<usize, NodeId> = HashMap::new();
        let mut waiting: Vec<usize> = kinds.iter().rev().map(|kind| kind.root).collect();
        while let Some(node) = waiting.pop() {
            if let std::collections::hash_map::Entry::Vacant(entry) = numbers.entry(colours[node]) {
                entry.insert(u32::try_from(order.len()).expect("fewer schemas than a u32 counts"));
                order.push(node);
                waiting.extend(self.nodes[node].children().rev());
            }
        }
        let number = |node: usize| numbers[&colours[node]];
        let types = kinds.into_iter().map(|kind| kind.record(&number, &mut texts)).collect();
        let nodes = order.iter().map(|node| self.nodes[*node].record(&number, &mut texts)).collect();
        Group { types, nodes, texts: texts.list }
    }

    /// Gives schemas that say the same, at every depth, the same number, by refining a partition until it stays.
    fn colours(&self) -> Vec<usize> {
        let mut colours = vec![0; self.nodes.len()];
        let mut count = 1;
        loop {
            let mut seen: HashMap<String, usize> = HashMap::new();
            let next: Vec<usize> = self
                .nodes
                .iter()
                .zip(&colours)
                .map(|(node, own)| {
                    let fresh = seen.len();
                    *seen.entry(node.signature(*own, &colours)).or_insert(fresh)
                })
                .collect();
            colours = next;
            if seen.len() == count {
                return colours;
            }
            count = seen.len();
        }
    }
}

impl RawNode {
    fn children(&self) -> impl DoubleEndedIterator<Item = usize> {
        let nodes = self.rules.iter().filter_map(|rule| match rule {
            RawRule::Nodes(_, nodes) => Some(nodes),
            RawRule::Texts(..)
            | RawRule::Groups(..)
            | RawRule::Scalars(..)
            | RawRule::Number(..)
            | RawRule::Plain(_) => None,
        });
        nodes.flatten().map(|(_, node)| *node)
    }

    fn signature(&self, own: usize, colours: &[usize]) -> String {
        let rules = self.rules.iter().map(|rule| match rule {
            RawRule::Nodes(keyword, nodes) => {
                let nodes: Vec<_> = nodes.iter().map(|(name, node)| (name, colours[*node])).collect();
                format!("{keyword:?}{nodes:?}")
            }
            RawRule::Texts(keyword, texts) => format!("{keyword:?}{texts:?}"),
            RawRule::Groups(keyword, groups) => format!("{keyword:?}{groups:?}"),
            RawRule::Scalars(keyword, values) => format!("{keyword:?}{values:?}"),
            RawRule::Number(keyword, number) => format!("{keyword:?}{number}"),
            RawRule::Plain(rule) => format!("{rule:?}"),
        });
        format!("{own} {}", rules.collect::<Vec<_>>().join(" "))
    }

    fn record(&self, number: &impl Fn(usize) -> NodeId, texts: &mut Texts) -> Node {
        Node { rules: self.rules.iter().map(|rule| rule.record(number, texts)).collect() }
    }
}

impl RawRule {
    fn record(&self, number: &impl Fn(usize) -> NodeId, texts: &mut Texts) -> Rule {
        match self {
            Self::Plain(rule) => rule.clone(),
            Self::Number(keyword, value) => match keyword {
                Keyword::Minimum => Rule::Minimum(*value),
                Keyword::Maximum => Rule::Maximum(*value),
                Keyword::ExclusiveMinimum => Rule::ExclusiveMinimum(*value),
                Keyword::ExclusiveMaximum => Rule::ExclusiveMaximum(*value),
                _ => Rule::MultipleOf(*value),
            },
            Self::Texts(keyword, list) => match keyword {
                Keyword::Pattern => Rule::Pattern(texts.of(&list[0])),
                Keyword::Format => Rule::Format(texts.of(&list[0])),
                Keyword::RequiredXor => Rule::RequiredXor(texts.all(list)),
                Keyword::RequiredOr => Rule::RequiredOr(texts.all(list)),
                _ => Rule::Required(texts.all(list)),
            },
            Self::Groups(keyword, groups) => {
                let groups = groups.iter().map(|(name, list)| (texts.of(name), texts.all(list))).collect();
                match keyword {
                    Keyword::DependentRequired => Rule::DependentRequired(groups),
                    _ => Rule::DependentExcluded(groups),
                }
            }
            Self::Scalars(keyword, values) => {
                let scalar = |value: &Value| match value {
                    Value::Bool(it) => Scalar::Boolean(*it),
                    Value::Number(it) => Scalar::Number(it.as_f64().unwrap_or_default()),
                    Value::String(it) => Scalar::Text(texts.of(it)),
                    Value::Null | Value::Array(_) | Value::Object(_) => {
                        Scalar::Text(texts.of(&value.to_string()))
                    }
                };
                let values = values.iter().map(scalar).collect();
                match keyword {
                    Keyword::Enum => Rule::Enum(values),
                    _ => Rule::EnumCaseInsensitive(values),
                }
            }
            Self::Nodes(keyword, nodes) => {
                let ids = || nodes.iter().map(|(_, node)| number(*node)).collect::<Vec<_>>();
                let part = |name: &str| nodes.iter().find(|it| it.0 == name).map(|(_, node)| number(*node));
                match keyword {
                    Keyword::PatternProperties | Keyword::Properties => {
                        let named =
                            nodes.iter().map(|(name, node)| (texts.of(name), number(*node))).collect();
                        match keyword {
                            Keyword::Properties => Rule::Properties(named),
                            _ => Rule::PatternProperties(named),
                        }
                    }
                    Keyword::OtherProperties => Rule::OtherProperties(ids()[0]),
                    Keyword::Items => Rule::Items(ids()[0]),
                    Keyword::PrefixItems => Rule::PrefixItems(ids()),
                    Keyword::AllOf => Rule::AllOf(ids()),
                    Keyword::AnyOf => Rule::AnyOf(ids()),
                    Keyword::OneOf => Rule::OneOf(ids()),
                    Keyword::Not => Rule::Not(ids()[0]),
                    _ => Rule::If(ids()[0], part("then"), part("else")),
                }
            }
        }
    }
}

impl RawType {
    fn record(self, number: &impl Fn(usize) -> NodeId, texts: &mut Texts) -> Type {
        let [create_only, conditional, read_only, write_only, deprecated, primary, attributes] = self.paths;
        Type {
            root: number(self.root),
            create_only: texts.all(&create_only),
            conditional_create_only: texts.all(&conditional),
            read_only: texts.all(&read_only),
            write_only: texts.all(&write_only),
            deprecated: texts.all(&deprecated),
            primary_identifier: texts.all(&primary),
            additional_identifiers: self.additional_identifiers.iter().map(|it| texts.all(it)).collect(),
            attributes: texts.all(&attributes),
            tagging: self
                .tagging
                .map(|(tagging, property)| Tagging { property: property.map(|it| texts.of(&it)), ..tagging }),
            handlers: (self.handlers.into_iter())
                .map(|(operation, permissions)| Handler { operation, permissions: texts.all(&permissions) })
                .collect(),
            replacement: self.replacement,
            regions: self.regions,
            lifecycle: self
                .lifecycle
                .map(|(status, date)| Lifecycle { status: texts.of(&status), date: texts.of(&date) }),
            deletion: self.deletion,
        }
    }
}

/// Texts of a group, each once.
#[derive(Default)]
struct Texts {
    list: Vec<Box<str>>,
    numbers: HashMap<String, Text>,
}

impl Texts {
    fn of(&mut self, text: &str) -> Text {
        let fresh = u32::try_from(self.list.len()).expect("fewer texts than a u32 counts");
        let number = *self.numbers.entry(text.to_owned()).or_insert(fresh);
        if number == fresh {
            self.list.push(text.into());
        }
        number
    }

    fn all(&mut self, texts: &[String]) -> Vec<Text> {
        texts.iter().map(|text| self.of(text)).collect()
    }
}

fn text(value: &Value, place: &str) -> Fallible<String> {
    Ok(value.as_str().ok_or_else(|| format!("{place}: a text was expected"))?.to_owned())
}

fn bits(value: &Value) -> Fallible<u8> {
    let names = match value {
        Value::String(name) => vec![name.as_str()],
        Value::Array(names) => names.iter().filter_map(Value::as_str).collect(),
        other => return Err(format!("odd type {other}").into()),
    };
    let mut all = 0;
    for name in names {
        all |= match name {
            "string" => types::STRING,
            "object" => types::OBJECT,
            "array" => types::ARRAY,
            "integer" => types::INTEGER,
            "number" => types::NUMBER,
            "boolean" => types::BOOLEAN,
            // Templates have no null.
            "null" => 0,
            other => return Err(format!("odd type {other}").into()),
        };
    }
    Ok(all)
}

/// Dependencies on names; a few are on schemas, and those are left out.
fn dependents(value: &Value) -> Vec<(String, Vec<String>)> {
    let named = object(value).filter_map(|(name, others)| Some((name, others.as_array()?)));
    let texts = |list: &Vec<Value>| list.iter().filter_map(Value::as_str).map(str::to_owned).collect();
    named.map(|(name, others)| (name.clone(), texts(others))).collect()
}

fn tagging(schema: &Value) -> Fallible<Option<(Tagging, Option<String>)>> {
    let Some(tagging) = schema.get("tagging") else { return Ok(None) };
    let flag = |key: &str, default: bool| tagging.get(key).and_then(Value::as_bool).unwrap_or(default);
    let property = tagging.get("tagProperty").and_then(Value::as_str).map(path).transpose()?;
    let taggable = flag("taggable", true);
    let found = Tagging {
        taggable,
        tag_on_create: flag("tagOnCreate", taggable),
        tag_updatable: flag("tagUpdatable", taggable),
        cloudformation_system_tags: flag("cloudFormationSystemTags", taggable),
        property: None,
    };
    Ok(Some((found, property)))
}

fn handlers(schema: &Value) -> Fallible<Vec<(Operation, Vec<String>)>> {
    let mut found = Vec::new();
    for (name, handler) in schema.get("handlers").into_iter().flat_map(object) {
        let operation = match name.as_str() {
            "create" => Operation::Create,
            "read" => Operation::Read,
            "update" => Operation::Update,
            "delete" => Operation::Delete,
            "list" => Operation::List,
            other => return Err(format!("odd handler {other}").into()),
        };
        let permissions: BTreeSet<String> = list(handler, "permissions").map(str::to_owned).collect();
        found.push((operation, permissions.into_iter().collect()));
    }
    found.sort();
    Ok(found)
}

/// Which types hold users' data: the package's list, and the overlay's word above it.
fn deletion(name: &str, source: &Source, overlay: &Overlay) -> Option<DataOnDeletion> {
    if let Some(entry) = overlay.stateful.iter().find(|it| it.r#type == name) {
        return match entry.deletion {
            Deletion::DataDeleted => Some(DataOnDeletion::Deleted),
            Deletion::MustBeEmpty => Some(DataOnDeletion::MustBeEmpty),
            Deletion::NotStateful => None,
        };
    }
    let entry = source.stateful.get(name)?;
    let must_be_empty = entry["DeleteRequiresEmptyResource"].as_bool().unwrap_or_default();
    Some(if must_be_empty { DataOnDeletion::MustBeEmpty } else { DataOnDeletion::Deleted })
}

/// Return values, as the package derives them: the read-only properties, with its exceptions.
fn attributes(name: &str, schema: &Value, source: &Source) -> Fallible<BTreeSet<String>> {
    const ANY_OUTPUT: &str = "Outputs.*";
    if source.all_attributes.contains(name) {
        let mut found = BTreeSet::new();
        for (property, value) in object(&schema["properties"]) {
            scalars(schema, value, property, 0, &mut found);
        }
        return Ok(found);
    }
    let mut found = paths(schema, "readOnlyProperties")?;
    match name {
        "AWS::CloudFormation::Stack" | "AWS::Serverless::Application" => {
            found = [ANY_OUTPUT.to_owned()].into();
        }
        // What its provider sends back.
        "AWS::CloudFormation::CustomResource" => found = ["*".to_owned()].into(),
        "AWS::ServiceCatalog::CloudFormationProvisionedProduct" => {
            found.remove("Outputs");
            found.insert(ANY_OUTPUT.to_owned());
        }
        _ => {}
    }
    found.extend(source.more_attributes.get(name).into_iter().flatten().cloned());
    Ok(found)
}

/// Adds the paths of what is no mapping, and no list of mappings or lists.
fn scalars(root: &Value, schema: &Value, path: &str, depth: usize, found: &mut BTreeSet<String>) {
    const DEEPEST: usize = 16;
    if let Some(target) = schema["$ref"].as_str().and_then(|it| root.pointer(it.trim_start_matches('#'))) {
        if depth < DEEPEST {
            scalars(root, target, path, depth + 1, found);
        }
        return;
    }
    let is = |schema: &Value, kind: &str| match &schema["type"] {
        Value::String(own) => own == kind,
        Value::Array(own) => own.iter().any(|it| it == kind),
        _ => false,
    };
    if is(schema, "object") {
        for (name, value) in object(&schema["properties"]) {
            scalars(root, value, &format!("{path}.{name}"), depth + 1, found);
        }
    } else if !(is(schema, "array") && (is(&schema["items"], "object") || is(&schema["items"], "array"))) {
        found.insert(path.to_owned());
    }
}

// ---------------------------------------------------------------- what changed

/// Every fact of a table by type and sentence.
type Facts = BTreeMap<String, BTreeSet<String>>;

fn unpack(bytes: &[u8]) -> Option<Facts> {
    let (length, rest) = bytes.split_first_chunk::<4>()?;
    let (index, mut rest) = rest.split_at_checked(u32::from_le_bytes(*length) as usize)?;
    let index: Index = postcard::from_bytes(index).ok()?;
    let mut facts = Facts::new();
    for entry in &index.groups {
        let (compressed, others) = rest.split_at_checked(entry.compressed as usize)?;
        rest = others;
        let mut bytes = Vec::new();
        std::io::copy(&mut flate2::read::DeflateDecoder::new(compressed), &mut bytes).ok()?;
        let group: Group = postcard::from_bytes(&bytes).ok()?;
        for (name, kind) in entry.names.iter().zip(&group.types) {
            facts.insert(format!("{}{name}", entry.prefix), facts_of(&index, &group, kind));
        }
    }
    Some(facts)
}

fn facts_of(index: &Index, group: &Group, kind: &Type) -> BTreeSet<String> {
    let text = |it: &Text| group.texts[*it as usize].to_string();
    let mut found = BTreeSet::new();
    let lists = [
        ("create-only", &kind.create_only),
        ("conditionally create-only", &kind.conditional_create_only),
        ("read-only", &kind.read_only),
        ("write-only", &kind.write_only),
        ("deprecated", &kind.deprecated),
        ("primary identifier", &kind.primary_identifier),
        ("return value", &kind.attributes),
    ];
    for (word, list) in lists {
        found.extend(list.iter().map(|it| format!("{word} {}", text(it))));
    }
    for handler in &kind.handlers {
        let operation = handler.operation;
        found.extend(handler.permissions.iter().map(|it| format!("{operation:?} needs {}", text(it))));
    }
    let regions = index.regions.iter().enumerate().filter(|(bit, _)| kind.regions >> bit & 1 == 1);
    found.extend(regions.map(|(_, name)| format!("available in {name}")));
    found.extend(kind.deletion.map(|it| format!("data on deletion {it:?}")));
    found.extend(kind.lifecycle.as_ref().map(|it| format!("{} on {}", text(&it.status), text(&it.date))));
    let mut seen = BTreeSet::new();
    collect(group, kind.root, "", &mut seen, &mut found);
    found
}

/// Adds the rules of each property, at every depth, each schema once.
fn collect(
    group: &Group,
    node: NodeId,
    path: &str,
    seen: &mut BTreeSet<NodeId>,
    found: &mut BTreeSet<String>,
) {
    if !seen.insert(node) {
        return;
    }
    let text = |it: &Text| group.texts[*it as usize].to_string();
    for rule in &group.nodes[node as usize].rules {
        match rule {
            Rule::Properties(list) | Rule::PatternProperties(list) => {
                for (name, node) in list {
                    let path = format!("{path}/{}", text(name));
                    found.insert(format!("property {path}"));
                    collect(group, *node, &path, seen, found);
                }
            }
            Rule::Items(node) | Rule::OtherProperties(node) => {
                collect(group, *node, &format!("{path}/*"), seen, found);
            }
            Rule::Required(names) => {
                found.extend(names.iter().map(|it| format!("required {path}/{}", text(it))))
            }
            Rule::Enum(values) | Rule::EnumCaseInsensitive(values) => {
                found.extend(values.iter().map(|value| match value {
                    Scalar::Text(it) => format!("value {path} = {}", text(it)),
                    Scalar::Number(it) => format!("value {path} = {it}"),
                    Scalar::Boolean(it) => format!("value {path} = {it}"),
                }));
            }
            Rule::Pattern(it) => {
                found.insert(format!("pattern {path} {}", text(it)));
            }
            Rule::Format(it) => {
                found.insert(format!("format {path} {}", text(it)));
            }
            Rule::Types(_)
            | Rule::NoOtherProperties
            | Rule::RequiredXor(_)
            | Rule::RequiredOr(_)
            | Rule::DependentRequired(_)
            | Rule::DependentExcluded(_)
            | Rule::PrefixItems(_)
            | Rule::UniqueItems
            | Rule::Unordered
            | Rule::MinItems(_)
            | Rule::MaxItems(_)
            | Rule::MinProperties(_)
            | Rule::MaxProperties(_)
            | Rule::MinLength(_)
            | Rule::MaxLength(_)
            | Rule::Minimum(_)
            | Rule::Maximum(_)
            | Rule::ExclusiveMinimum(_)
            | Rule::ExclusiveMaximum(_)
            | Rule::MultipleOf(_)
            | Rule::AllOf(_)
            | Rule::AnyOf(_)
            | Rule::OneOf(_)
            | Rule::Not(_)
            | Rule::If(..) => {
                found.insert(format!("rule {path} {}", plain(rule, &text)));
            }
        }
    }
}

/// A rule in words that do not change when other texts come and go.
fn plain(rule: &Rule, text: &impl Fn(&Text) -> String) -> String {
    match rule {
        Rule::RequiredXor(names) => format!("one of {:?}", names.iter().map(text).collect::<Vec<_>>()),
        Rule::RequiredOr(names) => format!("any of {:?}", names.iter().map(text).collect::<Vec<_>>()),
        Rule::AllOf(_) => "all of several".to_owned(),
        Rule::AnyOf(_) => "any of several".to_owned(),
        Rule::OneOf(_) => "one of several".to_owned(),
        Rule::DependentRequired(_) => "dependent required".to_owned(),
        Rule::DependentExcluded(_) => "dependent excluded".to_owned(),
        Rule::PrefixItems(_) => "first elements".to_owned(),
        Rule::Not(_) => "not".to_owned(),
        Rule::If(..) => "if".to_owned(),
        other => format!("{other:?}"),
    }
}

fn report(old: &Facts, new: &Facts) {
    for name in old.keys().filter(|name| !new.contains_key(*name)) {
        println!("- {name}");
    }
    for (name, facts) in new {
        let Some(before) = old.get(name) else {
            println!("+ {name}");
            continue;
        };
        for gone in before.difference(facts) {
            println!("  {name}: - {gone}");
        }
        for come in facts.difference(before) {
            println!("  {name}: + {come}");
        }
    }
}
