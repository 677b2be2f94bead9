//! YAML as a tree that remembers where each key and value stands.
//!
//! Reading a spec with serde alone would stop at the first mistake and forget the positions; this
//! tree keeps both. CloudFormation's short tags (`!Ref`, `!GetAtt`, `!Sub`, ...) are read into
//! their long form, so that raw resources can be pasted from an existing template.
//!
//! A scalar keeps its text: whether `1.10` is a number is decided by who wants it. CloudFormation reads templates
//! as YAML 1.1, where `yes` and `on` are truths, and takes no merge keys (`<<`); specs are YAML 1.2 with merge keys.
//!
//! Invariant: reading never panics and never recurses deeper than [`MAX_DEPTH`].

use std::borrow::Cow;
use std::collections::BTreeMap;

use granit_parser::{Event, Marker, Parser, ScalarStyle, Span, Tag};
use serde_json::{Map, Number, Value, json};

use super::place::Place;

/// Nesting beyond this is refused.
pub const MAX_DEPTH: usize = 64;

/// Values beyond this number are refused: aliases can multiply a small file without end.
pub const MAX_NODES: usize = 200_000;

/// A value and where it starts.
#[derive(Debug, Clone, PartialEq)]
pub struct Node {
    /// What it is.
    pub value: Yaml,
    /// Where it starts.
    pub place: Place,
}

/// A YAML value of the core schema.
#[derive(Debug, Clone, PartialEq)]
pub enum Yaml {
    /// `null`, `~` or nothing.
    Null,
    /// `true` or `false`; in a template `yes`, `no`, `on` and `off`, too.
    Bool {
        /// The value.
        value: bool,
        /// As it is written.
        text: String,
    },
    /// An integer or a decimal.
    Number {
        /// The nearest number; as exact as 64 bits are.
        number: Number,
        /// As it is written.
        text: String,
    },
    /// Text.
    String(String),
    /// A list.
    Sequence(Vec<Node>),
    /// Keys and values in the order of the file.
    Mapping(Vec<Entry>),
}

/// A key with its value.
#[derive(Debug, Clone, PartialEq)]
pub struct Entry {
    /// The key.
    pub key: String,
    /// Where the key stands.
    pub key_place: Place,
    /// The value.
    pub value: Node,
}

/// A mistake of the text itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SyntaxMistake {
    /// Where.
    pub place: Place,
    /// What kind.
    pub kind: SyntaxKind,
}

/// Kinds of mistakes of the text itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SyntaxKind {
    /// Not YAML; the parser's sentence.
    Malformed(String),
    /// A key stands twice in one mapping; the first one's place is given.
    DuplicateKey {
        /// The key.
        key: String,
        /// Where it stands first.
        first: Place,
    },
    /// A tag that is neither YAML's nor CloudFormation's.
    UnknownTag(String),
    /// More than [`MAX_DEPTH`] levels or [`MAX_NODES`] values.
    TooLarge,
    /// A merge key in a template. It is merged all the same.
    MergeKey,
}

impl SyntaxMistake {
    /// True when the text cannot be relied on; a merge key is read as it is meant.
    #[must_use]
    pub fn is_error(&self) -> bool {
        !matches!(self.kind, SyntaxKind::MergeKey)
    }
}

/// Who reads a text, and so how.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Dialect {
    Spec,
    Template,
}

impl Node {
    /// Returns the entry of `key` when this is a mapping that has it.
    #[must_use]
    pub fn entry(&self, key: &str) -> Option<&Entry> {
        self.entries().iter().find(|entry| entry.key == key)
    }

    /// Returns the entries when this is a mapping, otherwise none.
    #[must_use]
    pub fn entries(&self) -> &[Entry] {
        match &self.value {
            Yaml::Mapping(entries) => entries,
            _ => &[],
        }
    }

    /// Names the type in the words of YAML and JSON.
    #[must_use]
    pub fn type_name(&self) -> &'static str {
        match &self.value {
            Yaml::Null => "null",
            Yaml::Bool { .. } => "boolean",
            Yaml::Number { number, .. } if number.is_f64() => "number",
            Yaml::Number { .. } => "integer",
            Yaml::String(_) => "string",
            Yaml::Sequence(_) => "list",
            Yaml::Mapping(_) => "mapping",
        }
    }

    /// Returns the text of a scalar as it is written, without quotes; `None` for anything else.
    #[must_use]
    pub fn text(&self) -> Option<&str> {
        match &self.value {
            Yaml::Bool { text, .. } | Yaml::Number { text, .. } | Yaml::String(text) => Some(text),
            Yaml::Null | Yaml::Sequence(_) | Yaml::Mapping(_) => None,
        }
    }

    /// Returns the value without places. A number that JSON would write otherwise, such as `1.10`, `1e3` or one of
    /// 21 digits, stays the text that it is written as: CloudFormation takes texts for numbers, and an account ID
    /// or a version must not change.
    #[must_use]
    pub fn to_json(&self) -> Value {
        match &self.value {
            Yaml::Null => Value::Null,
            Yaml::Bool { value, .. } => Value::Bool(*value),
            Yaml::Number { number, text } if number.to_string() == *text => Value::Number(number.clone()),
            Yaml::Number { text, .. } => Value::String(text.clone()),
            Yaml::String(value) => Value::String(value.clone()),
            Yaml::Sequence(items) => Value::Array(items.iter().map(Self::to_json).collect()),
            Yaml::Mapping(entries) => Value::Object(
                entries.iter().map(|entry| (entry.key.clone(), entry.value.to_json())).collect::<Map<_, _>>(),
            ),
        }
    }

    /// Finds the place of what `path` names, a list of keys and indexes; the nearest parent's when
    /// it is not there. A mapping or list stands where its key does.
    #[must_use]
    pub fn place_of(&self, path: &[&str]) -> Place {
        match self.walk(path) {
            (Some(node), place) => match node.value {
                Yaml::Mapping(_) | Yaml::Sequence(_) => place,
                _ => node.place,
            },
            (None, place) => place,
        }
    }

    /// Finds the place of the key itself that `path` ends with; the nearest parent's when it is not
    /// there.
    #[must_use]
    pub fn key_place_of(&self, path: &[&str]) -> Place {
        self.walk(path).1
    }

    /// True when something stands at `path`, a list of keys and indexes.
    #[must_use]
    pub fn has(&self, path: &[&str]) -> bool {
        self.walk(path).0.is_some()
    }

    /// True when this value, or a key or value within it, starts at `place`.
    #[must_use]
    pub fn stands_at(&self, place: Place) -> bool {
        self.place == place
            || match &self.value {
                Yaml::Mapping(entries) => {
                    entries.iter().any(|entry| entry.key_place == place || entry.value.stands_at(place))
                }
                Yaml::Sequence(items) => items.iter().any(|item| item.stands_at(place)),
                _ => false,
            }
    }

    /// Goes as far as `path` leads: the node at its end, and the place of the last key that is there.
    fn walk(&self, path: &[&str]) -> (Option<&Self>, Place) {
        let mut node = self;
        let mut place = self.place;
        for step in path {
            let next = match &node.value {
                Yaml::Mapping(entries) => entries
                    .iter()
                    .find(|entry| entry.key == *step)
                    .map(|entry| (&entry.value, entry.key_place)),
                Yaml::Sequence(items) => {
                    step.parse().ok().and_then(|index: usize| items.get(index)).map(|item| (item, item.place))
                }
                _ => None,
            };
            let Some((child, at)) = next else { return (None, place) };
            (node, place) = (child, at);
        }
        (Some(node), place)
    }
}

/// Reads a spec: one YAML document. Returns what could be read, and every mistake of the text.
#[must_use]
pub fn read(text: &str) -> (Option<Node>, Vec<SyntaxMistake>) {
    read_as(Dialect::Spec, text)
}

/// Reads a template as CloudFormation does: one document of YAML 1.1 or JSON. Returns what could be read, and every
/// mistake of the text.
#[must_use]
pub fn read_template(text: &str) -> (Option<Node>, Vec<SyntaxMistake>) {
    read_as(Dialect::Template, text)
}

fn read_as(dialect: Dialect, text: &str) -> (Option<Node>, Vec<SyntaxMistake>) {
    let mut reader = Reader {
        dialect,
        open_end: (!text.ends_with('\n')).then(|| text.chars().count()),
        parser: Parser::new_from_str(text),
        anchors: BTreeMap::new(),
        mistakes: Vec::new(),
        nodes: 0,
    };
    let node = match reader.document() {
        Ok(node) => node,
        Err(mistake) => {
            reader.mistakes.push(mistake);
            None
        }
    };
    (node, reader.mistakes)
}

struct Reader<'a> {
    dialect: Dialect,
    /// Characters of a text whose last line has no end.
    open_end: Option<usize>,
    parser: Parser<'a, granit_parser::StrInput<'a>>,
    anchors: BTreeMap<usize, (Node, usize)>,
    mistakes: Vec<SyntaxMistake>,
    nodes: usize,
}

type Step<T> = Result<T, SyntaxMistake>;

impl<'a> Reader<'a> {
    fn next(&mut self) -> Step<(Event<'a>, Span)> {
        match self.parser.next_event() {
            Some(Ok(event)) => Ok(event),
            Some(Err(error)) => Err(malformed(error.marker(), error.info())),
            None => Ok((Event::StreamEnd, Span::default())),
        }
    }

    fn document(&mut self) -> Step<Option<Node>> {
        loop {
            match self.next()? {
                (Event::StreamEnd, _) => return Ok(None),
                (Event::StreamStart | Event::DocumentStart(..), _) => {}
                (event, span) => {
                    let node = self.node(event, span, 0)?;
                    self.end_of_stream()?;
                    return Ok(Some(node));
                }
            }
        }
    }

    fn end_of_stream(&mut self) -> Step<()> {
        loop {
            match self.next()? {
                (Event::StreamEnd, _) => return Ok(()),
                (Event::DocumentStart(..), span) => {
                    return Err(malformed(&span.start, "a second document starts here".to_owned()));
                }
                _ => {}
            }
        }
    }

    fn node(&mut self, event: Event<'a>, span: Span, depth: usize) -> Step<Node> {
        let place = place(&span.start);
        self.nodes += 1;
        if depth > MAX_DEPTH || self.nodes > MAX_NODES {
            return Err(SyntaxMistake { place, kind: SyntaxKind::TooLarge });
        }
        let before = self.nodes;
        let (value, anchor, tag) = match event {
            Event::Scalar(text, style, anchor, tag) => {
                let value = match style {
                    ScalarStyle::Plain if tag.is_none() => plain_scalar(self.dialect, &text),
                    _ => Yaml::String(self.without_added_end(text.into_owned(), style, &span)),
                };
                (value, anchor, tag)
            }
            Event::SequenceStart(_, anchor, tag) => (self.sequence(depth)?, anchor, tag),
            Event::MappingStart(_, anchor, tag) => (self.mapping(depth)?, anchor, tag),
            Event::Alias(anchor) => return self.alias(anchor, place),
            _ => return Err(malformed(&span.start, "a value is missing here".to_owned())),
        };
        let node = self.tagged(Node { value, place }, tag);
        if anchor > 0 {
            self.anchors.insert(anchor, (node.clone(), self.nodes - before + 1));
        }
        Ok(node)
    }

    /// The parser ends the last line of a block that the file leaves open.
    fn without_added_end(&self, mut text: String, style: ScalarStyle, span: &Span) -> String {
        let is_block = matches!(style, ScalarStyle::Literal | ScalarStyle::Folded);
        if is_block && self.open_end.is_some_and(|end| span.end.index() >= end) && text.ends_with('\n') {
            text.pop();
        }
        text
    }

    fn alias(&mut self, anchor: usize, place: Place) -> Step<Node> {
        let Some((node, size)) = self.anchors.get(&anchor) else {
            return Err(SyntaxMistake { place, kind: SyntaxKind::Malformed("unknown anchor".to_owned()) });
        };
        self.nodes += size;
        if self.nodes > MAX_NODES {
            return Err(SyntaxMistake { place, kind: SyntaxKind::TooLarge });
        }
        Ok(node.clone())
    }

    fn sequence(&mut self, depth: usize) -> Step<Yaml> {
        let mut items = Vec::new();
        loop {
            match self.next()? {
                (Event::SequenceEnd, _) => return Ok(Yaml::Sequence(items)),
                (event, span) => items.push(self.node(event, span, depth + 1)?),
            }
        }
    }

    fn mapping(&mut self, depth: usize) -> Step<Yaml> {
        let mut entries: Vec<Entry> = Vec::new();
        let mut merged: Vec<Node> = Vec::new();
        loop {
            let (event, span) = self.next()?;
            let (key, key_place, is_plain) = match event {
                Event::MappingEnd => return Ok(Yaml::Mapping(with_merged(entries, &merged))),
                Event::Scalar(text, style, ..) => {
                    (text.into_owned(), place(&span.start), style == ScalarStyle::Plain)
                }
                _ => return Err(malformed(&span.start, "a key must be a plain text".to_owned())),
            };
            let (event, span) = self.next()?;
            let value = self.node(event, span, depth + 1)?;
            if is_plain && key == "<<" {
                merged.extend(self.mappings_to_merge(value, key_place)?);
                continue;
            }
            match entries.iter().find(|entry| entry.key == key) {
                Some(first) => self.mistakes.push(SyntaxMistake {
                    place: key_place,
                    kind: SyntaxKind::DuplicateKey { key, first: first.key_place },
                }),
                None => entries.push(Entry { key, key_place, value }),
            }
        }
    }

    /// The mappings that a merge key names: one, or a list of them.
    fn mappings_to_merge(&mut self, value: Node, key_place: Place) -> Step<Vec<Node>> {
        let nodes = match value.value {
            Yaml::Sequence(items) => items,
            _ => vec![value],
        };
        if let Some(other) = nodes.iter().find(|node| !matches!(node.value, Yaml::Mapping(_))) {
            let kind = SyntaxKind::Malformed("only mappings can be merged by `<<`".to_owned());
            return Err(SyntaxMistake { place: other.place, kind });
        }
        if self.dialect == Dialect::Template {
            self.mistakes.push(SyntaxMistake { place: key_place, kind: SyntaxKind::MergeKey });
        }
        Ok(nodes)
    }

    fn tagged(&mut self, node: Node, tag: Option<Cow<'a, Tag>>) -> Node {
        let Some(tag) = tag else { return node };
        if tag.is_yaml_core_schema() || tag.handle() != "!" {
            return node;
        }
        let Some(function) = long_form(tag.suffix()) else {
            let kind = SyntaxKind::UnknownTag(tag.suffix().to_owned());
            self.mistakes.push(SyntaxMistake { place: node.place, kind });
            return node;
        };
        let place = node.place;
        let argument = match (function, node.value) {
            ("Fn::GetAtt", Yaml::String(text)) => {
                let (resource, attribute) = text.split_once('.').unwrap_or((&text, ""));
                let part = |text: &str| Node { value: Yaml::String(text.to_owned()), place };
                Node { value: Yaml::Sequence(vec![part(resource), part(attribute)]), place }
            }
            (_, value) => Node { value, place },
        };
        let entry = Entry { key: function.to_owned(), key_place: place, value: argument };
        Node { value: Yaml::Mapping(vec![entry]), place }
    }
}

/// Returns the long form of a CloudFormation short tag. Source: CloudFormation user guide,
/// "Intrinsic function reference" and "Rule-specific intrinsic functions" (read 2026-11-23).
fn long_form(suffix: &str) -> Option<&'static str> {
    Some(match suffix {
        "Ref" => "Ref",
        "Condition" => "Condition",
        "And" => "Fn::And",
        "Base64" => "Fn::Base64",
        "Cidr" => "Fn::Cidr",
        "Equals" => "Fn::Equals",
        "Contains" => "Fn::Contains",
        "EachMemberEquals" => "Fn::EachMemberEquals",
        "EachMemberIn" => "Fn::EachMemberIn",
        "FindInMap" => "Fn::FindInMap",
        "GetAtt" => "Fn::GetAtt",
        "GetAZs" => "Fn::GetAZs",
        "GetStackOutput" => "Fn::GetStackOutput",
        "If" => "Fn::If",
        "ImportValue" => "Fn::ImportValue",
        "Join" => "Fn::Join",
        "Length" => "Fn::Length",
        "Not" => "Fn::Not",
        "Or" => "Fn::Or",
        "RefAll" => "Fn::RefAll",
        "Select" => "Fn::Select",
        "Split" => "Fn::Split",
        "Sub" => "Fn::Sub",
        "ToJsonString" => "Fn::ToJsonString",
        "Transform" => "Fn::Transform",
        "ValueOf" => "Fn::ValueOf",
        "ValueOfAll" => "Fn::ValueOfAll",
        _ => return None,
    })
}

/// The entries of a mapping with those of the merged ones that it lacks; what is named first wins.
fn with_merged(mut entries: Vec<Entry>, merged: &[Node]) -> Vec<Entry> {
    for entry in merged.iter().flat_map(Node::entries) {
        if !entries.iter().any(|known| known.key == entry.key) {
            entries.push(entry.clone());
        }
    }
    entries
}

fn plain_scalar(dialect: Dialect, text: &str) -> Yaml {
    let truth = |value: bool| Yaml::Bool { value, text: text.to_owned() };
    match text {
        "" | "~" | "null" | "Null" | "NULL" => Yaml::Null,
        "true" | "True" | "TRUE" => truth(true),
        "false" | "False" | "FALSE" => truth(false),
        // The single letters of YAML 1.1 stay texts, as in the readers of its users: `AttributeType: N`.
        "yes" | "Yes" | "YES" | "on" | "On" | "ON" if dialect == Dialect::Template => truth(true),
        "no" | "No" | "NO" | "off" | "Off" | "OFF" if dialect == Dialect::Template => truth(false),
        _ => match number(text) {
            Some(number) => Yaml::Number { number, text: text.to_owned() },
            None => Yaml::String(text.to_owned()),
        },
    }
}

fn number(text: &str) -> Option<Number> {
    let digits = text.strip_prefix(['-', '+']).unwrap_or(text);
    if digits.is_empty() || !digits.starts_with(|first: char| first.is_ascii_digit() || first == '.') {
        return None;
    }
    // An id with leading zeros such as an account number stays text; so does 0x or a version 1.2.3.
    if digits.len() > 1 && digits.starts_with('0') && digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    if let Ok(integer) = text.parse::<i64>() {
        return Some(integer.into());
    }
    let decimal = digits.chars().all(|c| c.is_ascii_digit() || matches!(c, '.' | 'e' | 'E' | '+' | '-'));
    if decimal { text.parse::<f64>().ok().and_then(Number::from_f64) } else { None }
}

fn place(marker: &Marker) -> Place {
    Place { line: marker.line().max(1), column: marker.col() + 1 }
}

fn malformed(marker: &Marker, sentence: String) -> SyntaxMistake {
    SyntaxMistake { place: place(marker), kind: SyntaxKind::Malformed(sentence) }
}

/// Changes `target` by a JSON merge patch (RFC 7396): mappings merge key by key, `null` removes a key, anything
/// else replaces. Places are those of the text that won; a key keeps its first place.
///
/// Crates that do this work on JSON, which knows no places; the RFC's own table holds this one to them.
pub fn merge(target: &mut Node, patch: &Node) {
    let Yaml::Mapping(changes) = &patch.value else {
        *target = patch.clone();
        return;
    };
    if !matches!(target.value, Yaml::Mapping(_)) {
        *target = Node { value: Yaml::Mapping(Vec::new()), place: patch.place };
    }
    let Yaml::Mapping(entries) = &mut target.value else { return };
    for change in changes {
        let found = entries.iter().position(|entry| entry.key == change.key);
        match (found, &change.value.value) {
            (Some(index), Yaml::Null) => drop(entries.remove(index)),
            (None, Yaml::Null) => {}
            (Some(index), _) => merge(&mut entries[index].value, &change.value),
            (None, _) => {
                let mut value = Node { value: Yaml::Null, place: change.value.place };
                merge(&mut value, &change.value);
                entries.push(Entry { value, ..change.clone() });
            }
        }
    }
}

/// Shows a value as one short line for a message: a scalar as it is written.
#[must_use]
pub fn excerpt(node: &Node) -> String {
    if let Some(text) = node.text() {
        return shortened(text);
    }
    let value = match &node.value {
        Yaml::Mapping(entries) => json!(entries.iter().map(|entry| entry.key.as_str()).collect::<Vec<_>>()),
        _ => node.to_json(),
    };
    shortened(&value.to_string())
}

/// Cuts a text to what a message can hold.
pub(super) fn shortened(text: &str) -> String {
    if text.chars().count() <= 60 {
        return text.to_owned();
    }
    text.chars().take(57).chain("...".chars()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn json_of(text: &str) -> Value {
        let (node, mistakes) = read(text);
        assert_eq!(mistakes, []);
        node.map_or(Value::Null, |node| node.to_json())
    }

    #[test]
    fn scalars_follow_the_core_schema() {
        let text =
            "a: 1\nb: -2.5\nc: yes\nd: ~\ne: 'true'\nf: true\ng: 1.2.3\nh: 1e3\ni: 0x1f\nj: 012345678901";
        let expected = json!({"a": 1, "b": -2.5, "c": "yes", "d": null, "e": "true", "f": true,
            "g": "1.2.3", "h": "1e3", "i": "0x1f", "j": "012345678901"});
        assert_eq!(json_of(text), expected);
    }

    #[test]
    fn number_that_json_would_write_otherwise_stays_its_text() {
        let texts = [
            "12345e67",
            "1.10",
            "20241231235959123456789",
            "+4930123456",
            ".50",
            "1_000",
            "0x10",
            "1.",
            "-0",
        ];
        for text in texts {
            assert_eq!(json_of(&format!("a: {text}")), json!({"a": text}), "{text}");
        }
        for number in ["0", "-12", "9007199254740993", "0.5", "1.0"] {
            assert_eq!(json_of(&format!("a: {number}")).to_string(), format!("{{\"a\":{number}}}"));
        }
    }

    #[test]
    fn template_is_read_as_yaml_1_1_and_a_spec_is_not() {
        let text = "a: yes\nb: Off\nc: y\nd: 'no'\ne: TRUE\nf: N\n";
        let (template, mistakes) = read_template(text);
        let expected = json!({"a": true, "b": false, "c": "y", "d": "no", "e": true, "f": "N"});
        assert_eq!((template.map(|node| node.to_json()), mistakes), (Some(expected), vec![]));
        let expected = json!({"a": "yes", "b": "Off", "c": "y", "d": "no", "e": true, "f": "N"});
        assert_eq!(json_of(text), expected);
    }

    #[test]
    fn merge_key_is_merged_and_told_of_in_a_template() {
        let text = "a: &a { x: 1, y: 1 }\nb: &b { y: 2, z: 2 }\nc: { <<: [*a, *b], x: 3 }\nd: { '<<': 4 }\n";
        let expected = json!({"a": {"x": 1, "y": 1}, "b": {"y": 2, "z": 2}, "c": {"x": 3, "y": 1, "z": 2},
            "d": {"<<": 4}});
        assert_eq!(json_of(text), expected);
        let (template, mistakes) = read_template(text);
        assert_eq!(template.map(|node| node.to_json()), Some(expected));
        let place = Place { line: 3, column: 6 };
        assert_eq!(mistakes, [SyntaxMistake { place, kind: SyntaxKind::MergeKey }]);
        assert!(matches!(read("a: { <<: 1 }").1[..], [SyntaxMistake { kind: SyntaxKind::Malformed(_), .. }]));
    }

    #[test]
    fn what_other_readers_of_yaml_take_is_read() {
        for (text, json) in [
            ("a: [\n  1,\n]\nb: {\n  x: 1\n}\n", json!({"a": [1], "b": {"x": 1}})),
            ("a:\n  b: [\n    1\n  ]\n", json!({"a": {"b": [1]}})),
            ("a:\n  b: \"one\n two\"\n", json!({"a": {"b": "one two"}})),
            ("a: 'one\n\n  two'\n", json!({"a": "one\ntwo"})),
            ("a:\n- 1\n- 2\n", json!({"a": [1, 2]})),
            ("{\"a\": \"\\u00e9\\/\"}", json!({"a": "é/"})),
        ] {
            assert_eq!(json_of(text), json, "{text}");
        }
    }

    #[test]
    fn block_at_the_end_of_a_file_has_no_line_end_that_the_file_lacks() {
        assert_eq!(json_of("a: |\n  one\n  two"), json!({"a": "one\ntwo"}));
        assert_eq!(json_of("a: |\n  one\n  two\n"), json!({"a": "one\ntwo\n"}));
        assert_eq!(json_of("a: >\n  one\n  two"), json!({"a": "one two"}));
    }

    #[test]
    fn places_count_lines_and_characters_from_one() {
        let (node, _) = read("name: x\nqueues:\n  é: {fifo: true}\n");
        let node = node.expect("a document");
        assert_eq!(node.place_of(&["queues", "é", "fifo"]), Place { line: 3, column: 13 });
        assert_eq!(node.place_of(&["queues", "é"]), Place { line: 3, column: 3 });
        assert_eq!(node.place_of(&["queues", "missing"]), Place { line: 2, column: 1 });
    }

    #[test]
    fn short_tags_read_as_long_forms() {
        assert_eq!(
            json_of("a: !Ref Q\nb: !GetAtt Q.Arn"),
            json!({"a": {"Ref": "Q"}, "b": {"Fn::GetAtt": ["Q", "Arn"]}})
        );
        assert_eq!(
            json_of("a: !Sub ['${x}', {x: !Ref Q}]"),
            json!({"a": {"Fn::Sub": ["${x}", {"x": {"Ref": "Q"}}]}})
        );
    }

    #[test]
    fn every_duplicate_key_and_unknown_tag_is_reported() {
        let (node, mistakes) = read("a: 1\na: 2\nb: !Rf x\nb: 3\n");
        assert!(node.is_some());
        let kinds: Vec<_> = mistakes.into_iter().map(|mistake| (mistake.place.line, mistake.kind)).collect();
        assert_eq!(kinds.len(), 3);
        assert!(
            matches!(&kinds[0], (2, SyntaxKind::DuplicateKey { key, first }) if key == "a" && first.line == 1)
        );
        assert!(matches!(&kinds[1], (3, SyntaxKind::UnknownTag(tag)) if tag == "Rf"));
        assert!(matches!(&kinds[2], (4, SyntaxKind::DuplicateKey { .. })));
    }

    #[test]
    fn aliases_that_multiply_without_end_are_refused() {
        let mut lines = vec!["a0: &a0 [x, x, x, x, x, x, x, x, x, x]".to_owned()];
        for level in 1..9 {
            let row = vec![format!("*a{}", level - 1); 10].join(", ");
            lines.push(format!("a{level}: &a{level} [{row}]"));
        }
        let text = lines.join("\n");
        let (_, mistakes) = read(&text);
        assert!(matches!(mistakes[..], [SyntaxMistake { kind: SyntaxKind::TooLarge, .. }]));
    }

    #[test]
    fn deep_nesting_is_refused() {
        let (_, mistakes) = read(&"[".repeat(500));
        assert!(!mistakes.is_empty());
    }

    /// RFC 7396, appendix A: original, patch, result.
    const MERGE_PATCHES: [(&str, &str, &str); 15] = [
        (r#"{"a":"b"}"#, r#"{"a":"c"}"#, r#"{"a":"c"}"#),
        (r#"{"a":"b"}"#, r#"{"b":"c"}"#, r#"{"a":"b","b":"c"}"#),
        (r#"{"a":"b"}"#, r#"{"a":null}"#, "{}"),
        (r#"{"a":"b","b":"c"}"#, r#"{"a":null}"#, r#"{"b":"c"}"#),
        (r#"{"a":["b"]}"#, r#"{"a":"c"}"#, r#"{"a":"c"}"#),
        (r#"{"a":"c"}"#, r#"{"a":["b"]}"#, r#"{"a":["b"]}"#),
        (r#"{"a":{"b":"c"}}"#, r#"{"a":{"b":"d","c":null}}"#, r#"{"a":{"b":"d"}}"#),
        (r#"{"a":[{"b":"c"}]}"#, r#"{"a":[1]}"#, r#"{"a":[1]}"#),
        (r#"["a","b"]"#, r#"["c","d"]"#, r#"["c","d"]"#),
        (r#"{"a":"b"}"#, r#"["c"]"#, r#"["c"]"#),
        (r#"{"a":"foo"}"#, "null", "null"),
        (r#"{"a":"foo"}"#, r#""bar""#, r#""bar""#),
        (r#"{"e":null}"#, r#"{"a":1}"#, r#"{"e":null,"a":1}"#),
        ("[1,2]", r#"{"a":"b","c":null}"#, r#"{"a":"b"}"#),
        ("{}", r#"{"a":{"bb":{"ccc":null}}}"#, r#"{"a":{"bb":{}}}"#),
    ];

    #[test]
    fn merge_follows_the_table_of_the_rfc_and_the_crate_that_merges_overrides() {
        for (original, patch, result) in MERGE_PATCHES {
            let [mut target, patch] = [original, patch].map(|text| read(text).0.expect("a document"));
            let mut json = target.to_json();
            json_patch::merge(&mut json, &patch.to_json());
            merge(&mut target, &patch);
            assert_eq!(target.to_json(), json_of(result), "{original}");
            assert_eq!(json, json_of(result), "{original}");
        }
    }

    #[test]
    fn merged_value_stands_where_it_was_written() {
        let [mut target, patch] =
            ["a: {x: 1}", "\na: {x: 2, y: {z: 3}}"].map(|text| read(text).0.expect("text"));
        merge(&mut target, &patch);
        assert_eq!(target.place_of(&["a", "x"]), Place { line: 2, column: 8 });
        assert_eq!(target.place_of(&["a", "y", "z"]), Place { line: 2, column: 18 });
    }
}
