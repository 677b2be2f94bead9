//! E2006: CloudFormation's limits on one template.
//!
//! Source: CloudFormation quotas (read 2026-11-23).

use crate::diagnostic::{Diagnostic, OVER_LIMIT};
use crate::template::Template;

const LIMITS: [(&str, usize); 4] =
    [("Resources", 500), ("Parameters", 200), ("Outputs", 200), ("Mappings", 200)];
const MAX_TAGS: usize = 50;
const MAX_DESCRIPTION_BYTES: usize = 1_024;

pub(super) fn check(template: &Template, tags: usize, report: &mut Vec<Diagnostic>) {
    let sections = LIMITS.map(|(section, limit)| (section, template.entries(section).count(), limit));
    let others = [
        ("Tags", tags, MAX_TAGS),
        ("Description bytes", template.description().len(), MAX_DESCRIPTION_BYTES),
    ];
    for (what, actual, limit) in sections.into_iter().chain(others) {
        if actual > limit {
            let message = format!("{what}: {actual}, but CloudFormation takes {limit} at most.");
            report.push(Diagnostic::new(&OVER_LIMIT, message).path(what).help("Split the stack in two."));
        }
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
}
