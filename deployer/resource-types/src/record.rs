//! What the table holds, as it is written and read.
//!
//! Texts and schemas are stored once in a group and named by their index in it.

use serde::{Deserialize, Serialize};

/// Index of a text in its group.
pub(crate) type Text = u32;

/// Index of a schema in its group.
pub(crate) type NodeId = u32;

/// The front of the table: which group holds a type, and where the group's bytes are.
#[derive(Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct Index {
    /// Version of the package that the schemas come from, as `1.58.0`.
    pub(crate) version: String,
    /// When AWS's schemas were read, in RFC 3339.
    pub(crate) schema_date: String,
    /// Names of the Regions; a type's `regions` has one bit for each, the first one lowest.
    pub(crate) regions: Vec<String>,
    /// The groups in the order of their bytes.
    pub(crate) groups: Vec<GroupEntry>,
}

/// One group in the index.
#[derive(Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct GroupEntry {
    /// What the names of its types begin with, as `AWS::SQS::`.
    pub(crate) prefix: String,
    /// Rest of the names of its types, in order.
    pub(crate) names: Vec<String>,
    /// Length of its compressed bytes.
    pub(crate) compressed: u32,
    /// Length of its bytes.
    pub(crate) length: u32,
}

/// The types of one service.
#[derive(Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct Group {
    pub(crate) texts: Vec<Box<str>>,
    pub(crate) nodes: Vec<Node>,
    /// In the order of the index's names.
    pub(crate) types: Vec<Type>,
}

/// One resource type. Paths are below the properties, their steps joined by dots; `*` is any element of a list.
#[derive(Debug, Default, PartialEq, Serialize, Deserialize)]
pub(crate) struct Type {
    pub(crate) root: NodeId,
    pub(crate) create_only: Vec<Text>,
    pub(crate) conditional_create_only: Vec<Text>,
    pub(crate) read_only: Vec<Text>,
    pub(crate) write_only: Vec<Text>,
    pub(crate) deprecated: Vec<Text>,
    pub(crate) primary_identifier: Vec<Text>,
    pub(crate) additional_identifiers: Vec<Vec<Text>>,
    /// Return values of `Fn::GetAtt`; `Outputs.*` is any output, `*` anything.
    pub(crate) attributes: Vec<Text>,
    pub(crate) tagging: Option<Tagging>,
    /// Empty for a type that is not in the registry.
    pub(crate) handlers: Vec<Handler>,
    pub(crate) replacement: Option<ReplacementOrder>,
    /// Bit set over the index's Regions.
    pub(crate) regions: u64,
    pub(crate) lifecycle: Option<Lifecycle>,
    pub(crate) deletion: Option<DataOnDeletion>,
}

/// How a type is tagged.
#[derive(Debug, Default, PartialEq, Serialize, Deserialize)]
pub(crate) struct Tagging {
    pub(crate) taggable: bool,
    pub(crate) tag_on_create: bool,
    pub(crate) tag_updatable: bool,
    pub(crate) cloudformation_system_tags: bool,
    pub(crate) property: Option<Text>,
}

/// IAM actions of one handler.
#[derive(Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct Handler {
    pub(crate) operation: Operation,
    pub(crate) permissions: Vec<Text>,
}

/// What a handler of a resource type does.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum Operation {
    /// Makes the resource.
    Create,
    /// Reads its current state.
    Read,
    /// Changes it in place.
    Update,
    /// Deletes it.
    Delete,
    /// Lists all resources of the type.
    List,
}

/// In which order a replacement is done.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum ReplacementOrder {
    /// The new resource is made first, CloudFormation's default.
    CreateThenDelete,
    /// The old resource is deleted first.
    DeleteThenCreate,
}

/// The end of a service.
#[derive(Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct Lifecycle {
    pub(crate) status: Text,
    pub(crate) date: Text,
}

/// What the deletion of a stateful resource does to what users put into it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum DataOnDeletion {
    /// The data is deleted with the resource.
    Deleted,
    /// The deletion fails as long as the resource holds data.
    MustBeEmpty,
}

/// One schema: the values that it takes meet all of its rules.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub(crate) struct Node {
    pub(crate) rules: Vec<Rule>,
}

/// A rule of JSON Schema, draft 7, with the additions that the source makes.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) enum Rule {
    /// Bit set of [`types`].
    Types(u8),
    Properties(Vec<(Text, NodeId)>),
    PatternProperties(Vec<(Text, NodeId)>),
    /// Other properties than those named are refused.
    NoOtherProperties,
    OtherProperties(NodeId),
    Required(Vec<Text>),
    /// Exactly one of the properties.
    RequiredXor(Vec<Text>),
    /// At least one of the properties.
    RequiredOr(Vec<Text>),
    /// Where the property is, the others are, too.
    DependentRequired(Vec<(Text, Vec<Text>)>),
    /// Where the property is, the others are not.
    DependentExcluded(Vec<(Text, Vec<Text>)>),
    Items(NodeId),
    PrefixItems(Vec<NodeId>),
    UniqueItems,
    /// The order of the elements means nothing.
    Unordered,
    MinItems(u64),
    MaxItems(u64),
    MinProperties(u64),
    MaxProperties(u64),
    MinLength(u64),
    MaxLength(u64),
    Minimum(f64),
    Maximum(f64),
    ExclusiveMinimum(f64),
    ExclusiveMaximum(f64),
    MultipleOf(f64),
    Pattern(Text),
    Format(Text),
    Enum(Vec<Scalar>),
    EnumCaseInsensitive(Vec<Scalar>),
    AllOf(Vec<NodeId>),
    AnyOf(Vec<NodeId>),
    OneOf(Vec<NodeId>),
    Not(NodeId),
    If(NodeId, Option<NodeId>, Option<NodeId>),
}

/// One value of an enumeration.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) enum Scalar {
    Text(Text),
    Number(f64),
    Boolean(bool),
}

/// Bits of [`Rule::Types`].
pub(crate) mod types {
    pub(crate) const STRING: u8 = 1;
    pub(crate) const OBJECT: u8 = 2;
    pub(crate) const ARRAY: u8 = 4;
    pub(crate) const INTEGER: u8 = 8;
    pub(crate) const NUMBER: u8 = 16;
    pub(crate) const BOOLEAN: u8 = 32;
}
