//! E2004 and E2005: references to things and return values that are not there.

use std::collections::BTreeSet;

use super::located;
use crate::diagnostic::{DANGLING_REFERENCE, Diagnostic, UNKNOWN_ATTRIBUTE};
use crate::reference::{Reference, ReferenceKind, find_references};
use crate::resource::find_type;
use crate::template::Template;
use crate::world::expansion::may_be_of_a_module;

pub(super) fn check(template: &Template, report: &mut Vec<Diagnostic>) {
    let sections = ["Resources", "Outputs", "Conditions"].into_iter();
    for (name, json) in sections.flat_map(|section| template.entries(section)) {
        for reference in find_references(json) {
            if let Some(found) = judge(template, &reference) {
                report.push(located(found.path(&reference.path), name));
            }
        }
    }
}

fn judge(template: &Template, reference: &Reference) -> Option<Diagnostic> {
    let target = reference.target.as_str();
    if target.starts_with("AWS::") {
        return None;
    }
    let (is_there, place) = match reference.kind {
        ReferenceKind::Condition => (has(template, "Conditions", target), "condition"),
        ReferenceKind::Mapping => (has(template, "Mappings", target), "mapping"),
        ReferenceKind::Ref => (
            has(template, "Parameters", target) || has(template, "Resources", target),
            "parameter or resource",
        ),
        ReferenceKind::Attribute(_) | ReferenceKind::DependsOn => {
            (has(template, "Resources", target), "resource")
        }
    };
    if !is_there {
        if may_be_of_a_module(template, target) {
            return None;
        }
        let message = format!("There is no {place} `{target}` in the template.");
        return Some(Diagnostic::new(&DANGLING_REFERENCE, message));
    }
    let ReferenceKind::Attribute(attribute) = &reference.kind else { return None };
    let known = find_type(template.resource(target)?.resource_type())?;
    (!known.attributes.contains(&attribute.as_str())).then(|| {
        let attributes: BTreeSet<_> = known.attributes.iter().copied().collect();
        let listed = attributes.into_iter().collect::<Vec<_>>().join(", ");
        Diagnostic::new(&UNKNOWN_ATTRIBUTE, format!("`{attribute}` is no return value of {}.", known.name))
            .help(format!("It has: {listed}."))
    })
}

fn has(template: &Template, section: &str, name: &str) -> bool {
    template.section(section).is_some_and(|entries| entries.get(name).is_some())
}

#[cfg(test)]
mod tests {
    use serde_json::{Value as Json, json};

    use super::super::codes_of;

    fn output_of(value: Json) -> Vec<&'static str> {
        codes_of(json!({"Resources": {"Q": {"Type": "AWS::SQS::Queue"}}, "Outputs": {"O": {"Value": value}}}))
    }

    #[test]
    fn reference_to_a_declared_resource_passes() {
        assert!(output_of(json!({"Ref": "Q"})).is_empty());
        assert!(output_of(json!({"Fn::Sub": "${Q.Arn}/${AWS::Region}"})).is_empty());
    }

    #[test]
    fn reference_to_nothing_dangles() {
        assert_eq!(output_of(json!({"Ref": "P"})), ["E2004"]);
        assert_eq!(output_of(json!({"Fn::Sub": "${P.Arn}"})), ["E2004"]);
        assert_eq!(output_of(json!({"Fn::If": ["IsProd", "a", "b"]})), ["E2004"]);
        assert_eq!(output_of(json!({"Fn::FindInMap": ["Sizes", "a", "b"]})), ["E2004"]);
    }

    #[test]
    fn resource_of_a_module_is_not_missed() {
        let with = |target: &str| {
            let module = json!({"Type": "My::Storage::Bucket::MODULE"});
            codes_of(json!({"Resources": {"Store": module}, "Outputs": {"O": {"Value": {"Ref": target}}}}))
        };
        assert!(with("StoreBucket").is_empty());
        assert!(with("Store.Bucket").is_empty());
        assert_eq!(with("Bucket"), ["E2004"]);
    }

    #[test]
    fn dependency_on_nothing_dangles() {
        let resources = json!({"Q": {"Type": "AWS::SQS::Queue", "DependsOn": "P"}});
        assert_eq!(codes_of(json!({ "Resources": resources })), ["E2004"]);
    }

    #[test]
    fn attribute_that_the_type_lacks_is_named() {
        assert_eq!(output_of(json!({"Fn::GetAtt": ["Q", "Url"]})), ["E2005"]);
    }
}
