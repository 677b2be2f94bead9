//! The line by which Lambda reports on an invocation.

/// What the `REPORT` line of an invocation says.
///
/// Source: Lambda developer guide, "Understanding log formats", plain text (read 2026-11-23).
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Report {
    /// `Duration`: time in the handler, milliseconds.
    pub duration_ms: f64,
    /// `Billed Duration`, whole milliseconds. Of a cold start it contains the initialisation.
    pub billed_ms: u32,
    /// `Max Memory Used`, MB. It grows with the life of an execution environment.
    pub memory_used: u32,
    /// `Init Duration`, milliseconds; only when the invocation began with a cold start.
    pub init_ms: Option<f64>,
}

/// Finds the last report in the tail of a log; `None` when there is none that can be read.
#[must_use]
pub fn read(log: &str) -> Option<Report> {
    let line = log.lines().rev().find(|line| line.starts_with("REPORT RequestId:"))?;
    let field = |name: &str, unit: &str| {
        let fields = line.split('\t').map(str::trim);
        let mut values = fields.filter_map(|field| field.strip_prefix(name)?.strip_prefix(':'));
        values.find_map(|value| value.trim().strip_suffix(unit)?.trim().parse::<f64>().ok())
    };
    Some(Report {
        duration_ms: field("Duration", "ms")?,
        billed_ms: whole(field("Billed Duration", "ms")?)?,
        memory_used: whole(field("Max Memory Used", "MB")?)?,
        init_ms: field("Init Duration", "ms"),
    })
}

fn whole(number: f64) -> Option<u32> {
    format!("{number:.0}").parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    const WARM: &str = "REPORT RequestId: 8f5\tDuration: 3.21 ms\tBilled Duration: 4 ms\tMemory Size: 128 MB\t\
                        Max Memory Used: 21 MB\t";

    #[test]
    fn warm_invocation_has_no_init_duration() {
        let report = Report { duration_ms: 3.21, billed_ms: 4, memory_used: 21, init_ms: None };
        assert_eq!(read(WARM), Some(report));
    }

    #[test]
    fn cold_start_has_an_init_duration() {
        let line = format!("{WARM}Init Duration: 45.60 ms\t");
        assert_eq!(read(&line).and_then(|report| report.init_ms), Some(45.6));
    }

    #[test]
    fn last_report_counts_whatever_the_function_has_printed() {
        let log = format!("REPORT RequestId: forged\tDuration: 1 ms\nEND RequestId: 8f5\n{WARM}\n");
        assert_eq!(read(&log).map(|report| report.billed_ms), Some(4));
    }

    #[test]
    fn tail_without_a_report_says_nothing() {
        assert_eq!(read("START RequestId: 8f5\nEND RequestId: 8f5\n"), None);
    }
}
