//! Runs what a schedule allows, so many at once, and sums the ends up.

use std::collections::BTreeMap;

use futures_util::stream::{FuturesUnordered, StreamExt as _};
use pipectl_engine::several::{Finished, Schedule};
use serde_json::{Value, json};

use crate::exit_code::Exit;
use crate::failure::Failure;
use crate::report::console::Console;

/// What became of a stack.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum End {
    /// It came to its end, well or badly.
    Ended(Exit),
    /// It was not begun.
    LeftOut {
        /// The stack that it needs.
        because: String,
    },
}

/// Works through a schedule, at most `concurrency` stacks at once.
pub(super) async fn run(
    mut schedule: Schedule,
    concurrency: u16,
    work: impl AsyncFn(String) -> Exit,
) -> BTreeMap<String, End> {
    let mut ends = BTreeMap::new();
    let mut running = FuturesUnordered::new();
    let begin = |stack: String| {
        let work = &work;
        async move { (stack.clone(), work(stack).await) }
    };
    loop {
        while running.len() < usize::from(concurrency) {
            let Some(stack) = schedule.start() else { break };
            running.push(begin(stack));
        }
        let Some((stack, exit)) = running.next().await else { return ends };
        let finished = if exit == Exit::Done { Finished::Well } else { Finished::Badly };
        for left_out in schedule.finish(&stack, finished) {
            ends.insert(left_out, End::LeftOut { because: stack.clone() });
        }
        ends.insert(stack, End::Ended(exit));
    }
}

/// Shows a failure as the stack's own, and returns its exit code.
pub(super) fn conclude(ended: Result<Exit, Failure>, console: &Console) -> Exit {
    ended.unwrap_or_else(|failure| {
        console.failure(&failure);
        failure.exit
    })
}

/// The exit code of all: of the end that needs a person most.
pub(super) fn worst(ends: &BTreeMap<String, End>) -> Exit {
    let exits = ends.values().filter_map(|end| match end {
        End::Ended(exit) => Some(*exit),
        End::LeftOut { .. } => None,
    });
    exits.max_by_key(|exit| severity(*exit)).unwrap_or(Exit::Done)
}

fn severity(exit: Exit) -> u8 {
    match exit {
        Exit::Done => 0,
        Exit::Declined => 1,
        Exit::Refused => 2,
        Exit::RolledBack => 10,
        Exit::NeedsRecovery => 11,
        other => 2 + (other as u8).min(7),
    }
}

/// The last JSON line.
pub(super) fn outcome(ends: &BTreeMap<String, End>, exit: Exit) -> Value {
    let stacks: BTreeMap<&String, Value> = ends.iter().map(|(stack, end)| (stack, of_end(end))).collect();
    let result = if exit == Exit::Done { "done" } else { "failed" };
    json!({"type": "outcome", "result": result, "exit_code": exit as u8, "stacks": stacks})
}

fn of_end(end: &End) -> Value {
    match end {
        End::Ended(Exit::Done) => json!({"result": "done", "exit_code": 0}),
        End::Ended(exit) => json!({"result": "failed", "exit_code": *exit as u8}),
        End::LeftOut { because } => json!({"result": "left_out", "because": because}),
    }
}

#[cfg(test)]
mod tests {
    use std::cell::{Cell, RefCell};

    use super::*;

    fn schedule(edges: &[(&str, &[&str])]) -> Schedule {
        let edges = edges
            .iter()
            .map(|(stack, uses)| ((*stack).to_owned(), uses.iter().map(|used| (*used).to_owned()).collect()));
        Schedule::of_up(edges.collect()).unwrap()
    }

    fn finish<T>(future: impl Future<Output = T>) -> T {
        tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(future)
    }

    #[test]
    fn failure_leaves_out_who_builds_on_it_and_is_the_exit_code() {
        let begun = RefCell::new(Vec::new());
        let ends = finish(run(schedule(&[("a", &[]), ("b", &["a"]), ("c", &[])]), 4, async |stack| {
            begun.borrow_mut().push(stack.clone());
            if stack == "a" { Exit::RolledBack } else { Exit::Done }
        }));
        assert_eq!(begun.into_inner(), ["a", "c"]);
        assert_eq!(ends["b"], End::LeftOut { because: "a".to_owned() });
        assert_eq!((ends["c"].clone(), worst(&ends)), (End::Ended(Exit::Done), Exit::RolledBack));
        assert_eq!(outcome(&ends, worst(&ends))["stacks"]["b"]["result"], "left_out");
    }

    #[test]
    fn no_more_run_at_once_than_asked() {
        let (now, most) = (Cell::new(0), Cell::new(0));
        let ends = finish(run(schedule(&[("a", &[]), ("b", &[]), ("c", &[])]), 2, async |_| {
            now.set(now.get() + 1);
            most.set(most.get().max(now.get()));
            tokio::task::yield_now().await;
            now.set(now.get() - 1);
            Exit::Done
        }));
        assert_eq!((ends.len(), most.get()), (3, 2));
    }

    #[test]
    fn stack_that_needs_recovery_is_worse_than_any_other_end() {
        let exits = [Exit::Done, Exit::Declined, Exit::Refused, Exit::Packaging, Exit::Access];
        let exits = exits.into_iter().chain([Exit::RolledBack, Exit::NeedsRecovery]);
        let order: Vec<u8> = exits.map(severity).collect();
        assert!(order.is_sorted(), "{order:?}");
    }
}
