//! Faults that wait for the n-th call of an operation.

/// What is to go wrong, in the order it was asked for.
#[derive(Debug)]
pub(crate) struct Faults<F>(Vec<Planned<F>>);

#[derive(Debug)]
struct Planned<F> {
    operation: &'static str,
    calls_left: usize,
    fault: F,
}

impl<F> Default for Faults<F> {
    fn default() -> Self {
        Self(Vec::new())
    }
}

impl<F: Clone> Faults<F> {
    /// Plans a fault for the `nth` next call of an operation, counted from 1.
    pub(crate) fn plan(&mut self, operation: &'static str, nth: usize, fault: F) {
        self.0.push(Planned { operation, calls_left: nth, fault });
    }

    /// Counts a call and returns the fault that is due, of several the one planned first.
    pub(crate) fn due(&mut self, operation: &str) -> Option<F> {
        let mut due = None;
        self.0.retain_mut(|planned| {
            if planned.operation != operation {
                return true;
            }
            planned.calls_left = planned.calls_left.saturating_sub(1);
            let is_due = planned.calls_left == 0 && due.is_none();
            if is_due {
                due = Some(planned.fault.clone());
            }
            !is_due
        });
        due
    }
}
