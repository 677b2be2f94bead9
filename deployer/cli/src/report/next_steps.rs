//! What to try after a deployment, from `templates/next-steps.hbs`.

use std::collections::BTreeMap;

use handlebars::Handlebars;
use serde_json::json;

use crate::project::Project;
use crate::reach::Reach;

const TEMPLATE: &str = include_str!("../../../../templates/next-steps.hbs");

/// Writes the text for a deployed stack.
pub(crate) fn text(outputs: &BTreeMap<String, String>, project: &Project, reach: &Reach) -> String {
    let ending = |suffix: &str| {
        outputs.iter().find(|(name, _)| name.ends_with(suffix)).map(|(_, value)| value.clone())
    };
    let facts = json!({
        "arguments": project.arguments,
        "local": reach.engine.is_some(),
        "bucket": ending("BucketName"),
        "api": ending("ApiUrl"),
        "api_path": project.lowered.first_route,
    });
    let mut engine = Handlebars::new();
    engine.register_escape_fn(handlebars::no_escape);
    let rendered = engine.render_template(TEMPLATE, &facts);
    rendered.unwrap_or_default().trim_end().to_owned()
}

#[cfg(test)]
mod tests {
    use handlebars::Handlebars;

    #[test]
    fn template_is_well_formed() {
        assert!(Handlebars::new().register_template_string("next-steps", super::TEMPLATE).is_ok());
    }
}
