//! E3001 and E2015: resources, or conditions, that depend on each other in a circle.

use super::located;
use crate::diagnostic::{CONDITION_CYCLE, DEPENDENCY_CYCLE, Diagnostic};
use crate::order::{Order, of_conditions};
use crate::template::Template;
use crate::world::graph::Graph;

pub(super) fn check(graph: &Graph) -> Vec<Diagnostic> {
    let circles = Order::of(&graph.certain_dependencies()).circles.into_iter().map(|circle| {
        let message = format!("The resources depend on each other in a circle: {}.", circle.join(" -> "));
        let found = Diagnostic::new(&DEPENDENCY_CYCLE, message)
            .help("Replace one of the references by a name that is computed without it.");
        located(found, circle[0])
    });
    circles.collect()
}

pub(super) fn check_conditions(template: &Template, report: &mut Vec<Diagnostic>) {
    for circle in of_conditions(template.section("Conditions")).circles {
        let message = format!("The conditions depend on each other in a circle: {}.", circle.join(" -> "));
        let found = Diagnostic::new(&CONDITION_CYCLE, message)
            .help("Write one of them without the others, as a comparison of parameters.");
        report.push(located(found, circle[0]));
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value as Json, json};

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

    fn pair(own: Json, other: Json) -> Vec<&'static str> {
        codes_of(json!({
            "Parameters": {"P": {"Type": "String"}},
            "Conditions": {"X": {"Fn::Equals": [{"Ref": "P"}, "a"]}, "Y": {"Fn::Not": [{"Condition": "X"}]}},
            "Resources": {"A": {"Type": "X", "Properties": {"P": own}}, "B": {"Type": "X", "Properties": {"P": other}}},
        }))
    }

    #[test]
    fn references_that_are_never_there_together_are_no_circle() {
        let under = |condition: &str, id: &str| json!({"Fn::If": [condition, {"Ref": id}, "x"]});
        assert_eq!(pair(under("X", "B"), under("X", "A")), ["E3001"]);
        assert!(pair(under("X", "B"), under("Y", "A")).is_empty());
    }

    #[test]
    fn resource_that_a_transform_replaces_is_no_part_of_a_circle() {
        let with = |resource_type: &str| {
            codes_of(json!({
                "Transform": "AWS::Serverless-2016-10-31",
                "Resources": {
                    "F": {"Type": resource_type, "Properties": {"Events": {"E": {"Ref": "T"}}}},
                    "T": {"Type": "X", "Properties": {"P": {"Fn::GetAtt": ["F", "Arn"]}}},
                },
            }))
        };
        assert_eq!(with("My::Own::Type"), ["E3001"]);
        assert!(with("AWS::Serverless::Function").is_empty());
        assert!(with("My::Own::Type::MODULE").is_empty());
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
