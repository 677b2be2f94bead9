//! What to try after a deployment, from `templates/next-steps.hbs`.

use std::collections::BTreeMap;

use handlebars::Handlebars;
use serde_json::{Value, json};

use super::console::Console;
use crate::invocation::Next;

const TEMPLATE: &str = include_str!("../../../../templates/next-steps.hbs");

/// Writes the text for a deployed stack; `outputs` are as they are used from here.
pub(crate) fn text(
    outputs: &BTreeMap<String, String>,
    template: &Value,
    is_local: bool,
    console: &Console,
) -> String {
    let bucket = outputs.iter().find(|(name, _)| name.ends_with("BucketName")).map(|(_, value)| value);
    let upload = bucket.map(|bucket| {
        let words = ["s3", "cp", "FILE", &format!("s3://{bucket}/")].map(str::to_owned);
        console.command(&Next::Aws(words.to_vec()))
    });
    let facts = json!({
        "status": is_local.then(|| console.command(&Next::LocalStatus)),
        "upload": upload,
        "request": request(outputs, template),
        "diff": console.command(&Next::Diff),
        "down": console.command(&Next::Down),
    });
    let mut engine = Handlebars::new();
    engine.register_escape_fn(handlebars::no_escape);
    let rendered = engine.render_template(TEMPLATE, &facts);
    rendered.unwrap_or_default().trim_end().to_owned()
}

/// Finds a route that answers a plain GET without a parameter, and the output with the address of its API.
fn request(outputs: &BTreeMap<String, String>, template: &Value) -> Option<String> {
    let resources = template.get("Resources")?.as_object()?;
    let routes = resources.values().filter(|it| it["Type"] == "AWS::ApiGatewayV2::Route");
    let mut open: Vec<(&str, &str)> = routes.filter_map(|route| open_get(&route["Properties"])).collect();
    open.sort_unstable();
    let values = template.get("Outputs").and_then(Value::as_object)?;
    open.into_iter().find_map(|(path, api)| {
        let named = |name: &str| values.get(name).is_some_and(|it| is_address_of(&it["Value"], api));
        let (_, address) = outputs.iter().find(|(name, _)| named(name))?;
        Some(format!("curl {}{path}", address.trim_end_matches('/')))
    })
}

/// The path of a route that anybody may GET, and the logical ID of its API.
fn open_get(route: &Value) -> Option<(&str, &str)> {
    let key = route["RouteKey"].as_str()?;
    let path = match key.split_once(' ') {
        Some(("GET" | "ANY", path)) => path,
        None if key == "$default" => "/",
        _ => return None,
    };
    let is_open = route["AuthorizationType"].as_str().is_none_or(|it| it == "NONE");
    (is_open && !path.contains('{')).then_some((path, route["ApiId"]["Ref"].as_str()?))
}

/// True for `!GetAtt Api.ApiEndpoint`, in both its forms.
fn is_address_of(value: &Value, api: &str) -> bool {
    match &value["Fn::GetAtt"] {
        Value::String(text) => *text == format!("{api}.ApiEndpoint"),
        list => *list == json!([api, "ApiEndpoint"]),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn template(routes: &[(&str, &str)]) -> Value {
        let routes = routes.iter().enumerate().map(|(number, (key, authorization))| {
            let properties = json!({
                "ApiId": {"Ref": "Api"}, "RouteKey": key, "AuthorizationType": authorization,
            });
            (format!("Route{number}"), json!({"Type": "AWS::ApiGatewayV2::Route", "Properties": properties}))
        });
        let resources: serde_json::Map<String, Value> = routes.collect();
        json!({
            "Resources": resources,
            "Outputs": {"Url": {"Value": {"Fn::GetAtt": ["Api", "ApiEndpoint"]}}, "Other": {"Value": "x"}},
        })
    }

    #[test]
    fn request_is_one_that_the_api_answers() {
        let outputs = BTreeMap::from(["Other", "Url"].map(|it| (it.to_owned(), format!("https://{it}"))));
        let tried = |routes: &[(&str, &str)]| request(&outputs, &template(routes));
        let some = |text: &str| Some(text.to_owned());
        assert_eq!(tried(&[("POST /a", "NONE"), ("GET /b", "NONE")]), some("curl https://Url/b"));
        assert_eq!(tried(&[("GET /b", "AWS_IAM"), ("ANY /c", "NONE")]), some("curl https://Url/c"));
        assert_eq!(tried(&[("$default", "NONE")]), some("curl https://Url/"));
        assert_eq!(tried(&[("POST /feedback", "NONE"), ("GET /items/{id}", "NONE")]), None);
        assert_eq!(tried(&[]), None);
        assert_eq!(request(&BTreeMap::new(), &template(&[("GET /b", "NONE")])), None);
    }

    #[test]
    fn template_is_well_formed() {
        assert!(Handlebars::new().register_template_string("next-steps", TEMPLATE).is_ok());
    }
}
