//! Objects of every format become records, and what is no record is left out with its place and reason.

use object_extract::effects::Destination;
use pipectl_messages::RejectedRecord;

use crate::support::{Extract, gzip};

/// Bodies and rejects of an object.
fn extract(set: &[(&str, &str)], key: &str, content: impl Into<Vec<u8>>) -> (Vec<String>, Vec<String>) {
    let extract = Extract::new(set, key, content);
    extract.put(&[key], "1").expect("nothing fails");
    (extract.bodies(), extract.rejects())
}

const AB: [&str; 2] = [r#"{"name":"a"}"#, r#"{"name":"b"}"#];

#[test]
fn every_format_gives_its_records_plain_and_gzipped() {
    for (key, content) in [
        ("x.jsonl", "{\"name\":\"a\"}\n\n{\"name\": \"b\"}"),
        ("x.json", "[{\"name\":\"a\"},\n {\"name\":\"b\"}]"),
        ("x.json", "{\"name\":\"a\"}\r\n{\"name\":\"b\"}\r\n"),
        ("x.csv", "name\r\na\r\n\"b\"\r\n"),
    ] {
        let (plain, rejects) = extract(&[], key, content);
        assert_eq!((plain, rejects.len()), (AB.map(ToOwned::to_owned).to_vec(), 0), "{key}");
        let (zipped, rejects) = extract(&[], &format!("{key}.gz"), gzip(content.as_bytes()));
        assert_eq!((zipped, rejects.len()), (AB.map(ToOwned::to_owned).to_vec(), 0), "{key}.gz");
    }
}

#[test]
fn text_lines_become_records_of_their_own() {
    let (bodies, _) = extract(&[], "x.txt", "one\n\n two \n");
    assert_eq!(bodies, [r#"{"text":"one"}"#, r#"{"text":" two "}"#]);
}

#[test]
fn set_format_decides_over_the_suffix() {
    let (bodies, _) = extract(&[("RECORD_FORMAT", "text")], "x.json", "[1]\n");
    assert_eq!(bodies, [r#"{"text":"[1]"}"#]);
}

#[test]
fn byte_order_mark_is_not_part_of_the_first_record() {
    let (bodies, rejects) = extract(&[], "x.csv", "\u{feff}name\na\nb\n");
    assert_eq!((bodies, rejects.len()), (AB.map(ToOwned::to_owned).to_vec(), 0));
}

#[test]
fn poison_lines_are_rejected_in_their_place_and_the_rest_is_queued() {
    let content = [
        &b"{\"name\":\"a\"}\n"[..],
        b"{\"name\":\n",
        b"\"\xff\"\n",
        b"{\"n\":1e999}\n",
        b"{\"\":1}\n",
        &[b"[".repeat(40), b"]".repeat(40), b"\n".to_vec()].concat(),
        &[b"\"".to_vec(), b"x".repeat(100), b"\"\n".to_vec()].concat(),
        b"{\"name\":\"b\"}\n",
    ]
    .concat();
    let (bodies, rejects) = extract(&[("MAX_RECORD_BYTES", "90")], "x.jsonl", content);
    assert_eq!(bodies, AB);
    assert_eq!(
        rejects,
        [
            "2@13 NotJson",
            "3@22 NotUtf8",
            "4@26 NumberOutOfRange",
            "5@38 EmptyName",
            "6@45 TooDeep",
            "7@126 TooLarge"
        ]
    );
}

#[test]
fn poison_elements_of_an_array_cost_only_themselves() {
    let (bodies, rejects) = extract(&[], "x.json", "[{\"name\":\"a\"}, nope,, {\"name\":\"b\"},]");
    assert_eq!(bodies, AB);
    assert_eq!(rejects, ["2@15 NotJson", "3@20 NotJson", "5@35 NotJson"]);
}

#[test]
fn rows_with_other_fields_than_the_header_are_rejected() {
    let (bodies, rejects) = extract(&[], "x.csv", "name\na,1\na\n\n\"a\"x\nb\n\"");
    assert_eq!(bodies, AB);
    assert_eq!(rejects, ["2@5 WrongFieldCount", "5@12 MisplacedQuote", "7@19 Unfinished"]);
}

#[test]
fn csv_without_a_usable_header_is_rejected_once() {
    for content in [&b"a,a\n1,2\n"[..], b"a,\n1,2\n", b"\xff\n1\n2\n", b"\"a\"b\n1\n"] {
        let (bodies, rejects) = extract(&[], "x.csv", content);
        assert_eq!((bodies.len(), rejects), (0, vec!["1@0 UnusableHeader".to_owned()]));
    }
}

#[test]
fn damaged_gzip_gives_what_is_before_the_damage() {
    let mut stored = gzip(b"{\"name\":\"a\"}\n{\"name\":\"b\"}\n");
    stored.extend_from_slice(b"no gzip member");
    let (bodies, rejects) = extract(&[], "x.jsonl.gz", stored);
    assert_eq!(bodies, AB);
    assert_eq!(rejects, ["3@26 DamagedCompression"]);
}

#[test]
fn objects_without_content_have_no_records() {
    for key in ["x.jsonl", "x.json", "x.csv", "x.txt", "x"] {
        assert_eq!(extract(&[], key, ""), (vec![], vec![]), "{key}");
    }
    assert_eq!(extract(&[], "x.csv", "name\n"), (vec![], vec![]));
}

#[test]
fn id_field_names_the_record() {
    let content = "{\"n\":1}\n{\"n\":\"a b\"}\n{\"n\":[]}\n{\"m\":2}\n";
    let extract = Extract::new(&[("ID_FIELD", "n")], "x.jsonl", content);
    extract.put(&["x.jsonl"], "1").expect("nothing fails");
    let records = extract.records();
    assert_eq!(records[0].id.as_str(), "1");
    assert_eq!(records[1].id.as_str().len(), 32);
    assert_eq!(extract.rejects(), ["2@8 UnusableId", "3@20 UnusableId"]);
}

#[test]
fn record_that_no_item_can_hold_is_rejected() {
    let content = format!("[{}1]\n", "1,".repeat(200_000));
    let (bodies, rejects) = extract(&[("MAX_RECORD_BYTES", "1000000")], "x.jsonl", content);
    assert_eq!((bodies.len(), rejects), (0, vec!["1@0 TooLarge".to_owned()]));
}

#[test]
fn line_ends_and_delimiters_of_spreadsheets_are_read() {
    let expected = [r#"{"id":"1","name":"a"}"#, r#"{"id":"2","name":"b, c"}"#];
    for content in [
        "id,name\r1,a\r2,\"b, c\"\r",
        "id,name\r\n1,a\n2,\"b, c\"",
        "id,name\r\r\n1,a\r\r\n2,\"b, c\"\r\r\n",
        "id;name\r\n1;a\r\n2;b, c\r\n",
        "id\tname\n1\ta\n2\tb, c\n",
        "\u{feff}sep=;\r\nid;name\r\n1;a\r\n2;b, c\r\n",
        "sep=#\nid#name\n1#a\n2#b, c\n",
    ] {
        assert_eq!(
            extract(&[], "x.csv", content),
            (expected.map(ToOwned::to_owned).to_vec(), vec![]),
            "{content:?}"
        );
    }
}

#[test]
fn binary_object_is_one_reject_with_the_size_of_the_object() {
    let picture = [b"\x89PNG\r\n\x1a\n".to_vec(), (0..=255).cycle().take(100_000).collect()].concat();
    for (key, content) in [
        ("x.png", picture.clone()),
        ("x.jsonl", picture.clone()),
        ("x.png.gz", gzip(&picture)),
        ("x", vec![0; 5_000]),
    ] {
        let size = content.len() as u64;
        let mut extract = Extract::new(&[], key, content);
        extract.function.store.content_type = Some("image/png");
        extract.put(&[key], "1").expect("nothing fails");
        assert_eq!(
            (extract.bodies(), extract.rejects()),
            (vec![], vec!["1@0 UnsupportedContent".to_owned()]),
            "{key}"
        );
        let body = &extract.messages(Destination::Rejects)[0].body;
        assert_eq!(RejectedRecord::from_json(body).expect("a rejected record").size, size, "{key}");
    }
}
