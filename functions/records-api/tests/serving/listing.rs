//! Pages of the list.

use crate::support::{Api, content, request};

/// Ids of all pages of `limit`, and how many pages there were.
fn walk(api: &Api, limit: usize, query: &str) -> (Vec<String>, usize) {
    let (mut ids, mut pages, mut next) = (Vec::new(), 0, String::new());
    loop {
        let response = api.serve(request("GET", &format!("/records?limit={limit}{query}{next}")));
        assert_eq!(response.status_code, 200);
        let page = content(&response);
        let items = page["items"].as_array().expect("items");
        ids.extend(items.iter().map(|item| item["id"].as_str().expect("an id").to_owned()));
        pages += 1;
        match page.get("next_token") {
            Some(token) => next = format!("&next_token={}", token.as_str().expect("a token")),
            None => return (ids, pages),
        }
    }
}

#[test]
fn pages_hold_each_record_once() {
    let api = Api::with_records(23);
    for limit in [1, 10, 22, 23, 24, 100] {
        let (ids, _) = walk(&api, limit, "");
        let expected: Vec<String> = (0..23).map(|number| format!("r{number:02}")).collect();
        assert_eq!(ids, expected, "{limit}");
    }
}

#[test]
fn empty_table_has_one_empty_page() {
    assert_eq!(walk(&Api::new(), 10, ""), (vec![], 1));
}

#[test]
fn page_holds_twenty_five_records_unless_told_otherwise() {
    let page = content(&Api::with_records(30).serve(request("GET", "/records")));
    assert_eq!(page["items"].as_array().expect("items").len(), 25);
}

#[test]
fn deleted_records_are_left_out_and_the_page_is_filled() {
    let api = Api::with_records(10);
    for id in ["r01", "r02", "r03", "r04"] {
        assert_eq!(api.serve(request("DELETE", &format!("/records/{id}"))).status_code, 204);
    }
    let page = content(&api.serve(request("GET", "/records?limit=3")));
    let ids: Vec<&str> =
        page["items"].as_array().expect("items").iter().filter_map(|item| item["id"].as_str()).collect();
    assert_eq!(ids, ["r00", "r05", "r06"]);
}

#[test]
fn source_narrows_the_list() {
    let api = Api::with_records(5);
    api.function.records.items.lock().unwrap().get_mut("r03").unwrap().record.source =
        "s3://b/a b".to_owned();
    assert_eq!(walk(&api, 1, "&source=s3%3A//b/a+b").0, ["r03"]);
    assert_eq!(walk(&api, 2, "&source=api").0, ["r00", "r01", "r02", "r04"]);
    assert!(walk(&api, 2, &format!("&source={}", "x".repeat(3_000))).0.is_empty());
}

#[test]
fn cursor_holds_for_its_own_source_only() {
    let api = Api::with_records(3);
    let page = content(&api.serve(request("GET", "/records?limit=1&source=api")));
    let token = page["next_token"].as_str().expect("a token");
    let response = api.serve(request("GET", &format!("/records?limit=1&next_token={token}")));
    assert_eq!(response.status_code, 400);
}

#[test]
fn page_of_large_records_ends_before_the_response_is_too_large() {
    let api = Api::with_records(20);
    for item in api.function.records.items.lock().unwrap().values_mut() {
        item.record.body = pipectl_messages::Document::String("x".repeat(400_000));
    }
    let (ids, pages) = walk(&api, 100, "");
    assert_eq!((ids.len(), pages), (20, 4));
}
