//! The order of several stacks, as it goes.

use std::collections::{BTreeMap, BTreeSet};

/// Stacks that wait for each other.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("stacks depend on each other in a circle: {}", .stacks.join(" -> "))]
pub struct CycleError {
    /// The circle; its first stack is also its last.
    pub stacks: Vec<String>,
}

/// How a stack ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Finished {
    /// Well: those that wait for it may go on.
    Well,
    /// Not: those that wait for it are left out.
    Badly,
}

/// Says which stacks may start, given how others ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Schedule {
    /// What each stack that has not started waits for.
    waiting: BTreeMap<String, BTreeSet<String>>,
    /// Who waits for whom, whole.
    order: BTreeMap<String, BTreeSet<String>>,
}

impl Schedule {
    /// Makes the schedule of a deployment: what is used comes before who uses it.
    ///
    /// # Errors
    /// [`CycleError`] with the first circle in order of names.
    pub fn of_up(dependencies: BTreeMap<String, BTreeSet<String>>) -> Result<Self, CycleError> {
        match circle(&dependencies) {
            Some(stacks) => Err(CycleError { stacks }),
            None => Ok(Self { waiting: dependencies.clone(), order: dependencies }),
        }
    }

    /// Makes the schedule of a deletion: who uses something goes before it.
    ///
    /// # Errors
    /// As [`of_up`](Self::of_up).
    pub fn of_down(dependencies: &BTreeMap<String, BTreeSet<String>>) -> Result<Self, CycleError> {
        let mut turned: BTreeMap<String, BTreeSet<String>> =
            dependencies.keys().map(|stack| (stack.clone(), BTreeSet::new())).collect();
        for (user, used) in dependencies {
            for stack in used {
                turned.entry(stack.clone()).or_default().insert(user.clone());
            }
        }
        Self::of_up(turned)
    }

    /// Takes the next stack that may start, in order of names; `None` when all that is left waits.
    pub fn start(&mut self) -> Option<String> {
        let next = self.waiting.iter().find(|(_, waits_for)| waits_for.is_empty())?.0.clone();
        self.waiting.remove(&next);
        Some(next)
    }

    /// Takes note of an end; returns the stacks that are left out because of it, in order of names.
    pub fn finish(&mut self, stack: &str, finished: Finished) -> Vec<String> {
        match finished {
            Finished::Well => {
                for waits_for in self.waiting.values_mut() {
                    waits_for.remove(stack);
                }
                Vec::new()
            }
            Finished::Badly => {
                let left_out: BTreeSet<String> = self.dependants(stack);
                self.waiting.retain(|stack, _| !left_out.contains(stack));
                left_out.into_iter().collect()
            }
        }
    }

    /// True when every stack has been started or left out.
    #[must_use]
    pub fn is_done(&self) -> bool {
        self.waiting.is_empty()
    }

    /// Lists those that wait for a stack, directly or not, and have not been left out before.
    fn dependants(&self, stack: &str) -> BTreeSet<String> {
        let mut found = BTreeSet::new();
        let mut next = vec![stack];
        while let Some(stack) = next.pop() {
            for (name, waits_for) in &self.order {
                if waits_for.contains(stack) && self.waiting.contains_key(name) && found.insert(name.clone())
                {
                    next.push(name);
                }
            }
        }
        found
    }
}

fn circle(dependencies: &BTreeMap<String, BTreeSet<String>>) -> Option<Vec<String>> {
    let mut sound = BTreeSet::new();
    dependencies.keys().find_map(|stack| walk(dependencies, stack, &mut Vec::new(), &mut sound))
}

/// Follows the dependencies of a stack; `sound` holds those that lead into no circle.
fn walk<'a>(
    dependencies: &'a BTreeMap<String, BTreeSet<String>>,
    stack: &'a str,
    path: &mut Vec<&'a str>,
    sound: &mut BTreeSet<&'a str>,
) -> Option<Vec<String>> {
    if sound.contains(stack) {
        return None;
    }
    if let Some(start) = path.iter().position(|it| *it == stack) {
        let circle = path.iter().skip(start).chain([&stack]);
        return Some(circle.map(|it| (*it).to_owned()).collect());
    }
    path.push(stack);
    let found =
        dependencies.get(stack).into_iter().flatten().find_map(|used| walk(dependencies, used, path, sound));
    path.pop();
    sound.insert(stack);
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    fn graph(edges: &[(&str, &[&str])]) -> BTreeMap<String, BTreeSet<String>> {
        let set = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect();
        edges.iter().map(|(stack, uses)| ((*stack).to_owned(), set(uses))).collect()
    }

    fn started(schedule: &mut Schedule) -> Vec<String> {
        std::iter::from_fn(|| schedule.start()).collect()
    }

    #[test]
    fn used_stack_comes_first_and_independent_ones_together() {
        let mut schedule =
            Schedule::of_up(graph(&[("api", &["base"]), ("base", &[]), ("lone", &[])])).unwrap();
        assert_eq!(started(&mut schedule), ["base", "lone"]);
        assert!(schedule.finish("base", Finished::Well).is_empty());
        assert_eq!(started(&mut schedule), ["api"]);
        assert!(schedule.is_done());
    }

    #[test]
    fn deletion_goes_the_other_way() {
        let mut schedule = Schedule::of_down(&graph(&[("api", &["base"]), ("base", &[])])).unwrap();
        assert_eq!(started(&mut schedule), ["api"]);
        schedule.finish("api", Finished::Well);
        assert_eq!(started(&mut schedule), ["base"]);
    }

    #[test]
    fn failure_leaves_out_all_that_build_on_it_and_nothing_else() {
        let edges: [(&str, &[&str]); 4] = [("a", &[]), ("b", &["a"]), ("c", &["b", "d"]), ("d", &[])];
        let mut schedule = Schedule::of_up(graph(&edges)).unwrap();
        assert_eq!(started(&mut schedule), ["a", "d"]);
        assert_eq!(schedule.finish("a", Finished::Badly), ["b", "c"]);
        assert!(schedule.finish("d", Finished::Badly).is_empty());
        assert!(schedule.is_done());
    }

    #[test]
    fn circle_is_named() {
        let edges: [(&str, &[&str]); 4] = [("a", &["b"]), ("b", &["c"]), ("c", &["b"]), ("d", &[])];
        let error = Schedule::of_up(graph(&edges)).unwrap_err();
        assert_eq!(error.to_string(), "stacks depend on each other in a circle: b -> c -> b");
    }

    #[test]
    fn diamond_is_no_circle() {
        let edges: [(&str, &[&str]); 4] = [("a", &[]), ("b", &["a"]), ("c", &["a"]), ("d", &["b", "c"])];
        assert!(Schedule::of_up(graph(&edges)).is_ok());
    }
}
