//! What was measured at one memory size.

use super::price::Price;
use super::report_line::Report;

/// A function at one memory size.
#[derive(Debug, Clone, PartialEq)]
pub struct Sample {
    /// Memory size, MB.
    pub megabytes: u32,
    /// Reports of the invocations that found the function warm, in their order; not empty.
    warm: Vec<Report>,
    /// Time that the function took to start, milliseconds, if a start was seen.
    pub init_ms: Option<f64>,
}

impl Sample {
    /// Makes a sample of reports; `None` without a report. Cold starts say how long a start takes; they
    /// stand for the rest only if nothing else was seen.
    #[must_use]
    pub fn new(megabytes: u32, reports: Vec<Report>) -> Option<Self> {
        let init_ms = reports.iter().find_map(|report| report.init_ms);
        let (cold, warm): (Vec<_>, Vec<_>) = reports.into_iter().partition(|report| report.init_ms.is_some());
        let warm = if warm.is_empty() { cold } else { warm };
        (!warm.is_empty()).then_some(Self { megabytes, warm, init_ms })
    }

    /// Returns the number of invocations that count.
    #[must_use]
    pub fn invocations(&self) -> usize {
        self.warm.len()
    }

    /// Returns the duration below which a share of the invocations stayed, milliseconds: 0.5 is the
    /// median. `share` is between 0 and 1.
    #[must_use]
    pub fn duration_ms(&self, share: f64) -> f64 {
        let mut durations: Vec<f64> = self.warm.iter().map(|report| report.duration_ms).collect();
        durations.sort_by(f64::total_cmp);
        let reached = |rank: usize| count(rank + 1) >= share * count(durations.len());
        let rank = (0..durations.len()).find(|rank| reached(*rank));
        rank.or(durations.len().checked_sub(1)).map_or(0.0, |rank| durations[rank])
    }

    /// Returns the mean of the durations, milliseconds. Unlike the median it shows that some invocations
    /// had to wait for their share of CPU.
    #[must_use]
    pub fn mean_ms(&self) -> f64 {
        self.warm.iter().map(|report| report.duration_ms).sum::<f64>() / count(self.warm.len())
    }

    /// Returns the mean of the billed durations, milliseconds.
    #[must_use]
    pub fn billed_ms(&self) -> f64 {
        self.warm.iter().map(|report| f64::from(report.billed_ms)).sum::<f64>() / count(self.warm.len())
    }

    /// Returns the most memory that was used, MB.
    #[must_use]
    pub fn memory_used(&self) -> u32 {
        self.warm.iter().map(|report| report.memory_used).max().unwrap_or(0)
    }

    /// Returns what a million invocations cost, in US dollars.
    #[must_use]
    pub fn cost(&self, price: &Price) -> f64 {
        price.of_a_million(self.megabytes, self.billed_ms())
    }

    /// True when less than a tenth of the memory was free.
    #[must_use]
    pub fn is_tight(&self) -> bool {
        u64::from(self.memory_used()) * 10 > u64::from(self.megabytes) * 9
    }
}

fn count(number: usize) -> f64 {
    f64::from(u32::try_from(number).unwrap_or(u32::MAX))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn report(duration_ms: f64, init_ms: Option<f64>) -> Report {
        Report { duration_ms, billed_ms: 10, memory_used: 20, init_ms }
    }

    #[test]
    fn cold_start_is_left_out_of_the_durations() {
        let reports = vec![report(90.0, Some(40.0)), report(3.0, None), report(1.0, None), report(2.0, None)];
        let sample = Sample::new(128, reports).expect("reports");
        assert_eq!((sample.invocations(), sample.init_ms), (3, Some(40.0)));
        assert_eq!((sample.duration_ms(0.5), sample.duration_ms(0.9), sample.mean_ms()), (2.0, 3.0, 2.0));
    }

    #[test]
    fn only_cold_starts_stand_for_themselves() {
        let sample = Sample::new(128, vec![report(90.0, Some(40.0))]).expect("a report");
        assert_eq!((sample.invocations(), sample.duration_ms(0.5)), (1, 90.0));
    }

    #[test]
    fn no_report_makes_no_sample() {
        assert_eq!(Sample::new(128, Vec::new()), None);
    }

    #[test]
    fn memory_is_tight_beyond_nine_tenths() {
        let of = |memory_used| {
            let reports = vec![Report { memory_used, ..report(1.0, None) }];
            Sample::new(100, reports).expect("a report").is_tight()
        };
        assert_eq!((of(90), of(91)), (false, true));
    }
}
