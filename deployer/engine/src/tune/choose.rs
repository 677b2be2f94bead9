//! Weighs duration against cost.

use super::price::Price;
use super::sample::Sample;

/// What a function is tuned for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Goal {
    /// The cheapest invocations.
    Cost,
    /// The shortest invocations, on average.
    Speed,
    /// The smallest product of cost and duration: a size that is twice as fast may cost almost twice.
    Balanced,
}

/// Samples that differ by less than this share are alike: measurements do not repeat exactly.
const ALIKE: f64 = 0.03;

/// What a sample is judged by; less is better.
type Weight<'a> = &'a dyn Fn(&Sample) -> f64;

/// Chooses the best of several samples; `None` when there is none.
///
/// Among those that are alike by the goal, the goal that is left decides: of equally cheap sizes the
/// fastest is taken, of equally fast ones the cheapest, of equally balanced ones the smallest. A size
/// that leaves less than a tenth of its memory free is taken only when all do.
#[must_use]
pub fn choose<'a>(goal: Goal, samples: &'a [Sample], price: &Price) -> Option<&'a Sample> {
    let roomy = samples.iter().any(|sample| !sample.is_tight());
    let fit: Vec<&Sample> = samples.iter().filter(|sample| !roomy || !sample.is_tight()).collect();
    let cost = |sample: &Sample| sample.cost(price);
    let duration = |sample: &Sample| sample.mean_ms();
    let (weight, then): (Weight<'_>, Weight<'_>) = match goal {
        Goal::Cost => (&cost, &duration),
        Goal::Speed => (&duration, &cost),
        Goal::Balanced => (&|sample| cost(sample) * duration(sample), &|sample| f64::from(sample.megabytes)),
    };
    let least = fit.iter().map(|sample| weight(sample)).min_by(f64::total_cmp)?;
    let alike = fit.into_iter().filter(|sample| weight(sample) <= least * (1.0 + ALIKE));
    alike.min_by(|a, b| then(a).total_cmp(&then(b)).then(a.megabytes.cmp(&b.megabytes)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::package::Architecture;
    use crate::tune::report_line::Report;

    fn sample(megabytes: u32, duration_ms: f64, billed_ms: u32, memory_used: u32) -> Sample {
        let report = Report { duration_ms, billed_ms, memory_used, init_ms: None };
        Sample::new(megabytes, vec![report]).expect("a report")
    }

    fn chosen(goal: Goal, samples: &[Sample]) -> Option<u32> {
        choose(goal, samples, &Price::of(Architecture::Arm64)).map(|sample| sample.megabytes)
    }

    /// CPU-bound to 512 MB, then it waits for others.
    fn typical() -> Vec<Sample> {
        vec![
            sample(128, 400.0, 400, 20),
            sample(256, 198.0, 198, 20),
            sample(512, 101.0, 101, 20),
            sample(1024, 80.0, 80, 20),
            sample(2048, 79.0, 79, 20),
        ]
    }

    #[test]
    fn cost_takes_the_fastest_of_equally_cheap_sizes() {
        assert_eq!(chosen(Goal::Cost, &typical()), Some(512));
    }

    #[test]
    fn speed_takes_the_cheapest_of_equally_fast_sizes() {
        assert_eq!(chosen(Goal::Speed, &typical()), Some(1024));
    }

    #[test]
    fn balance_stops_where_more_memory_costs_more_than_it_saves() {
        assert_eq!(chosen(Goal::Balanced, &typical()), Some(512));
    }

    #[test]
    fn size_without_room_is_left_out() {
        let samples = [sample(128, 10.0, 10, 126), sample(256, 10.0, 10, 126)];
        assert_eq!(chosen(Goal::Cost, &samples), Some(256));
        assert_eq!(chosen(Goal::Cost, &samples[..1]), Some(128));
    }

    #[test]
    fn nothing_measured_is_nothing_chosen() {
        assert_eq!(chosen(Goal::Cost, &[]), None);
    }
}
