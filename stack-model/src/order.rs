//! In which order things settle that depend on each other, and which never do.
//!
//! Invariant: walks without recursion and visits each thing once, however long the chain or wide the graph.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value as Json;

use crate::reference::{ReferenceKind, find_references};

/// What each thing needs to be settled first; only names that are keys themselves count.
pub type Graph<'a> = BTreeMap<&'a str, BTreeSet<&'a str>>;

/// An order of settling.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Order<'a> {
    /// Each after all that it needs; what is part of a circle is missing.
    pub settled: Vec<&'a str>,
    /// Circles, of those that share all their names one: names in the order in which one needs the next, the first again at the end.
    pub circles: Vec<Vec<&'a str>>,
}

impl<'a> Order<'a> {
    /// Orders a graph.
    #[must_use]
    pub fn of(graph: &Graph<'a>) -> Self {
        let mut walk =
            Walk { graph, order: Self::default(), seen: BTreeSet::new(), circular: BTreeSet::new() };
        for start in graph.keys() {
            walk.from(start);
        }
        walk.order
    }
}

struct Walk<'g, 'a> {
    graph: &'g Graph<'a>,
    order: Order<'a>,
    seen: BTreeSet<&'a str>,
    circular: BTreeSet<&'a str>,
}

impl<'a> Walk<'_, 'a> {
    fn from(&mut self, start: &'a str) {
        let graph = self.graph;
        let next = |name: &str| graph.get(name).into_iter().flatten().copied().collect::<Vec<_>>();
        let mut path = Vec::new();
        let mut on_path = BTreeSet::new();
        if self.seen.insert(start) {
            path.push((start, next(start)));
            on_path.insert(start);
        }
        while let Some((last, waiting)) = path.last_mut() {
            let last = *last;
            match waiting.pop() {
                Some(name) if on_path.contains(name) => {
                    // Of circles that share their names one is enough.
                    if !(self.circular.contains(name) && self.circular.contains(last)) {
                        let circle = path.iter().map(|(it, _)| *it).skip_while(|it| *it != name);
                        let circle: Vec<_> = circle.chain([name]).collect();
                        self.circular.extend(&circle);
                        self.order.circles.push(circle);
                    }
                }
                Some(name) => {
                    if self.seen.insert(name) {
                        path.push((name, next(name)));
                        on_path.insert(name);
                    }
                }
                None => {
                    path.pop();
                    on_path.remove(last);
                    if !self.circular.contains(last) {
                        self.order.settled.push(last);
                    }
                }
            }
        }
    }
}

/// Orders the conditions of a template by which they refer to, by `Condition` or `Fn::If`.
#[must_use]
pub fn of_conditions(section: Option<&Json>) -> Order<'_> {
    let Some(conditions) = section.and_then(Json::as_object) else { return Order::default() };
    let needed = |condition: &Json| -> BTreeSet<&str> {
        let references = find_references(condition).into_iter();
        let names = references.filter(|it| it.kind == ReferenceKind::Condition);
        names.filter_map(|it| conditions.get_key_value(&it.target)).map(|(name, _)| name.as_str()).collect()
    };
    Order::of(&conditions.iter().map(|(name, condition)| (name.as_str(), needed(condition))).collect())
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn long_chain_settles_from_its_end() {
        let names: Vec<String> = (0..10_000).map(|n| format!("C{n:05}")).collect();
        let chain = names.windows(2).map(|pair| (pair[0].clone(), json!({"Condition": pair[1]})));
        let chain = Json::Object(chain.chain([(names[9_999].clone(), json!({}))]).collect());
        let order = of_conditions(Some(&chain));
        assert!(order.settled.iter().eq(names.iter().rev()));
        assert!(order.circles.is_empty());
    }

    #[test]
    fn circle_is_named_once_and_the_rest_settles() {
        let conditions = json!({
            "A": {"Fn::Not": [{"Condition": "B"}]}, "B": {"Condition": "A"}, "C": {"Condition": "D"}, "D": {},
        });
        let order = of_conditions(Some(&conditions));
        assert_eq!(order, Order { settled: vec!["D", "C"], circles: vec![vec!["A", "B", "A"]] });
    }
}
