//! E3001 and E2015: resources, or conditions, that depend on each other in a circle.

use super::{References, located};
use crate::diagnostic::{CONDITION_CYCLE, DEPENDENCY_CYCLE, Diagnostic};
use crate::order::{Graph, Order, of_conditions};
use crate::template::Template;

pub(super) fn check(references: &References<'_>, report: &mut Vec<Diagnostic>) {
    for circle in Order::of(&dependencies(references)).circles {
        let message = format!("The resources depend on each other in a circle: {}.", circle.join(" -> "));
        let found = Diagnostic::new(&DEPENDENCY_CYCLE, message)
            .help("Replace one of the references by a name that is computed without it.");
        report.push(located(found, circle[0]));
    }
}

pub(super) fn check_conditions(template: &Template, report: &mut Vec<Diagnostic>) {
    for circle in of_conditions(template.section("Conditions")).circles {
        let message = format!("The conditions depend on each other in a circle: {}.", circle.join(" -> "));
        let found = Diagnostic::new(&CONDITION_CYCLE, message)
            .help("Write one of them without the others, as a comparison of parameters.");
        report.push(located(found, circle[0]));
    }
}

/// Which resources each resource needs to be settled first.
fn dependencies<'a>(references: &'a References<'a>) -> Graph<'a> {
    let edges = references.iter().map(|(name, found)| {
        let needed = found.iter().filter(|reference| reference.kind.is_dependency());
        let targets = needed.map(|reference| reference.target.as_str());
        (*name, targets.filter(|target| references.contains_key(target)).collect())
    });
    edges.collect()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::super::codes_of;

    #[test]
    fn circle_through_a_reference_and_a_dependency_is_found_once() {
        let resources = json!({
            "A": {"Type": "X", "Properties": {"P": {"Fn::Sub": "${B.Arn}"}}},
            "B": {"Type": "X", "DependsOn": ["C"]},
            "C": {"Type": "X", "Properties": {"P": {"Ref": "A"}}},
        });
        assert_eq!(codes_of(json!({ "Resources": resources })), ["E3001"]);
    }

    #[test]
    fn circle_of_conditions_is_found_once_however_it_is_written() {
        let found = |conditions: serde_json::Value| {
            codes_of(json!({"Conditions": conditions, "Resources": {"A": {"Type": "X", "Condition": "A"}}}))
        };
        assert_eq!(found(json!({"A": {"Condition": "A"}})), ["E2015"]);
        assert_eq!(
            found(json!({"A": {"Condition": "B"}, "B": {"Fn::Not": [{"Condition": "A"}]}})),
            ["E2015"]
        );
        let chosen = json!({"Fn::Equals": [{"Fn::If": ["A", "x", "y"]}, "x"]});
        let two = json!({
            "A": {"Fn::And": [{"Condition": "B"}, {"Condition": "C"}]}, "B": chosen,
            "C": {"Condition": "C"}, "D": {"Fn::Or": [{"Condition": "A"}, {"Fn::Equals": [1, 1]}]},
        });
        assert_eq!(found(two), ["E2015", "E2015"]);
        let chain =
            json!({"A": {"Condition": "B"}, "B": {"Fn::Equals": [{"Ref": "AWS::Region"}, "eu-west-1"]}});
        assert!(found(chain).is_empty());
    }

    #[test]
    fn diamond_is_no_circle() {
        let resources = json!({
            "A": {"Type": "X", "DependsOn": ["B", "C"]},
            "B": {"Type": "X", "DependsOn": "D"},
            "C": {"Type": "X", "DependsOn": "D"},
            "D": {"Type": "X"},
        });
        assert!(codes_of(json!({ "Resources": resources })).is_empty());
    }
}
