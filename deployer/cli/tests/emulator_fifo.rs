//! The ingest example with FIFO queues.

mod support;

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;
use support::Sandbox;
use support::ingest::{Ingest, write_spec};

const RECORDS: usize = 1_000;

#[test]
fn each_record_is_written_once_and_the_newest_version_wins() {
    let sandbox = Sandbox::new();
    write_spec(&sandbox, |spec| spec.replace("RECORD_FORMAT: auto", "ID_FIELD: sku"));
    let ingest = Ingest::up(&sandbox, "ingest-fifo", &["--stage", "fifo"]);
    for output in ["MessagesQueueUrl", "MessagesDlqQueueUrl"] {
        assert!(ingest.output(output).ends_with(".fifo"), "{}", ingest.output(output));
    }

    let source = ingest.put("prices.jsonl", prices(RECORDS, 1).as_bytes());
    ingest.settle();
    let items = ingest.items_by_source();
    assert_eq!(items.keys().collect::<Vec<_>>(), [&source]);
    let ids: BTreeSet<&str> = items[&source].iter().filter_map(|item| item["id"]["S"].as_str()).collect();
    assert_eq!((items[&source].len(), ids.len()), (RECORDS, RECORDS));
    assert!(items[&source].iter().all(|item| item["revision"]["N"] == "1"));

    // Three versions of each record in one object, on top of the first: written in their order.
    let versions: String = (2..=4).map(|price| prices(50, price)).collect();
    ingest.put("changes.jsonl", versions.as_bytes());
    ingest.settle();
    let changed = by_id(ingest.items_by_source());
    for n in 1..=50 {
        let item = &changed[&format!("A-{n}")];
        let seen = (&item["body"]["M"]["price"]["N"], &item["revision"]["N"]);
        assert_eq!(seen, (&Value::from("4"), &Value::from("4")), "{item}");
    }
    assert_eq!((changed.len(), &changed["A-51"]["revision"]["N"]), (RECORDS, &Value::from("1")));

    let source = ingest.put("poison.jsonl", b"{\"sku\":\"A-1\",\"price\":5}\n{broken\n");
    ingest.settle();
    let reject = &ingest.rejects(1)[0];
    assert_eq!((&reject["source"], &reject["position"]["number"]), (&Value::from(source), &Value::from(2)));
    assert_eq!(by_id(ingest.items_by_source())["A-1"]["body"]["M"]["price"]["N"], "5");
}

fn prices(records: usize, price: usize) -> String {
    (1..=records).map(|n| format!("{{\"sku\":\"A-{n}\",\"price\":{price}}}\n")).collect()
}

fn by_id(by_source: BTreeMap<String, Vec<Value>>) -> BTreeMap<String, Value> {
    let items = by_source.into_values().flatten();
    items.map(|item| (item["id"]["S"].as_str().expect("an id").to_owned(), item)).collect()
}
