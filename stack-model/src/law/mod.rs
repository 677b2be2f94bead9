//! Laws between the parts of a template, one file each.
//!
//! They read the rendered template, so that typed resources, raw ones, overrides and templates of other authors are
//! held to the same text. A law speaks only of what it knows: a value that the template does not tell, as an import
//! or a parameter without a default, never leads to a finding. Start reading at [`check_template`].

mod alarm_topic;
mod api_permission;
mod api_timeout;
mod batch_budget;
mod batching_window;
mod bucket_recursion;
mod competing;
mod concurrency;
mod consumer_grant;
mod cors;
mod cycle;
mod datapoints;
mod deletion;
mod destination_grant;
mod drained;
mod failure_alarm;
mod fifo_name;
mod fifo_topic;
mod filter;
#[cfg(test)]
mod fixture;
mod function_limit;
#[cfg(test)]
mod golden;
mod index_limit;
mod key_attribute;
mod limit;
mod log_group;
mod log_retention;
mod lost_events;
mod mapping_setting;
mod message_budget;
mod notification_grant;
mod notification_order;
mod one_policy;
mod open_policy;
mod other_api;
mod overlap;
mod partial_batch;
mod permission_source;
mod property;
mod public_bucket;
mod queue_encryption;
mod queue_kind;
mod queue_recursion;
mod receives;
mod redrive_allow;
mod reference;
mod retention;
mod rule_permission;
mod service_key;
mod standard_queue;
mod standard_topic;
mod stream;
mod stream_grant;
mod subscription_permission;
mod table_key;
mod throttled;
mod time_to_live;
mod topic_kind;
mod unwritten_table;
mod variable_grant;
mod visibility;
mod wildcard_grant;

use std::collections::{BTreeMap, BTreeSet};

use crate::LogicalId;
use crate::diagnostic::{Code, Diagnostic, Severity};
use crate::template::{Template, TemplateResource};
use crate::world::expansion::Expansion;
use crate::world::{self, graph};

/// A law, asked once for every world of a template.
type Law = fn(&graph::Graph) -> Vec<Diagnostic>;

/// The laws about what a template says.
const LAWS: &[Law] = &[
    cycle::check,
    queue_kind::check,
    standard_queue::check,
    visibility::check,
    batching_window::check,
    retention::check,
    receives::check,
    concurrency::check,
    api_timeout::check,
    bucket_recursion::check,
    overlap::check,
    topic_kind::check,
    notification_order::check,
    partial_batch::check,
    fifo_name::check,
    queue_encryption::check,
    public_bucket::check,
    open_policy::check,
    wildcard_grant::check,
    permission_source::check,
    index_limit::check,
    key_attribute::check,
    time_to_live::check,
    message_budget::check,
    batch_budget::check,
    stream::check,
    deletion::check,
    log_retention::check,
    redrive_allow::check,
    drained::check,
    competing::check,
    cors::check,
    other_api::check,
    throttled::check,
    fifo_topic::check,
    queue_recursion::check,
    service_key::check,
    standard_topic::check,
    filter::check,
    datapoints::check,
    function_limit::check,
    mapping_setting::check,
    table_key::check,
    one_policy::check,
];

/// The laws about what a template lacks, which a transform, a module or a macro may bring.
const LAWS_ON_ABSENCE: &[Law] = &[
    lost_events::check,
    consumer_grant::check,
    stream_grant::check,
    notification_grant::check,
    log_group::check,
    failure_alarm::check,
    api_permission::check,
    unwritten_table::check,
    alarm_topic::check,
    subscription_permission::check,
    destination_grant::check,
    variable_grant::check,
    rule_permission::check,
];

/// Everything that is wrong or doubtful about a template of any author, errors first, else in order of the laws.
///
/// Parameters with defaults and conditions are resolved; each combination of values that conditions tell apart is
/// looked at, and a fault in any of them is found once. Properties that the model does not know are not reported
/// (W2009): a template of another author may use what the model leaves out. Transforms, macros, loops and modules are
/// not carried out: nothing is called an error that one of them may mend. A finding that holds for some values of
/// conditions or parameters only names them. Laws between resources are the codes from 3001 on.
///
/// ```
/// use stack_model::Template;
/// use stack_model::law::check_template;
///
/// let resources = serde_json::json!({"Q": {"Type": "AWS::SQS::Queue", "Properties": {"QueueName": "q.fifo"}}});
/// let template = Template::from_json(serde_json::json!({ "Resources": resources }))?;
/// assert_eq!(check_template(&template)[0].code.name, "E3021");
/// # Ok::<(), stack_model::template::TemplateError>(())
/// ```
#[must_use]
pub fn check_template(template: &Template) -> Vec<Diagnostic> {
    let mut report = Vec::new();
    let expansion = Expansion::of(template);
    limit::check(template, &mut report);
    if !expansion.rewrites {
        property::check_missing(template, &mut report);
    }
    if !expansion.adds_names {
        reference::check(template, &mut report);
    }
    cycle::check_conditions(template, &mut report);
    check_worlds(template, expansion, &mut report);
    report.sort_by_key(Diagnostic::severity);
    report
}

/// Adds what the laws find in a stack's template to what the layers above have found already.
pub(crate) fn check(template: &Template, tags: usize, report: &mut Vec<Diagnostic>) {
    let place = |found: &Diagnostic| found.logical_id.clone().map(|id| (found.code.name, id));
    let above: BTreeSet<_> = report.iter().filter_map(place).collect();
    limit::check_tags(tags, report);
    property::check_unknown(template, report);
    let is_told = |found: &Diagnostic| place(found).is_some_and(|place| above.contains(&place));
    report.extend(check_template(template).into_iter().filter(|found| !is_told(found)));
}

/// Asks each law about each world; a fault that several worlds share is told once.
fn check_worlds(template: &Template, expansion: Expansion, report: &mut Vec<Diagnostic>) {
    let worlds = world::worlds(template);
    let graphs: Vec<_> = worlds.iter().map(|world| graph::Graph::new(world.template.clone())).collect();
    let on_absence = if expansion.adds_resources { &[] } else { LAWS_ON_ABSENCE };
    for law in LAWS.iter().chain(on_absence) {
        // What one world finds twice at a place is told twice.
        let mut findings: Vec<Diagnostic> = Vec::new();
        let mut found_in: BTreeMap<_, BTreeSet<usize>> = BTreeMap::new();
        for (position, graph) in graphs.iter().enumerate() {
            let mut new = law(graph);
            new.retain(|found| !expansion.rewrites || found.severity() != Severity::Error);
            let told: BTreeSet<_> = found_in.keys().cloned().collect();
            for found in new {
                let place = place_of(&found);
                found_in.entry(place.clone()).or_default().insert(position);
                if !told.contains(&place) {
                    findings.push(found);
                }
            }
        }
        report.extend(findings.into_iter().map(|mut found| {
            let positions = found_in.get(&place_of(&found));
            if let Some(ground) = positions.and_then(|it| world::common_ground(&worlds, it)) {
                found.message = format!("{} This holds where {ground}.", found.message);
            }
            found
        }));
    }
}

fn place_of(found: &Diagnostic) -> (&'static str, Option<LogicalId>, Option<String>) {
    (found.code.name, found.logical_id.clone(), found.path.clone())
}

/// A finding about a resource.
fn found(code: &'static Code, resource: TemplateResource<'_>, message: impl Into<String>) -> Diagnostic {
    located(Diagnostic::new(code, message), resource.logical_id)
}

/// Says where a finding is, when the key is a logical ID at all.
fn located(diagnostic: Diagnostic, text: &str) -> Diagnostic {
    match crate::LogicalId::new(text) {
        Ok(id) => diagnostic.at(&id),
        Err(_) => diagnostic.about(text),
    }
}

/// The codes found in a template of these sections, for the laws' own tests.
#[cfg(test)]
fn codes_of(sections: serde_json::Value) -> Vec<&'static str> {
    let template = Template::from_json(sections).unwrap();
    let mut report = Vec::new();
    check(&template, 0, &mut report);
    report.iter().map(|diagnostic| diagnostic.code.name).collect()
}
