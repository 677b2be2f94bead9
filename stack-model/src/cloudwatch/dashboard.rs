//! `AWS::CloudWatch::Dashboard`.

use serde::Serialize;

use crate::resource::{
    Property, Resource, Tag,
    UpdateBehavior::{NoInterruption, Replacement},
};
use crate::value::Value;

/// A page of graphs and other widgets.
///
/// `Ref` gives its name. Source: AWS::CloudWatch::Dashboard.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct Dashboard {
    /// What the page shows.
    ///
    /// Shape: a text that is JSON, in CloudWatch's dashboard body structure; 500 widgets at most.
    /// Update: no interruption. Source: AWS::CloudWatch::Dashboard, DashboardBody.
    pub dashboard_body: Value<String>,
    /// Physical name.
    ///
    /// Shape: `1..=255` of letters, digits, `-` and `_`. AWS default when absent: made by CloudFormation.
    /// Update: replacement. Source: AWS::CloudWatch::Dashboard, DashboardName.
    pub dashboard_name: Option<Value<String>>,
    /// Tags of the dashboard, 50 at most.
    ///
    /// Update: no interruption. Source: AWS::CloudWatch::Dashboard, Tags.
    pub tags: Option<Vec<Tag>>,
}

impl Dashboard {
    /// A page with a body, and everything else absent.
    pub fn new(dashboard_body: impl Into<Value<String>>) -> Self {
        Self { dashboard_body: dashboard_body.into(), dashboard_name: None, tags: None }
    }
}

impl Resource for Dashboard {
    const TYPE: &'static str = "AWS::CloudWatch::Dashboard";
    const ATTRIBUTES: &'static [&'static str] = &[];
    const PROPERTIES: &'static [Property] = &[
        Property::required("DashboardBody", NoInterruption),
        Property::optional("DashboardName", Replacement),
        Property::optional("Tags", NoInterruption),
    ];
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::resource::{assert_properties_match, properties};

    fn full_dashboard() -> Dashboard {
        Dashboard {
            dashboard_name: Some("ingest".into()),
            tags: Some(vec![Tag { key: "k".to_owned(), value: "v".into() }]),
            ..Dashboard::new(r#"{"widgets":[]}"#)
        }
    }

    #[test]
    fn properties_list_matches_the_fields() {
        assert_properties_match(&full_dashboard());
    }

    #[test]
    fn full_dashboard_renders_aws_names() {
        let expected = json!({
            "DashboardBody": r#"{"widgets":[]}"#,
            "DashboardName": "ingest",
            "Tags": [{"Key": "k", "Value": "v"}],
        });
        assert_eq!(properties(&full_dashboard()), expected);
    }
}
