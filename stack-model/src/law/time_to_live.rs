//! W3030: items never expire, because their time to live is no number.
//!
//! Source: DynamoDB API, UpdateTimeToLive: compared as seconds since 1970 (read 2026-11-23).

use super::found;
use crate::diagnostic::{Diagnostic, TIME_TO_LIVE_NO_NUMBER};
use crate::world::graph::{Graph, elements, text};

pub(super) fn check(graph: &Graph) -> Vec<Diagnostic> {
    let never = graph.tables().filter_map(|table| {
        let attribute = text(table, "TimeToLiveSpecification.AttributeName")?;
        let definitions = elements(table, "AttributeDefinitions");
        let own = definitions.into_iter().find(|it| it["AttributeName"] == attribute)?;
        let kind = own["AttributeType"].as_str().filter(|kind| *kind != "N")?;
        let message =
            format!("`{attribute}` has type `{kind}`; DynamoDB expires items by a number of seconds.");
        let found = found(&TIME_TO_LIVE_NO_NUMBER, table, message);
        Some(found.path("Properties.TimeToLiveSpecification").help("Use an attribute of type `N`."))
    });
    never.collect()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::super::fixture::{NONE, codes_after};

    #[test]
    fn time_to_live_must_be_a_number() {
        let with = |kind: &str| {
            codes_after(json!({"Records": {"Properties": {
                "AttributeDefinitions": [{"AttributeName": "id", "AttributeType": "S"}, {"AttributeName": "at", "AttributeType": kind}],
                "GlobalSecondaryIndexes": [{"IndexName": "i", "KeySchema": [{"AttributeName": "at", "KeyType": "HASH"}]}],
                "TimeToLiveSpecification": {"AttributeName": "at", "Enabled": true},
            }}}))
        };
        assert_eq!(with("S"), ["W3030"]);
        assert_eq!(with("N"), NONE);
    }
}
