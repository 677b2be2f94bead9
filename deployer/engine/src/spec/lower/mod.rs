//! What a spec means: lowers it to a stack of the model.
//!
//! All mistakes are collected: a value that is out of range is reported at its place and left out,
//! and the rest is lowered all the same. What the model finds wrong in the whole is brought back
//! to the places of the spec file by `Places`.

mod api;
mod dashboard;
mod function;
mod place;
mod store;

use std::collections::BTreeMap;

use serde_json::Value as Json;
use stack_model::diagnostic::Code;
use stack_model::handle::{AnyQueue, ApiHandle, BucketHandle, FunctionHandle, TableHandle, TopicHandle};
use stack_model::logs::Retention;
use stack_model::pipeline::{Pipeline, PipelineName, PipelineOptions};
use stack_model::stack::RawResource;
use stack_model::unit::Days;
use stack_model::{
    Intrinsic, LogicalId, Output, Parameter, ParameterType, ResourceAttributes, RetentionPolicy, Value,
};

use super::file::{self, Name, SpecFile};
use super::place::Place;
use super::reading::{Reading, Variant};
use super::yaml::Node;
use crate::diagnostic::{Diagnostic, VALUE_NOT_ALLOWED};
use crate::property;

pub(crate) use function::table_actions;
use place::Places;

/// A spec, lowered.
#[derive(Debug, Clone, PartialEq)]
pub struct Lowered {
    /// Stack name: the spec's name, with the stage if there is one.
    pub stack_name: String,
    /// The template.
    pub template: Json,
    /// Tags of the stack.
    pub tags: BTreeMap<String, String>,
    /// Folder of the Cargo workspace, relative to the spec file, when the spec names one.
    pub workspace: Option<String>,
    /// Where in the spec file, or in the template, the resources come from, by logical ID.
    pub places: BTreeMap<String, Place>,
}

impl Lowered {
    /// Finds where a resource comes from: its own key, or that of what it was made for.
    #[must_use]
    pub fn place_of(&self, logical_id: &str) -> Option<Place> {
        let known = self.places.iter().filter(|(known, _)| logical_id.starts_with(known.as_str()));
        known.max_by_key(|(known, _)| known.len()).map(|(_, place)| *place)
    }
}

/// Lowers a spec that has no errors of its own; `tree` is what it was read from.
///
/// Returns the stack and what is wrong or doubtful about it.
#[must_use]
pub fn lower(spec: &SpecFile, tree: &Node, stage: Option<&str>) -> (Lowered, Vec<Diagnostic>) {
    let stack_name = stack_name(spec, stage);
    walk(spec, tree, &stack_name).finish(stack_name)
}

/// Finds the values that are out of their property's range in a spec that has other errors, so that they are
/// reported beside those. The laws are not asked: what they say of half a stack is not sure.
#[must_use]
pub fn out_of_range(spec: &SpecFile, tree: &Node, stage: Option<&str>) -> Vec<Diagnostic> {
    let mut found = walk(spec, tree, &stack_name(spec, stage)).diagnostics;
    found.retain(|found| found.code == &VALUE_NOT_ALLOWED);
    found
}

/// Lowers the file as each stage that was not asked for, and returns what `known` does not hold: each finding once,
/// with the names of its stages unless it stands in the stage itself.
#[must_use]
pub fn check_others(reading: &Reading, known: &[Diagnostic]) -> Vec<Diagnostic> {
    let readable = !reading.diagnostics.iter().any(Diagnostic::is_error);
    let mut stages_of: Vec<(Diagnostic, Vec<&Variant>)> = Vec::new();
    for variant in reading.others() {
        let stage = variant.stage.as_deref();
        let found = match readable {
            true => lower(&variant.spec, &variant.tree, stage).1,
            false => out_of_range(&variant.spec, &variant.tree, stage),
        };
        for diagnostic in found.into_iter().filter(|found| !known.contains(found)) {
            match stages_of.iter_mut().find(|(other, _)| *other == diagnostic) {
                Some((_, variants)) => variants.push(variant),
                None => stages_of.push((diagnostic, vec![variant])),
            }
        }
    }
    stages_of.into_iter().map(|(diagnostic, variants)| in_stages(diagnostic, &variants)).collect()
}

/// Names the stages of a finding that does not stand in one of them.
fn in_stages(found: Diagnostic, variants: &[&Variant]) -> Diagnostic {
    let stands_in = |variant: &Variant| {
        let own = variant.stage.as_deref().and_then(|stage| variant.tree.entry("stages")?.value.entry(stage));
        own.zip(found.place).is_some_and(|(own, place)| own.value.stands_at(place))
    };
    if variants.iter().any(|variant| stands_in(variant)) {
        return found;
    }
    let names: Vec<String> = variants
        .iter()
        .map(|variant| {
            variant.stage.as_ref().map_or("no stage".to_owned(), |stage| format!("stage `{stage}`"))
        })
        .collect();
    Diagnostic { message: format!("With {}: {}", names.join(" and "), found.message), ..found }
}

fn stack_name(spec: &SpecFile, stage: Option<&str>) -> String {
    match stage {
        Some(stage) => format!("{}-{stage}", spec.name),
        None => spec.name.clone(),
    }
}

fn walk<'a>(spec: &'a SpecFile, tree: &'a Node, stack_name: &str) -> Lowering<'a> {
    let mut lowering = Lowering::new(spec, tree, stack_name);
    lowering.parameters();
    lowering.stores();
    lowering.functions();
    lowering.apis();
    lowering.alarms();
    lowering.dashboard();
    lowering.raw();
    lowering
}

struct Lowering<'a> {
    spec: &'a SpecFile,
    places: Places<'a>,
    pipeline: Pipeline,
    diagnostics: Vec<Diagnostic>,
    buckets: BTreeMap<&'a Name, BucketHandle>,
    queues: BTreeMap<&'a Name, AnyQueue>,
    tables: BTreeMap<&'a Name, TableHandle>,
    topics: BTreeMap<&'a Name, TopicHandle>,
    functions: BTreeMap<&'a Name, FunctionHandle>,
    apis: BTreeMap<&'a Name, ApiHandle>,
}

impl<'a> Lowering<'a> {
    fn new(spec: &'a SpecFile, tree: &'a Node, stack_name: &str) -> Self {
        let mut places = Places::new(tree);
        let mut diagnostics = Vec::new();
        let options = pipeline_options(spec, &mut places, &mut diagnostics);
        // The shape of the spec's name is a pipeline name; only a stage's may differ.
        let name = PipelineName::new(stack_name).or_else(|error| {
            diagnostics.push(places.report(&VALUE_NOT_ALLOWED, &["stages"], format!("{error}."), None));
            PipelineName::new("pipeline")
        });
        Self {
            spec,
            places,
            pipeline: Pipeline::new(name.expect("a lower-case word is a pipeline name"), options),
            diagnostics,
            buckets: BTreeMap::new(),
            queues: BTreeMap::new(),
            tables: BTreeMap::new(),
            topics: BTreeMap::new(),
            functions: BTreeMap::new(),
            apis: BTreeMap::new(),
        }
    }

    fn report(&mut self, code: &'static Code, path: &[&str], message: String, help: Option<String>) {
        self.diagnostics.push(self.places.report(code, path, message, help));
    }

    /// Takes a value into the range of its property, or reports it and takes the default.
    fn ranged<T, E: std::fmt::Display>(&mut self, path: &[&str], value: Option<Result<T, E>>) -> Option<T> {
        match value? {
            Ok(value) => Some(value),
            Err(error) => {
                self.report(&VALUE_NOT_ALLOWED, path, format!("{error}."), None);
                None
            }
        }
    }

    fn parameters(&mut self) {
        for (name, parameter) in &self.spec.parameters {
            let Some(id) = self.logical_id(name, &["parameters", name]) else { continue };
            let kind = match parameter.kind.as_deref() {
                None | Some("String") => ParameterType::String,
                Some(other) => ParameterType::Other(other.to_owned()),
            };
            let values: Vec<String> = parameter.allowed_values.iter().map(ToString::to_string).collect();
            let lowered = Parameter {
                description: parameter.description.clone(),
                default: parameter.default.as_ref().map(ToString::to_string),
                allowed_values: (!values.is_empty()).then_some(values),
                allowed_pattern: parameter.allowed_pattern.clone(),
                no_echo: parameter.no_echo.then_some(true),
                ..Parameter::new(kind)
            };
            let _: Value<String> = self.pipeline.stack_mut().parameter(id, lowered);
        }
    }

    fn logical_id(&mut self, text: &str, path: &[&str]) -> Option<LogicalId> {
        let id = LogicalId::new(text);
        self.ranged(path, Some(id))
    }

    fn raw(&mut self) {
        for (name, resource) in &self.spec.resources {
            let Some(id) = self.logical_id(name, &["resources", name]) else { continue };
            self.places.know(id.as_str(), &["resources", name]);
            let raw = self.raw_resource(name, resource);
            self.pipeline.stack_mut().add_raw(id, raw);
        }
        for (name, patch) in &self.spec.overrides {
            let Some(id) = self.logical_id(name, &["overrides", name]) else { continue };
            self.places.know_override(id.as_str(), &["overrides", name]);
            self.pipeline.stack_mut().override_resource(id, Json::Object(patch.clone()));
        }
        for (name, output) in &self.spec.outputs {
            let Some(id) = self.logical_id(name, &["outputs", name]) else { continue };
            self.places.know(id.as_str(), &["outputs", name]);
            let lowered = Output {
                description: output.description.clone(),
                export_name: output.export.as_deref().map(substituted),
                ..Output::new(raw_text(&output.value))
            };
            self.pipeline.stack_mut().output(id, lowered);
        }
    }

    fn raw_resource(&mut self, name: &str, resource: &file::RawResource) -> RawResource {
        let path = ["resources", name];
        let ids =
            resource.depends_on.iter().filter_map(|id| self.logical_id(id, &[path[0], path[1], "DependsOn"]));
        let depends_on: Vec<LogicalId> = ids.collect();
        let condition = resource.condition.as_deref();
        RawResource {
            resource_type: resource.kind.clone(),
            properties: Json::Object(resource.properties.clone()),
            attributes: ResourceAttributes {
                depends_on,
                condition: condition.and_then(|id| self.logical_id(id, &[path[0], path[1], "Condition"])),
                deletion_policy: resource.deletion_policy.map(retention_policy),
                update_replace_policy: resource.update_replace_policy.map(retention_policy),
                metadata: resource.metadata.clone().map(Json::Object),
            },
        }
    }

    fn finish(mut self, stack_name: String) -> (Lowered, Vec<Diagnostic>) {
        let stack = self.pipeline.into_stack();
        let template = stack.template();
        let mut found = stack.check();
        found.retain(|it| !property::supersedes(it, &template));
        let mut properties = property::check(&template);
        properties.retain(|it| !property::is_told(it, &found));
        self.diagnostics.extend(found.iter().chain(&properties).map(|found| self.places.locate(found)));
        let lowered = Lowered {
            stack_name,
            template: template.to_json(),
            tags: stack.tags().clone(),
            workspace: self.spec.build.workspace.clone(),
            places: self.places.all(),
        };
        (lowered, self.diagnostics)
    }
}

fn pipeline_options(
    spec: &SpecFile,
    places: &mut Places<'_>,
    diagnostics: &mut Vec<Diagnostic>,
) -> PipelineOptions {
    let defaults = PipelineOptions::default();
    let observability = &spec.observability;
    let log_retention = match observability.log_retention_days.map(|days| Retention::new(Days(days))) {
        Some(Err(error)) => {
            let path = ["observability", "log_retention_days"];
            diagnostics.push(places.report(&VALUE_NOT_ALLOWED, &path, format!("{error}."), None));
            defaults.log_retention
        }
        Some(Ok(retention)) => retention,
        None => defaults.log_retention,
    };
    PipelineOptions {
        description: spec.description.clone().unwrap_or_default(),
        log_retention,
        tracing: match observability.tracing {
            Some(false) => stack_model::lambda::TracingMode::PassThrough,
            _ => defaults.tracing,
        },
        tags: spec.tags.clone(),
        ..defaults
    }
}

fn retention_policy(policy: file::DeletionPolicy) -> RetentionPolicy {
    match policy {
        file::DeletionPolicy::Retain => RetentionPolicy::Retain,
        file::DeletionPolicy::RetainExceptOnCreate => RetentionPolicy::RetainExceptOnCreate,
        file::DeletionPolicy::Delete => RetentionPolicy::Delete,
    }
}

/// A text as it stands, or whatever intrinsic function stands in its place.
fn raw_text(value: &Json) -> Value<String> {
    match value {
        Json::String(text) => Value::from(text.clone()),
        other => Value::Intrinsic(Intrinsic::Raw(other.clone())),
    }
}

/// A text whose `${...}` CloudFormation puts in, or one that has none.
fn substituted(text: &str) -> Value<String> {
    if text.contains("${") { Value::sub(text) } else { text.into() }
}
