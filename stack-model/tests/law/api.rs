//! E2012, E2013, W3010: routes.

use stack_model::lambda::Timeout;
use stack_model::pipeline::{ApiOptions, Authorization, FunctionOptions};
use stack_model::unit::Seconds;

use crate::codes;

const NONE: [&str; 0] = [];

fn with_route(route_key: &str, timeout: u32, authorization: Authorization) -> Vec<&'static str> {
    codes(|pipeline| {
        let timeout = Timeout::new(Seconds(timeout)).unwrap();
        let worker = pipeline.function("worker", FunctionOptions { timeout, ..FunctionOptions::default() });
        let api = pipeline.http_api("records", ApiOptions::default());
        pipeline.route(&api, route_key, &worker, authorization);
    })
}

#[test]
fn route_key_without_a_known_method_is_e2012() {
    assert_eq!(with_route("FETCH /records", 10, Authorization::None), ["E2012"]);
    assert_eq!(with_route("GET /records", 10, Authorization::None), NONE);
}

#[test]
fn route_with_an_authorizer_that_the_api_lacks_is_e2013() {
    let jwt = Authorization::Jwt { authorizer: "people".to_owned(), scopes: Vec::new() };
    assert_eq!(with_route("GET /records", 10, jwt), ["E2013"]);
    assert_eq!(with_route("GET /records", 10, Authorization::AwsIam), NONE);
}

#[test]
fn function_that_outlasts_its_api_is_w3010() {
    assert_eq!(with_route("GET /records", 31, Authorization::None), ["W3010"]);
    assert_eq!(with_route("GET /records", 30, Authorization::None), NONE);
}

#[test]
fn route_wired_twice_is_e2002() {
    let found = codes(|pipeline| {
        let worker = crate::function(pipeline);
        let api = pipeline.http_api("records", ApiOptions::default());
        pipeline.route(&api, "GET /records", &worker, Authorization::None);
        pipeline.route(&api, "GET /records", &worker, Authorization::None);
    });
    assert_eq!(found, ["E2002"]);
}
