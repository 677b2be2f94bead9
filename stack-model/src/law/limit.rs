//! E2006: CloudFormation's limits on one template.
//!
//! Source: CloudFormation quotas.

use crate::diagnostic::{Diagnostic, OVER_LIMIT};
use crate::template::{MAX_BYTES, Template};

const LIMITS: [(&str, usize); 4] =
    [("Resources", 500), ("Parameters", 200), ("Outputs", 200), ("Mappings", 200)];
const MAX_TAGS: usize = 50;
const MAX_DESCRIPTION_BYTES: usize = 1_024;

pub(super) fn check(template: &Template, report: &mut Vec<Diagnostic>) {
    for (section, limit) in LIMITS {
        judge(section, template.entries(section).count(), limit, report);
    }
    judge("Description bytes", template.description().len(), MAX_DESCRIPTION_BYTES, report);
    judge("Template bytes", template.to_json_compact().len(), MAX_BYTES, report);
}

/// The stack's tags, which are no part of the template.
pub(super) fn check_tags(tags: usize, report: &mut Vec<Diagnostic>) {
    judge("Tags", tags, MAX_TAGS, report);
}

fn judge(what: &'static str, actual: usize, limit: usize, report: &mut Vec<Diagnostic>) {
    if actual > limit {
        let message = format!("{what}: {actual}, but CloudFormation takes {limit} at most.");
        report.push(Diagnostic::new(&OVER_LIMIT, message).path(what).help("Split the stack in two."));
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Map, Value as Json, json};

    use super::super::codes_of;

    fn with_resources(count: usize) -> Json {
        let resources: Map<_, _> =
            (0..count).map(|n| (format!("Q{n}"), json!({"Type": "AWS::SQS::Queue"}))).collect();
        json!({ "Resources": resources })
    }

    #[test]
    fn resources_500_pass_and_501_do_not() {
        assert!(codes_of(with_resources(500)).is_empty());
        assert_eq!(codes_of(with_resources(501)), ["E2006"]);
    }

    #[test]
    fn outputs_201_are_over_the_limit() {
        let outputs: Map<_, _> = (0..201).map(|n| (format!("O{n}"), json!({"Value": "x"}))).collect();
        assert_eq!(codes_of(json!({"Resources": {}, "Outputs": outputs})), ["E2006"]);
    }

    #[test]
    fn template_of_a_mebibyte_passes_and_one_byte_more_does_not() {
        let with = |length: usize| codes_of(json!({"Metadata": {"M": "m".repeat(length)}, "Resources": {}}));
        let frame = r#"{"Metadata":{"M":""},"Resources":{}}"#.len();
        assert!(with(1_048_576 - frame).is_empty());
        assert_eq!(with(1_048_577 - frame), ["E2006"]);
    }
}
