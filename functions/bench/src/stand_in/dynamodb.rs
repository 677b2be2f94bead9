//! Amazon DynamoDB.
//!
//! Source: DynamoDB API reference (read 2026-11-23).

/// A record's item, as the shipped functions write it.
const ITEM: &str = concat!(
    r#"{"id":{"S":"07958ddc4b1f4c0d9d4b1f4c0d9d4b1f"},"source":{"S":"s3://bench/records.jsonl"},"position":{"N":"3"},"#,
    r#""body":{"M":{"sku":{"S":"A-2"},"price":{"N":"12.50"},"quantity":{"N":"3"},"#,
    r#""description":{"S":"a part of no particular use, in a box of its own"},"in_stock":{"BOOL":true}}},"#,
    r#""revision":{"N":"1"},"ordering":{"S":"00000000000000000055aed6dcd90281e5.000000000003"},"#,
    r#""deduplication_id":{"S":"4ae7c3b6ac0beff671efa8cf57386151c06e58ca53a78d83f36107316cec125f"},"#,
    r#""created_at":{"S":"2026-11-23T13:00:00.25Z"},"updated_at":{"S":"2026-11-23T13:00:00.25Z"}}"#,
);

/// Items of a page.
const PAGE: usize = 20;

/// The answer; `None` for an operation that is not known here.
pub(super) fn answer(operation: &str, body: &[u8]) -> Option<String> {
    match operation {
        "UpdateItem" if asks_for_attributes(body) => Some(format!(r#"{{"Attributes":{ITEM}}}"#)),
        "UpdateItem" => Some("{}".to_owned()),
        "GetItem" => Some(format!(r#"{{"Item":{ITEM}}}"#)),
        "Query" | "Scan" => {
            let items = vec![ITEM; PAGE].join(",");
            Some(format!(r#"{{"Items":[{items}],"Count":{PAGE},"ScannedCount":{PAGE}}}"#))
        }
        _ => None,
    }
}

fn asks_for_attributes(body: &[u8]) -> bool {
    const WISH: &[u8] = br#""ReturnValues":"ALL_NEW""#;
    body.windows(WISH.len()).any(|window| window == WISH)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn answers_are_json() {
        for (operation, body) in
            [("UpdateItem", r#"{"ReturnValues":"ALL_NEW"}"#), ("GetItem", ""), ("Scan", "")]
        {
            let answer = answer(operation, body.as_bytes()).unwrap();
            assert!(serde_json::from_str::<serde_json::Value>(&answer).is_ok(), "{answer}");
        }
    }
}
