//! What values a property takes.

use std::fmt;

use crate::record::{self, Group, Node, NodeId, Rule, Text, types};

/// The schema of a value: of all properties of a type, of one property, of an element.
#[derive(Clone, Copy)]
pub struct Schema {
    pub(crate) group: &'static Group,
    pub(crate) node: NodeId,
}

/// One property of a mapping.
#[derive(Debug, Clone, Copy)]
#[non_exhaustive]
pub struct Member {
    /// Whether CloudFormation refuses the mapping without it.
    pub is_required: bool,
    /// What values it takes.
    pub schema: Schema,
}

/// A kind of value. CloudFormation takes `"5"` for 5 and `"true"` for true, and numbers for texts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Kind {
    /// A text.
    String,
    /// A mapping.
    Object,
    /// A list.
    Array,
    /// A whole number.
    Integer,
    /// Any number.
    Number,
    /// True or false.
    Boolean,
}

/// One value of an enumeration.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Scalar {
    /// A text.
    Text(&'static str),
    /// A number.
    Number(f64),
    /// True or false.
    Boolean(bool),
}

impl fmt::Display for Scalar {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Text(text) => f.write_str(text),
            Self::Number(number) => write!(f, "{number}"),
            Self::Boolean(it) => write!(f, "{it}"),
        }
    }
}

/// Returns the payload of the first rule of a kind.
macro_rules! first {
    ($schema:expr, $rule:ident) => {
        $schema.rules().iter().find_map(|rule| if let Rule::$rule(it) = rule { Some(it) } else { None })
    };
}

impl Schema {
    fn record(self) -> &'static Node {
        &self.group.nodes[self.node as usize]
    }

    pub(crate) fn rules(self) -> &'static [Rule] {
        &self.record().rules
    }

    pub(crate) fn at(self, node: NodeId) -> Self {
        Self { node, ..self }
    }

    pub(crate) fn text(self, text: Text) -> &'static str {
        &self.group.texts[text as usize]
    }

    /// The kinds of values that it takes; none when the schema leaves that open.
    pub fn kinds(self) -> impl Iterator<Item = Kind> {
        const ALL: [(u8, Kind); 6] = [
            (types::STRING, Kind::String),
            (types::OBJECT, Kind::Object),
            (types::ARRAY, Kind::Array),
            (types::INTEGER, Kind::Integer),
            (types::NUMBER, Kind::Number),
            (types::BOOLEAN, Kind::Boolean),
        ];
        let bits = first!(self, Types).copied().unwrap_or_default();
        ALL.into_iter().filter(move |(bit, _)| bits & bit != 0).map(|(_, kind)| kind)
    }

    /// The properties that a mapping has by name, in order.
    pub fn members(self) -> impl Iterator<Item = (&'static str, Member)> {
        let named = first!(self, Properties).map(Vec::as_slice).unwrap_or_default();
        named.iter().map(move |(name, node)| {
            let name = self.text(*name);
            (name, Member { is_required: self.required().any(|it| it == name), schema: self.at(*node) })
        })
    }

    /// Names of the properties that a mapping must have, whatever else it has.
    pub fn required(self) -> impl Iterator<Item = &'static str> {
        let names = first!(self, Required).map(Vec::as_slice).unwrap_or_default();
        names.iter().map(move |name| self.text(*name))
    }

    /// True when a mapping may not have other properties than those that the schema names.
    #[must_use]
    pub fn is_closed(self) -> bool {
        self.rules().contains(&Rule::NoOtherProperties)
    }

    /// The schema of a list's elements; `None` when it is no list or its elements are left open.
    #[must_use]
    pub fn items(self) -> Option<Self> {
        first!(self, Items).map(|node| self.at(*node))
    }

    /// True when the order of a list's elements means nothing.
    #[must_use]
    pub fn is_unordered(self) -> bool {
        self.rules().contains(&Rule::Unordered)
    }

    /// The values that it takes, where they are enumerated; none when they are not.
    pub fn enumeration(self) -> impl Iterator<Item = Scalar> {
        let values = first!(self, Enum).or_else(|| first!(self, EnumCaseInsensitive));
        values.map(Vec::as_slice).unwrap_or_default().iter().map(move |it| self.scalar(it))
    }

    pub(crate) fn scalar(self, value: &record::Scalar) -> Scalar {
        match value {
            record::Scalar::Text(text) => Scalar::Text(self.text(*text)),
            record::Scalar::Number(number) => Scalar::Number(*number),
            record::Scalar::Boolean(it) => Scalar::Boolean(*it),
        }
    }

    /// The smallest number that it takes.
    #[must_use]
    pub fn minimum(self) -> Option<f64> {
        first!(self, Minimum).copied()
    }

    /// The largest number that it takes.
    #[must_use]
    pub fn maximum(self) -> Option<f64> {
        first!(self, Maximum).copied()
    }

    /// The smallest number of characters of a text.
    #[must_use]
    pub fn min_length(self) -> Option<u64> {
        first!(self, MinLength).copied()
    }

    /// The largest number of characters of a text.
    #[must_use]
    pub fn max_length(self) -> Option<u64> {
        first!(self, MaxLength).copied()
    }

    /// The smallest number of elements of a list.
    #[must_use]
    pub fn min_items(self) -> Option<u64> {
        first!(self, MinItems).copied()
    }

    /// The largest number of elements of a list.
    #[must_use]
    pub fn max_items(self) -> Option<u64> {
        first!(self, MaxItems).copied()
    }

    /// The regular expression that a text matches somewhere, in the dialect of ECMA 262.
    #[must_use]
    pub fn pattern(self) -> Option<&'static str> {
        first!(self, Pattern).map(|text| self.text(*text))
    }

    /// What a text means, such as `date-time` or `AWS::IAM::Role.Arn`.
    #[must_use]
    pub fn format(self) -> Option<&'static str> {
        first!(self, Format).map(|text| self.text(*text))
    }

    /// Finds what lies at a path below, steps joined by dots; elements of lists are `*` or a number.
    #[must_use]
    pub fn find(self, path: &str) -> Option<Member> {
        let (step, rest) = path.split_once('.').map_or((path, None), |(step, rest)| (step, Some(rest)));
        let found = self.step(step)?;
        match rest {
            Some(rest) => found.schema.find(rest),
            None => Some(found),
        }
    }

    fn step(self, step: &str) -> Option<Member> {
        let is_element = step == "*" || (!step.is_empty() && step.bytes().all(|it| it.is_ascii_digit()));
        let open = |node: &NodeId| Member { is_required: false, schema: self.at(*node) };
        let named = self.members().find(|(name, _)| *name == step).map(|(_, member)| member);
        named.or_else(|| {
            self.rules().iter().find_map(|rule| match rule {
                Rule::Items(node) if is_element => Some(open(node)),
                // Which of several patterns a name matches is not asked: the first one stands for them.
                Rule::PatternProperties(named) => named.first().map(|(_, node)| open(node)),
                Rule::OtherProperties(node) => Some(open(node)),
                Rule::AllOf(nodes) | Rule::AnyOf(nodes) | Rule::OneOf(nodes) => {
                    nodes.iter().find_map(|node| self.at(*node).step(step))
                }
                _ => None,
            })
        })
    }
}

impl fmt::Debug for Schema {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Schema").field("kinds", &self.kinds().collect::<Vec<_>>()).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::resource_type;

    fn member(name: &str, path: &str) -> Member {
        resource_type(name).and_then(|it| it.property(path)).expect("a known property")
    }

    #[test]
    fn property_tells_kind_and_range() {
        let memory = member("AWS::Lambda::Function", "MemorySize").schema;
        assert_eq!(memory.kinds().collect::<Vec<_>>(), [Kind::Integer]);
        assert_eq!(memory.minimum(), Some(128.0));
        assert_eq!(member("AWS::Lambda::Function", "Timeout").schema.minimum(), Some(1.0));
    }

    #[test]
    fn path_leads_through_lists_and_mappings() {
        let name = member("AWS::DynamoDB::Table", "GlobalSecondaryIndexes.0.IndexName");
        assert!(name.is_required);
        assert_eq!(
            name.schema.min_length(),
            member("AWS::DynamoDB::Table", "GlobalSecondaryIndexes.*.IndexName").schema.min_length()
        );
        let variable = member("AWS::Lambda::Function", "Environment.Variables.QUEUE_URL");
        assert!(!variable.is_required);
        assert!(resource_type("AWS::Lambda::Function").and_then(|it| it.property("Code.S3Keys")).is_none());
    }

    #[test]
    fn enumeration_is_listed() {
        let modes = member("AWS::Lambda::Function", "TracingConfig.Mode").schema;
        let values: Vec<String> = modes.enumeration().map(|it| it.to_string()).collect();
        assert_eq!(values, ["Active", "PassThrough"]);
    }

    #[test]
    fn schema_that_holds_itself_is_read() {
        let statement = "AndStatement.Statements.0.NotStatement.Statement.OrStatement.Statements.1";
        assert!(
            resource_type("AWS::WAFv2::WebACL")
                .and_then(|it| it.property(&format!("Rules.0.Statement.{statement}")))
                .is_some()
        );
    }
}
