//! One resource type and what is known about it.

use std::fmt;

use crate::record::{DataOnDeletion, Operation, ReplacementOrder, Text, Type};
use crate::schema::{Member, Schema};
use crate::table::{Found, table};

/// Finds a resource type by its name, such as `AWS::SQS::Queue`.
///
/// `None` for what the table does not hold: third-party types, modules, custom resources, types that AWS published
/// after [`source`], and misspelt names.
#[must_use]
pub fn resource_type(name: &str) -> Option<ResourceType> {
    table().find(name).map(ResourceType)
}

/// Lists the names of all resource types, in order of service and name.
pub fn resource_type_names() -> impl Iterator<Item = String> {
    let groups = table().index.groups.iter();
    groups.flat_map(|group| group.names.iter().map(|name| format!("{}{name}", group.prefix)))
}

/// Tells where the table comes from.
#[must_use]
pub fn source() -> Source {
    let index = &table().index;
    Source { cfn_lint_version: &index.version, schema_date: &index.schema_date }
}

/// Where the table comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct Source {
    /// Version of the package that carries the schemas, such as `1.58.0`.
    pub cfn_lint_version: &'static str,
    /// When the package read them from AWS, in RFC 3339.
    pub schema_date: &'static str,
}

/// What CloudFormation does with a resource when a property changes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum UpdateBehavior {
    /// The resource stays. The schemas do not tell whether it is interrupted.
    NoReplacement,
    /// Whether a new resource takes its place is not known: the table does not know the property, or the type has no
    /// handler for updates.
    Unknown,
    /// A new resource may take its place, depending on the values.
    MayReplace,
    /// A new resource with a new physical ID takes its place.
    Replacement,
}

/// How resources of a type are tagged.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct Tagging {
    /// They can have tags.
    pub taggable: bool,
    /// Tags can be given when they are created.
    pub tag_on_create: bool,
    /// Tags can be changed later.
    pub tag_updatable: bool,
    /// CloudFormation puts its `aws:cloudformation:` tags on them.
    pub cloudformation_system_tags: bool,
    /// Path of the property that holds the tags; `None` when the schema does not name it.
    pub property: Option<&'static str>,
}

/// The announced end of a service.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct Lifecycle {
    /// `maintenance` (no new customers) or `sunset` (no use at all).
    pub status: &'static str,
    /// When it begins, as `2026-09-30`.
    pub date: &'static str,
}

/// A resource type of CloudFormation.
#[derive(Clone, Copy)]
pub struct ResourceType(Found);

impl ResourceType {
    fn record(self) -> &'static Type {
        &self.0.group.types[self.0.position]
    }

    fn text(self, text: Text) -> &'static str {
        &self.0.group.texts[text as usize]
    }

    fn texts(self, texts: &'static [Text]) -> impl Iterator<Item = &'static str> {
        texts.iter().map(move |text| self.text(*text))
    }

    /// Tells the name, such as `AWS::SQS::Queue`.
    #[must_use]
    pub fn name(self) -> String {
        format!("{}{}", self.0.entry.prefix, self.0.entry.names[self.0.position])
    }

    /// True for a type that is no resource of CloudFormation's own but is expanded by the transform
    /// `AWS::Serverless-2016-10-31`.
    #[must_use]
    pub fn is_serverless(self) -> bool {
        self.0.entry.prefix == "AWS::Serverless::"
    }

    /// The schema of the properties.
    #[must_use]
    pub fn properties(self) -> Schema {
        Schema { group: self.0.group, node: self.record().root }
    }

    /// Finds a property by its path, such as `RedrivePolicy` or `Code.S3Key`; elements of lists are `*` or a number.
    #[must_use]
    pub fn property(self, path: &str) -> Option<Member> {
        self.properties().find(path)
    }

    /// What a change of the property at the path does to the resource, of the whole property or of something in it.
    ///
    /// Paths are those of [`property`](Self::property). A change of a mapping or list in which only a part is
    /// create-only may replace.
    /// Source: the schemas' `createOnlyProperties` and `conditionalCreateOnlyProperties`.
    #[must_use]
    pub fn update_behavior(self, path: &str) -> UpdateBehavior {
        let record = self.record();
        let any = |list: &'static [Text], relation: fn(&str, &str) -> bool| {
            self.texts(list).any(|pattern| relation(pattern, path))
        };
        let (create_only, conditional) = (&record.create_only, &record.conditional_create_only);
        if any(create_only, covers) {
            return UpdateBehavior::Replacement;
        }
        let is_conditional = |relation| any(create_only, relation) || any(conditional, relation);
        if any(conditional, covers) || is_conditional(lies_below) {
            return UpdateBehavior::MayReplace;
        }
        if self.is_serverless() || !self.has_update() || self.property(path).is_none() {
            return UpdateBehavior::Unknown;
        }
        UpdateBehavior::NoReplacement
    }

    /// False when the registry has handlers of the type but none for updates.
    fn has_update(self) -> bool {
        let handlers = &self.record().handlers;
        handlers.is_empty() || handlers.iter().any(|it| it.operation == Operation::Update)
    }

    /// Paths of the properties that can be set at creation only.
    pub fn create_only(self) -> impl Iterator<Item = &'static str> {
        self.texts(&self.record().create_only)
    }

    /// Paths of the properties a change of which replaces the resource under conditions that the schema does not tell.
    pub fn conditionally_create_only(self) -> impl Iterator<Item = &'static str> {
        self.texts(&self.record().conditional_create_only)
    }

    /// Paths of the properties that only AWS sets.
    pub fn read_only(self) -> impl Iterator<Item = &'static str> {
        self.texts(&self.record().read_only)
    }

    /// Paths of the properties that AWS never returns, such as passwords.
    pub fn write_only(self) -> impl Iterator<Item = &'static str> {
        self.texts(&self.record().write_only)
    }

    /// Paths of the properties that AWS has deprecated.
    pub fn deprecated(self) -> impl Iterator<Item = &'static str> {
        self.texts(&self.record().deprecated)
    }

    /// True when only AWS sets the property at the path.
    #[must_use]
    pub fn is_read_only(self, path: &str) -> bool {
        self.read_only().any(|pattern| covers(pattern, path))
    }

    /// True when AWS never returns the property at the path.
    #[must_use]
    pub fn is_write_only(self, path: &str) -> bool {
        self.write_only().any(|pattern| covers(pattern, path))
    }

    /// Paths of the properties that name a resource for AWS, in order; most types have one.
    pub fn primary_identifier(self) -> impl Iterator<Item = &'static str> {
        self.texts(&self.record().primary_identifier)
    }

    /// Other sets of properties that name a resource.
    pub fn additional_identifiers(self) -> impl Iterator<Item = Vec<&'static str>> {
        self.record().additional_identifiers.iter().map(move |it| self.texts(it).collect())
    }

    /// The return values of `Fn::GetAtt`; `Outputs.*` stands for every output of a nested stack,
    /// `*` for whatever the provider of a custom resource sends.
    pub fn attributes(self) -> impl Iterator<Item = &'static str> {
        self.texts(&self.record().attributes)
    }

    /// True when `Fn::GetAtt` takes the name, or a part of it.
    #[must_use]
    pub fn has_attribute(self, name: &str) -> bool {
        self.attributes().any(|known| covers(known, name))
    }

    /// The IAM actions that the handler of an operation calls, in order; none when the registry has no such handler.
    pub fn handler_permissions(self, operation: Operation) -> impl Iterator<Item = &'static str> {
        let handlers = self.record().handlers.iter().filter(move |it| it.operation == operation);
        handlers.flat_map(move |it| self.texts(&it.permissions))
    }

    /// True when the registry tells what the type's handlers do; false for types that CloudFormation handles itself.
    #[must_use]
    pub fn has_handlers(self) -> bool {
        !self.record().handlers.is_empty()
    }

    /// In which order a replacement is done; `None` when the schema does not tell.
    #[must_use]
    pub fn replacement_order(self) -> Option<ReplacementOrder> {
        self.record().replacement
    }

    /// How the type is tagged; `None` when the schema does not tell.
    #[must_use]
    pub fn tagging(self) -> Option<Tagging> {
        self.record().tagging.as_ref().map(|it| Tagging {
            taggable: it.taggable,
            tag_on_create: it.tag_on_create,
            tag_updatable: it.tag_updatable,
            cloudformation_system_tags: it.cloudformation_system_tags,
            property: it.property.map(|text| self.text(text)),
        })
    }

    /// Regions in which the type is available, as far as the source lists them.
    pub fn regions(self) -> impl Iterator<Item = &'static str> {
        let bits = self.record().regions;
        let regions = table().index.regions.iter().enumerate();
        regions.filter(move |(bit, _)| bits >> bit & 1 == 1).map(|(_, name)| name.as_str())
    }

    /// Whether the type is available in a Region; `None` for a Region that the source does not list, and for the types
    /// of a transform.
    #[must_use]
    pub fn is_available_in(self, region: &str) -> Option<bool> {
        let bit = table().index.regions.iter().position(|known| known == region)?;
        (!self.is_serverless()).then(|| self.record().regions >> bit & 1 == 1)
    }

    /// What the deletion of a resource does to what users put into it; `None` for a type that holds nothing of theirs.
    /// Source: cfn-lint's list of stateful resources, and the overlay.
    #[must_use]
    pub fn data_on_deletion(self) -> Option<DataOnDeletion> {
        self.record().deletion
    }

    /// True when resources of the type hold what users put into them.
    #[must_use]
    pub fn is_stateful(self) -> bool {
        self.data_on_deletion().is_some()
    }

    /// The announced end of the service; `None` when the source tells of none.
    #[must_use]
    pub fn lifecycle(self) -> Option<Lifecycle> {
        let lifecycle = self.record().lifecycle.as_ref()?;
        Some(Lifecycle { status: self.text(lifecycle.status), date: self.text(lifecycle.date) })
    }
}

impl fmt::Debug for ResourceType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("ResourceType").field(&self.name()).finish()
    }
}

/// True when the path is that of the pattern or lies below it.
fn covers(pattern: &str, path: &str) -> bool {
    let mut steps = path.split('.');
    pattern.split('.').all(|wanted| steps.next().is_some_and(|step| wanted == "*" || step == wanted))
}

/// True when the pattern lies below the path.
fn lies_below(pattern: &str, path: &str) -> bool {
    let mut wanted = pattern.split('.');
    let is_above = path.split('.').all(|step| wanted.next().is_some_and(|it| it == "*" || step == it));
    is_above && wanted.next().is_some()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(name: &str) -> ResourceType {
        resource_type(name).expect("a known type")
    }

    #[test]
    fn every_type_of_the_index_is_found_by_its_name() {
        let names: Vec<String> = resource_type_names().collect();
        assert!(names.len() > 1_800, "{}", names.len());
        assert!(names.iter().all(|name| resource_type(name).is_some_and(|it| it.name() == *name)));
    }

    #[test]
    fn unknown_names_are_not_found() {
        for name in ["AWS::SQS::Queues", "Org::Team::Thing::MODULE", "Custom::Thing", "AWS", ""] {
            assert!(resource_type(name).is_none(), "{name}");
        }
    }

    #[test]
    fn create_only_properties_replace() {
        assert_eq!(of("AWS::RDS::DBInstance").update_behavior("MasterUsername"), UpdateBehavior::Replacement);
        assert_eq!(of("AWS::Kinesis::Stream").update_behavior("Name"), UpdateBehavior::Replacement);
        assert_eq!(of("AWS::EFS::FileSystem").update_behavior("Encrypted"), UpdateBehavior::Replacement);
        assert_eq!(of("AWS::ApiGateway::Resource").update_behavior("PathPart"), UpdateBehavior::Replacement);
        assert_eq!(of("AWS::SQS::Queue").update_behavior("DelaySeconds"), UpdateBehavior::NoReplacement);
    }

    #[test]
    fn mapping_with_a_create_only_part_may_replace_as_a_whole() {
        let cluster = of("AWS::EKS::Cluster");
        let part =
            cluster.create_only().find(|path| path.contains('.')).expect("a nested create-only property");
        let (whole, _) = part.split_once('.').expect("a path of two steps");
        assert_eq!(cluster.update_behavior(whole), UpdateBehavior::MayReplace);
        assert_eq!(cluster.update_behavior(&part.replace('*', "0")), UpdateBehavior::Replacement);
    }

    #[test]
    fn unknown_property_and_serverless_types_are_unknown() {
        assert_eq!(of("AWS::SQS::Queue").update_behavior("Colour"), UpdateBehavior::Unknown);
        assert_eq!(of("AWS::Serverless::Function").update_behavior("Timeout"), UpdateBehavior::Unknown);
    }

    #[test]
    fn return_values_are_those_of_the_reference() {
        let queue = of("AWS::SQS::Queue");
        assert!(queue.has_attribute("Arn") && queue.has_attribute("QueueName"));
        assert!(!queue.has_attribute("Url"));
        assert!(of("AWS::CloudFormation::Stack").has_attribute("Outputs.Anything"));
        assert!(!of("AWS::CloudFormation::Stack").has_attribute("Anything"));
        assert!(of("AWS::CloudFormation::CustomResource").has_attribute("Anything"));
        assert!(of("AWS::RDS::DBInstance").has_attribute("Endpoint.Address"));
    }

    #[test]
    fn identifier_tagging_handlers_and_regions() {
        let queue = of("AWS::SQS::Queue");
        assert_eq!(queue.primary_identifier().collect::<Vec<_>>(), ["QueueUrl"]);
        assert_eq!(queue.tagging().and_then(|it| it.property), Some("Tags"));
        let delete: Vec<_> = queue.handler_permissions(Operation::Delete).collect();
        assert_eq!(delete, ["sqs:DeleteQueue", "sqs:GetQueueAttributes"]);
        assert_eq!(queue.is_available_in("eu-central-1"), Some(true));
        assert_eq!(queue.is_available_in("mars-north-1"), None);
        assert_eq!(of("AWS::DeviceFarm::Project").is_available_in("eu-central-1"), Some(false));
    }

    #[test]
    fn statefulness_tells_what_deletion_does_to_the_data() {
        assert_eq!(of("AWS::RDS::DBInstance").data_on_deletion(), Some(DataOnDeletion::Deleted));
        assert_eq!(of("AWS::S3::Bucket").data_on_deletion(), Some(DataOnDeletion::MustBeEmpty));
        assert_eq!(of("AWS::IAM::Role").data_on_deletion(), None);
        assert!(!of("AWS::Logs::LogGroup").is_stateful());
    }
}
