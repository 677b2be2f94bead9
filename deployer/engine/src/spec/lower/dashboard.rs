//! The dashboard, whose body is the Handlebars template `templates/dashboard.json.hbs`.

use std::sync::LazyLock;

use handlebars::Handlebars;
use serde_json::{Value as Json, json};

use super::Lowering;

const NAME: &str = "dashboard";
const TEMPLATE: &str = include_str!("../../../../../templates/dashboard.json.hbs");

impl Lowering<'_> {
    pub(super) fn dashboard(&mut self) {
        if self.spec.observability.dashboard == Some(false) || self.functions.is_empty() {
            return;
        }
        let functions: Vec<Json> =
            self.functions.iter().map(|(name, it)| entry(name.as_str(), it.id())).collect();
        let queues: Vec<Json> = self.queues.iter().map(|(name, it)| entry(name.as_str(), it.id())).collect();
        let apis: Vec<Json> = self.apis.iter().map(|(name, it)| entry(name.as_str(), it.id())).collect();
        let tables: Vec<Json> = self.tables.iter().map(|(name, it)| entry(name.as_str(), it.id())).collect();
        let facts = json!({"functions": functions, "queues": queues, "apis": apis, "tables": tables});
        self.pipeline.dashboard("overview", body(&facts));
    }
}

fn entry(name: &str, id: &stack_model::LogicalId) -> Json {
    json!({"name": name, "id": id.as_str()})
}

/// The template, ready to be filled in.
static ENGINE: LazyLock<Handlebars<'static>> = LazyLock::new(|| {
    let mut engine = Handlebars::new();
    engine.register_escape_fn(handlebars::no_escape);
    engine.register_template_string(NAME, TEMPLATE).expect("the embedded template is well-formed");
    engine
});

/// Renders the body.
fn body(facts: &Json) -> Json {
    let text = ENGINE.render(NAME, facts).expect("the embedded template has all that it names");
    serde_json::from_str(&text).expect("the embedded template renders JSON")
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::body;

    #[test]
    fn body_is_json_with_and_without_each_kind() {
        let one = json!([{"name": "a", "id": "A"}]);
        let two = json!([{"name": "a", "id": "A"}, {"name": "b", "id": "B"}]);
        let none = json!([]);
        for functions in [&one, &two] {
            for others in [&none, &one, &two] {
                let facts =
                    json!({"functions": functions, "queues": others, "apis": others, "tables": others});
                assert!(body(&facts)["widgets"].is_array());
            }
        }
    }
}
