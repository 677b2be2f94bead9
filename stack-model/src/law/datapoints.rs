//! E3055: an alarm wants more breaching periods than it looks at.
//!
//! Source: CloudWatch API, PutMetricAlarm, DatapointsToAlarm: the M of "M out of N" (read 2026-12-01).

use super::found;
use crate::diagnostic::{DATAPOINTS_OVER_PERIODS, Diagnostic};
use crate::world::graph::{Graph, as_number, value};

pub(super) fn check(graph: &Graph) -> Vec<Diagnostic> {
    let refused = graph.of_type("AWS::CloudWatch::Alarm").filter_map(|alarm| {
        let wanted = as_number(value(alarm, "DatapointsToAlarm")?)?;
        let periods = as_number(value(alarm, "EvaluationPeriods")?)?;
        (wanted > periods).then(|| {
            let message = format!("It wants {wanted} breaching periods, but looks at {periods}.");
            found(&DATAPOINTS_OVER_PERIODS, alarm, message)
                .path("Properties.DatapointsToAlarm")
                .help("Set `DatapointsToAlarm` to at most `EvaluationPeriods`.")
        })
    });
    refused.collect()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::super::fixture::{NONE, codes_after};

    #[test]
    fn alarm_wants_no_more_periods_than_it_looks_at() {
        let with = |wanted: u32| {
            codes_after(
                json!({"DlqAlarm": {"Properties": {"DatapointsToAlarm": wanted, "EvaluationPeriods": 3}}}),
            )
        };
        assert_eq!(with(4), ["E3055"]);
        assert_eq!(with(3), NONE);
    }
}
