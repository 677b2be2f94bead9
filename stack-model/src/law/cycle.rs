//! E3001: resources that depend on each other in a circle.

use std::collections::{BTreeMap, BTreeSet};

use super::{References, located};
use crate::diagnostic::{DEPENDENCY_CYCLE, Diagnostic};

type Graph<'a> = BTreeMap<&'a str, BTreeSet<&'a str>>;

pub(super) fn check(references: &References<'_>, report: &mut Vec<Diagnostic>) {
    let graph = dependencies(references);
    let mut settled = BTreeSet::new();
    for start in graph.keys() {
        if let Some(circle) = find_circle(&graph, start, &mut settled) {
            let message = format!("The resources depend on each other in a circle: {}.", circle.join(" -> "));
            let found = Diagnostic::new(&DEPENDENCY_CYCLE, message)
                .help("Replace one of the references by a name that is computed without it.");
            report.push(located(found, circle[0]));
        }
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

/// Walks depth first without recursion; everything it leaves behind is settled and not walked again.
fn find_circle<'a>(
    graph: &Graph<'a>,
    start: &'a str,
    settled: &mut BTreeSet<&'a str>,
) -> Option<Vec<&'a str>> {
    if settled.contains(start) {
        return None;
    }
    let next = |name: &str| graph.get(name).into_iter().flatten().copied().collect::<Vec<_>>();
    let mut path = vec![(start, next(start))];
    let mut on_path = BTreeSet::from([start]);
    while let Some((_, waiting)) = path.last_mut() {
        match waiting.pop() {
            Some(name) if on_path.contains(name) => {
                let circle = path.iter().map(|(it, _)| *it).skip_while(|it| *it != name);
                let circle = circle.chain([name]).collect();
                settled.extend(on_path);
                return Some(circle);
            }
            Some(name) if !settled.contains(name) => {
                path.push((name, next(name)));
                on_path.insert(name);
            }
            Some(_) => {}
            None => {
                if let Some((name, _)) = path.pop() {
                    on_path.remove(name);
                    settled.insert(name);
                }
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
