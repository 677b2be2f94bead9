//! E3001: resources that depend on each other in a circle.

use std::collections::{BTreeMap, BTreeSet};

use super::located;
use crate::diagnostic::{DEPENDENCY_CYCLE, Diagnostic};
use crate::reference::find_references;
use crate::template::Template;

type Graph<'a> = BTreeMap<&'a str, BTreeSet<String>>;

pub(super) fn check(template: &Template, report: &mut Vec<Diagnostic>) {
    let graph = dependencies(template);
    let mut settled = BTreeSet::new();
    for start in graph.keys() {
        if let Some(circle) = find_circle(&graph, start, &mut settled) {
            let message = format!("The resources depend on each other in a circle: {}.", circle.join(" -> "));
            let found = Diagnostic::new(&DEPENDENCY_CYCLE, message)
                .help("Replace one of the references by a name that is computed without it.");
            report.push(located(found, &circle[0]));
        }
    }
}

/// Which resources each resource needs to be settled first.
fn dependencies(template: &Template) -> Graph<'_> {
    let names: BTreeSet<_> = template.resources().map(|resource| resource.logical_id).collect();
    let edges = template.resources().map(|resource| {
        let targets = find_references(resource.json)
            .into_iter()
            .filter(|reference| reference.kind.is_dependency() && names.contains(reference.target.as_str()))
            .map(|reference| reference.target)
            .collect();
        (resource.logical_id, targets)
    });
    edges.collect()
}

/// Walks depth first without recursion; everything it leaves behind is settled and not walked again.
fn find_circle(graph: &Graph<'_>, start: &str, settled: &mut BTreeSet<String>) -> Option<Vec<String>> {
    if settled.contains(start) {
        return None;
    }
    let next = |name: &str| graph.get(name).into_iter().flatten().cloned().collect::<Vec<_>>();
    let mut path = vec![(start.to_owned(), next(start))];
    while let Some((_, waiting)) = path.last_mut() {
        match waiting.pop() {
            Some(name) => {
                if let Some(position) = path.iter().position(|(on_path, _)| *on_path == name) {
                    let circle = path[position..].iter().map(|(on_path, _)| on_path.clone());
                    let circle = circle.chain([name.clone()]).collect();
                    settled.extend(path.iter().map(|(on_path, _)| on_path.clone()));
                    return Some(circle);
                }
                if !settled.contains(&name) {
                    let further = next(&name);
                    path.push((name, further));
                }
            }
            None => {
                settled.extend(path.pop().map(|(name, _)| name));
            }
        }
    }
    None
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
