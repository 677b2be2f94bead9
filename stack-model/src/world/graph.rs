//! The resources of one world and what they say of each other.

use std::cell::{OnceCell, RefCell};
use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::rc::Rc;

use serde_json::Value as Json;

use super::expansion::is_replaced;
use super::intrinsic::to_text;
use super::naming::{Index, Naming};
use super::text_of;
use crate::reference::find_references;
use crate::template::{Template, TemplateResource};

/// What a template tells about a question.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Answer {
    /// It is so.
    Yes,
    /// It is not so.
    No,
    /// The template does not tell; a law keeps silent.
    Unknown,
}

impl Answer {
    /// `Yes` if one is, else `Unknown` if one is, else `No`.
    pub(crate) fn any(answers: impl IntoIterator<Item = Self>) -> Self {
        answers.into_iter().fold(Self::No, |all, one| match (all, one) {
            (Self::Yes, _) | (_, Self::Yes) => Self::Yes,
            (Self::Unknown, _) | (_, Self::Unknown) => Self::Unknown,
            _ => Self::No,
        })
    }
}

impl From<bool> for Answer {
    fn from(holds: bool) -> Self {
        if holds { Self::Yes } else { Self::No }
    }
}

/// What stands at a path of properties.
pub(crate) enum Found<'a> {
    Absent,
    /// Behind a function that is not resolved.
    Unknown,
    Value(&'a Json),
}

/// The template of one world, with the questions that laws ask.
///
/// Laws ask the same of every resource of a type, so each answer that takes a look at all resources is worked out
/// once: when it is first asked for, as few templates have something of everything.
pub(crate) struct Graph {
    template: Template,
    by_type: BTreeMap<String, Vec<String>>,
    /// Logical IDs, in their order, by the physical name that the author chose.
    by_name: BTreeMap<String, Vec<String>>,
    dependencies: OnceCell<BTreeMap<String, Vec<String>>>,
    queue_mappings: OnceCell<Vec<MappingIds>>,
    /// By type of the resources that name others.
    namings: RefCell<BTreeMap<&'static str, Rc<Index>>>,
}

/// Logical IDs of a [`QueueMapping`].
struct MappingIds {
    mapping: String,
    queue: String,
    function: Option<String>,
}

impl Graph {
    pub(crate) fn new(template: Template) -> Self {
        let mut by_type: BTreeMap<String, Vec<String>> = BTreeMap::new();
        let mut by_name: BTreeMap<String, Vec<String>> = BTreeMap::new();
        for resource in template.resources() {
            let logical_id = resource.logical_id.to_owned();
            if let Some(name) = physical_name(resource) {
                by_name.entry(name).or_default().push(logical_id.clone());
            }
            by_type.entry(resource.resource_type().to_owned()).or_default().push(logical_id);
        }
        let (dependencies, queue_mappings, namings) = Default::default();
        Self { template, by_type, by_name, dependencies, queue_mappings, namings }
    }

    pub(crate) fn resources(&self) -> impl Iterator<Item = TemplateResource<'_>> {
        self.template.resources()
    }

    /// The resource of that logical ID.
    pub(crate) fn resource(&self, logical_id: &str) -> Option<TemplateResource<'_>> {
        self.template.resource(logical_id)
    }

    /// Whether the template has the resource.
    pub(crate) fn has(&self, logical_id: &str) -> bool {
        self.template.resource(logical_id).is_some()
    }

    /// The resources of a type, in order of logical ID.
    pub(crate) fn of_type(&self, resource_type: &str) -> impl Iterator<Item = TemplateResource<'_>> {
        let ids = self.by_type.get(resource_type).into_iter().flatten();
        ids.filter_map(|id| self.template.resource(id))
    }

    /// The tables, also those with replicas in other Regions.
    pub(crate) fn tables(&self) -> impl Iterator<Item = TemplateResource<'_>> {
        ["AWS::DynamoDB::GlobalTable", "AWS::DynamoDB::Table"].into_iter().flat_map(|it| self.of_type(it))
    }

    /// The resource of a type at a position among these.
    pub(super) fn nth_of_type(&self, resource_type: &str, position: usize) -> Option<TemplateResource<'_>> {
        self.template.resource(self.by_type.get(resource_type)?.get(position)?)
    }

    /// What the resources of a type name.
    pub(super) fn index(&self, naming: &'static Naming) -> Rc<Index> {
        if let Some(known) = self.namings.borrow().get(naming.resource_type) {
            return Rc::clone(known);
        }
        let index = Rc::new(Index::new(self, naming));
        self.namings.borrow_mut().insert(naming.resource_type, Rc::clone(&index));
        index
    }

    /// The one resource that a value names, by reference or by an ARN made of a known name.
    pub(crate) fn named(&self, value: &Json) -> Option<TemplateResource<'_>> {
        let text = to_text(value)?;
        let mut mentioned = references(&text).into_iter().filter_map(|(id, _)| self.template.resource(id));
        match (mentioned.next(), mentioned.next()) {
            (Some(one), None) => Some(one),
            (Some(one), Some(two)) if one.logical_id == two.logical_id => Some(one),
            (None, _) => self.with_name(&text),
            _ => None,
        }
    }

    /// The first resource whose name the text is or, as an ARN, ends with.
    fn with_name(&self, text: &str) -> Option<TemplateResource<'_>> {
        let ends = text.match_indices([':', '/']).map(|(at, _)| &text[at + 1..]);
        let ids = std::iter::once(text).chain(ends).filter_map(|name| self.by_name.get(name)).flatten();
        let resources = ids.filter_map(|id| self.template.resource(id));
        resources.filter(|resource| has_name(*resource, text)).min_by_key(|resource| resource.logical_id)
    }

    /// The resource of that type that a property names.
    pub(crate) fn target(
        &self,
        resource: TemplateResource<'_>,
        path: &str,
        resource_type: &str,
    ) -> Option<TemplateResource<'_>> {
        self.named(value(resource, path)?).filter(|target| target.resource_type() == resource_type)
    }

    /// The function that a property names, also through an alias or a version.
    pub(crate) fn function(
        &self,
        resource: TemplateResource<'_>,
        path: &str,
    ) -> Option<TemplateResource<'_>> {
        self.function_named(value(resource, path)?)
    }

    /// The function that a value names, also through an alias or a version.
    pub(crate) fn function_named(&self, json: &Json) -> Option<TemplateResource<'_>> {
        let named = self.named(json)?;
        match named.resource_type() {
            "AWS::Lambda::Function" => Some(named),
            "AWS::Lambda::Alias" | "AWS::Lambda::Version" => self
                .named(named.property("FunctionName")?)
                .filter(|it| it.resource_type() == "AWS::Lambda::Function"),
            _ => None,
        }
    }

    /// The event source mappings from queues of this template, with queue and function.
    pub(crate) fn queue_mappings(&self) -> Vec<QueueMapping<'_>> {
        let known = self.queue_mappings.get_or_init(|| self.find_queue_mappings());
        let mappings = known.iter().filter_map(|ids| {
            Some(QueueMapping {
                mapping: self.resource(&ids.mapping)?,
                queue: self.resource(&ids.queue)?,
                function: ids.function.as_deref().and_then(|id| self.resource(id)),
            })
        });
        mappings.collect()
    }

    fn find_queue_mappings(&self) -> Vec<MappingIds> {
        let id_of = |resource: TemplateResource<'_>| resource.logical_id.to_owned();
        let mappings = self.of_type("AWS::Lambda::EventSourceMapping").filter_map(|mapping| {
            let queue = self.target(mapping, "EventSourceArn", "AWS::SQS::Queue")?;
            let function = self.function(mapping, "FunctionName").map(id_of);
            Some(MappingIds { mapping: id_of(mapping), queue: id_of(queue), function })
        });
        mappings.collect()
    }

    /// The queues where failures end, each once: of source queues, of asynchronous events, of subscriptions, of rules.
    pub(crate) fn failure_queues(&self) -> Vec<TemplateResource<'_>> {
        const PLACES: [(&str, &str); 3] = [
            ("AWS::SQS::Queue", "RedrivePolicy.deadLetterTargetArn"),
            ("AWS::Lambda::EventInvokeConfig", "DestinationConfig.OnFailure.Destination"),
            ("AWS::Lambda::Function", "DeadLetterConfig.TargetArn"),
        ];
        let mut found: Vec<TemplateResource<'_>> = PLACES
            .iter()
            .flat_map(|(resource_type, path)| {
                self.of_type(resource_type).map(move |resource| (resource, path))
            })
            .filter_map(|(resource, path)| value(resource, path))
            .chain(self.delivery_failures())
            .filter_map(|arn| self.named(arn))
            .filter(|named| named.resource_type() == "AWS::SQS::Queue")
            .collect();
        found.sort_unstable_by_key(|queue| queue.logical_id);
        found.dedup_by_key(|queue| queue.logical_id);
        found
    }

    /// Which resources of the template each resource needs to be settled first, as far as that is certain.
    pub(crate) fn certain_dependencies(&self) -> BTreeMap<&str, BTreeSet<&str>> {
        let needed = self.needed().iter().filter_map(|(id, needed)| {
            let resource = self.resource(id).filter(|it| !is_replaced(*it) && !has_open_branch(it.json))?;
            let targets = needed.iter().filter_map(|target| Some(self.resource(target)?.logical_id));
            Some((resource.logical_id, targets.collect()))
        });
        needed.collect()
    }

    fn needed(&self) -> &BTreeMap<String, Vec<String>> {
        self.dependencies.get_or_init(|| dependencies(&self.template))
    }

    /// Whether CloudFormation settles one of `earlier` before `later`, by references and `DependsOn`.
    pub(crate) fn settles_one_before(&self, earlier: &[TemplateResource<'_>], later: &str) -> bool {
        let needed = self.needed();
        let earlier: BTreeSet<&str> = earlier.iter().map(|resource| resource.logical_id).collect();
        // What is named directly comes first: it is what people wait for.
        let mut waiting = VecDeque::from([later]);
        let mut seen = BTreeSet::new();
        while let Some(id) = waiting.pop_front() {
            if earlier.contains(id) {
                return true;
            }
            if seen.insert(id) {
                waiting.extend(needed.get(id).into_iter().flatten().map(String::as_str));
            }
        }
        false
    }
}

/// Whether something hangs on a condition that is not decided.
fn has_open_branch(json: &Json) -> bool {
    match json {
        Json::Object(object) => object.iter().any(|(name, json)| name == "Fn::If" || has_open_branch(json)),
        Json::Array(elements) => elements.iter().any(has_open_branch),
        _ => false,
    }
}

/// What each resource needs to be settled first.
fn dependencies(template: &Template) -> BTreeMap<String, Vec<String>> {
    let of = |resource: TemplateResource<'_>| {
        let needed = find_references(resource.json).into_iter().filter(|it| it.kind.is_dependency());
        (resource.logical_id.to_owned(), needed.map(|reference| reference.target).collect())
    };
    template.resources().map(of).collect()
}

/// A queue of the template and who consumes it.
#[derive(Clone, Copy)]
pub(crate) struct QueueMapping<'a> {
    pub(crate) mapping: TemplateResource<'a>,
    pub(crate) queue: TemplateResource<'a>,
    /// `None` when the function is outside the template or not known.
    pub(crate) function: Option<TemplateResource<'a>>,
}

/// What stands at a dotted path below `Properties`.
pub(crate) fn find<'a>(resource: TemplateResource<'a>, path: &str) -> Found<'a> {
    let Some(mut json) = resource.attribute("Properties") else { return Found::Absent };
    for name in path.split('.') {
        if is_unresolved(json) {
            return Found::Unknown;
        }
        match json.get(name) {
            Some(below) => json = below,
            None => return Found::Absent,
        }
    }
    Found::Value(json)
}

/// The value at a dotted path below `Properties`, when there is one.
pub(crate) fn value<'a>(resource: TemplateResource<'a>, path: &str) -> Option<&'a Json> {
    match find(resource, path) {
        Found::Value(json) => Some(json),
        Found::Absent | Found::Unknown => None,
    }
}

/// Whether something stands at the path.
pub(crate) fn is_set(resource: TemplateResource<'_>, path: &str) -> Answer {
    match find(resource, path) {
        Found::Value(_) => Answer::Yes,
        Found::Absent => Answer::No,
        Found::Unknown => Answer::Unknown,
    }
}

/// A whole number, `default` when absent, `None` when not known.
pub(crate) fn number(resource: TemplateResource<'_>, path: &str, default: u64) -> Option<u64> {
    match find(resource, path) {
        Found::Absent => Some(default),
        Found::Unknown => None,
        Found::Value(json) => as_number(json),
    }
}

/// A whole number, written as number or as text.
pub(crate) fn as_number(json: &Json) -> Option<u64> {
    json.as_u64().or_else(|| json.as_str()?.trim().parse().ok())
}

/// A flag; absent is `No`.
pub(crate) fn flag(resource: TemplateResource<'_>, path: &str) -> Answer {
    match find(resource, path) {
        Found::Absent => Answer::No,
        Found::Unknown => Answer::Unknown,
        Found::Value(json) => match text_of(json).as_deref() {
            Some("true") => Answer::Yes,
            Some("false") => Answer::No,
            _ => Answer::Unknown,
        },
    }
}

/// A text; `None` when absent or not known.
pub(crate) fn text<'a>(resource: TemplateResource<'a>, path: &str) -> Option<&'a str> {
    value(resource, path)?.as_str()
}

/// The elements of a list; a single value counts as a list of one.
pub(crate) fn elements<'a>(resource: TemplateResource<'a>, path: &str) -> Vec<&'a Json> {
    value(resource, path).map(one_or_many).unwrap_or_default()
}

/// The elements of a list; a single value counts as a list of one.
pub(crate) fn one_or_many(json: &Json) -> Vec<&Json> {
    match json {
        Json::Array(elements) => elements.iter().collect(),
        one => vec![one],
    }
}

/// Whether a value hangs on a function that is not resolved.
pub(crate) fn is_unresolved(json: &Json) -> bool {
    json.as_object().is_some_and(|object| object.keys().any(|name| name.starts_with("Fn::")))
}

/// The names in a text of `Fn::Sub`, with the return value asked for.
pub(crate) fn references(text: &str) -> Vec<(&str, Option<&str>)> {
    let names = text.split("${").skip(1).filter_map(|rest| rest.split_once('}')).map(|(name, _)| name.trim());
    names
        .filter(|name| !name.starts_with('!') && !name.starts_with("AWS::"))
        .map(|name| match name.split_once('.') {
            Some((id, attribute)) => (id, Some(attribute)),
            None => (name, None),
        })
        .collect()
}

/// The property that gives a resource its physical name, and the service of its ARN.
const NAMES: [(&str, &str, &str); 7] = [
    ("AWS::SQS::Queue", "QueueName", "sqs"),
    ("AWS::SNS::Topic", "TopicName", "sns"),
    ("AWS::Lambda::Function", "FunctionName", "lambda"),
    ("AWS::DynamoDB::Table", "TableName", "dynamodb"),
    ("AWS::KMS::Alias", "AliasName", "kms"),
    ("AWS::S3::Bucket", "BucketName", "s3"),
    ("AWS::IAM::Role", "RoleName", "iam"),
];

/// The service of a resource type's ARNs, when the type is one whose names are known here.
pub(crate) fn service_of(resource: TemplateResource<'_>) -> Option<&'static str> {
    NAMES.iter().find(|(name, ..)| *name == resource.resource_type()).map(|(_, _, service)| *service)
}

/// A resource's physical name in the notation of `Fn::Sub`; `None` when CloudFormation makes one.
pub(crate) fn physical_name(resource: TemplateResource<'_>) -> Option<String> {
    let (_, property, _) = NAMES.iter().find(|(name, ..)| *name == resource.resource_type())?;
    if let Some(prefix) = text(resource, "BucketNamePrefix") {
        return Some(format!("{prefix}-${{AWS::AccountId}}-${{AWS::Region}}-an"));
    }
    to_text(resource.property(property)?)
}

/// Whether a text is the resource's name or an ARN that ends with it.
fn has_name(resource: TemplateResource<'_>, text: &str) -> bool {
    let (Some(name), Some(service)) = (physical_name(resource), service_of(resource)) else { return false };
    if text == name {
        return true;
    }
    let is_arn = text.split(':').nth(2) == Some(service) || text.contains(&format!(":{service}:"));
    is_arn && (text.ends_with(&format!(":{name}")) || text.ends_with(&format!("/{name}")))
}
