//! `AWS::ApiGatewayV2::Stage`.

use std::collections::BTreeMap;

use serde::Serialize;

use crate::resource::{
    Property, Resource,
    UpdateBehavior::{NoInterruption, Replacement},
};
use crate::unit::{Count, PerSecond};
use crate::value::Value;

/// Where one line for each request is written.
///
/// Source: AWS::ApiGatewayV2::Stage, AccessLogSettings.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct AccessLogSettings {
    /// ARN of a log group.
    pub destination_arn: Option<Value<String>>,
    /// The line, with `$context` variables: at most 3 KB, `$context.requestId` among them.
    pub format: Option<Value<String>>,
}

/// How much of a request is logged; WebSocket APIs only.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "UPPERCASE")]
#[non_exhaustive]
pub enum LoggingLevel {
    /// Errors.
    Error,
    /// Everything.
    Info,
    /// Nothing.
    Off,
}

/// How requests to a route are throttled, measured and logged.
///
/// Source: AWS::ApiGatewayV2::Stage, RouteSettings.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct RouteSettings {
    /// Whether whole requests and responses are logged; WebSocket APIs only. False when absent.
    pub data_trace_enabled: Option<Value<bool>>,
    /// Whether CloudWatch gets metrics for each route, which are charged. False when absent.
    pub detailed_metrics_enabled: Option<Value<bool>>,
    /// How much of a request is logged; WebSocket APIs only.
    pub logging_level: Option<Value<LoggingLevel>>,
    /// Requests that may come at once (size of the token bucket); the account's quota when absent.
    pub throttling_burst_limit: Option<Value<Count>>,
    /// Requests a second in the long run; the account's quota when absent. AWS takes fractions too.
    pub throttling_rate_limit: Option<Value<PerSecond>>,
}

/// A deployed state of an API, with its address.
///
/// `Ref` gives its name. Source: AWS::ApiGatewayV2::Stage.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct Stage {
    /// Where one line for each request is written.
    ///
    /// AWS default when absent: nowhere. Update: no interruption.
    /// Source: AWS::ApiGatewayV2::Stage, AccessLogSettings.
    pub access_log_settings: Option<AccessLogSettings>,
    /// ID of the API (its `Ref`).
    ///
    /// Update: replacement. Source: AWS::ApiGatewayV2::Stage, ApiId.
    pub api_id: Value<String>,
    /// Whether a change of the API is deployed at once.
    ///
    /// AWS default when absent: false. Update: no interruption.
    /// Source: AWS::ApiGatewayV2::Stage, AutoDeploy.
    pub auto_deploy: Option<Value<bool>>,
    /// Certificate with which API Gateway shows itself to the integration; WebSocket APIs only.
    ///
    /// Update: no interruption. Source: AWS::ApiGatewayV2::Stage, ClientCertificateId.
    pub client_certificate_id: Option<Value<String>>,
    /// Settings of every route that has none of its own.
    ///
    /// Update: no interruption. Source: AWS::ApiGatewayV2::Stage, DefaultRouteSettings.
    pub default_route_settings: Option<RouteSettings>,
    /// ID of the deployment; not beside `AutoDeploy: true`.
    ///
    /// Update: no interruption. Source: AWS::ApiGatewayV2::Stage, DeploymentId.
    pub deployment_id: Option<Value<String>>,
    /// What the stage is for.
    ///
    /// Shape: at most 1,024 characters. Update: no interruption.
    /// Source: AWS::ApiGatewayV2::Stage, Description.
    pub description: Option<Value<String>>,
    /// Settings by route key, as `GET /records`. The route must exist before: `DependsOn` it.
    ///
    /// Update: no interruption. Source: AWS::ApiGatewayV2::Stage, RouteSettings.
    pub route_settings: Option<BTreeMap<String, RouteSettings>>,
    /// Name, which is the first part of every path, but for `$default`.
    ///
    /// Shape: `$default`, or `1..=128` of letters, digits, `-` and `_`. Update: replacement.
    /// Source: AWS::ApiGatewayV2::Stage, StageName.
    pub stage_name: Value<String>,
    /// Variables that integrations can name as `${stageVariables.name}`.
    ///
    /// Shape: 100 at most; a value is at most 512 characters of `[A-Za-z0-9-._~:/?#&=,]`.
    /// Update: no interruption. Source: AWS::ApiGatewayV2::Stage, StageVariables.
    pub stage_variables: Option<BTreeMap<String, Value<String>>>,
    /// Tags of the stage by key, 50 at most.
    ///
    /// Update: no interruption. Source: AWS::ApiGatewayV2::Stage, Tags.
    pub tags: Option<BTreeMap<String, Value<String>>>,
}

impl Stage {
    /// A stage of an API, and everything else absent.
    pub fn new(api_id: impl Into<Value<String>>, stage_name: impl Into<Value<String>>) -> Self {
        Self {
            access_log_settings: None,
            api_id: api_id.into(),
            auto_deploy: None,
            client_certificate_id: None,
            default_route_settings: None,
            deployment_id: None,
            description: None,
            route_settings: None,
            stage_name: stage_name.into(),
            stage_variables: None,
            tags: None,
        }
    }
}

impl Resource for Stage {
    const TYPE: &'static str = "AWS::ApiGatewayV2::Stage";
    const ATTRIBUTES: &'static [&'static str] = &[];
    const PROPERTIES: &'static [Property] = &[
        Property::optional("AccessLogSettings", NoInterruption),
        Property::required("ApiId", Replacement),
        Property::optional("AutoDeploy", NoInterruption),
        Property::optional("ClientCertificateId", NoInterruption),
        Property::optional("DefaultRouteSettings", NoInterruption),
        Property::optional("DeploymentId", NoInterruption),
        Property::optional("Description", NoInterruption),
        Property::optional("RouteSettings", NoInterruption),
        Property::required("StageName", Replacement),
        Property::optional("StageVariables", NoInterruption),
        Property::optional("Tags", NoInterruption),
    ];
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::resource::{assert_properties_match, properties};

    fn full_stage() -> Stage {
        let settings = RouteSettings {
            data_trace_enabled: Some(false.into()),
            detailed_metrics_enabled: Some(true.into()),
            logging_level: Some(LoggingLevel::Error.into()),
            throttling_burst_limit: Some(Count(200).into()),
            throttling_rate_limit: Some(PerSecond(100).into()),
        };
        Stage {
            access_log_settings: Some(AccessLogSettings {
                destination_arn: Some("log-group-arn".into()),
                format: Some("$context.requestId".into()),
            }),
            auto_deploy: Some(true.into()),
            client_certificate_id: Some("certificate".into()),
            default_route_settings: Some(settings.clone()),
            deployment_id: Some("deployment".into()),
            description: Some("Live.".into()),
            route_settings: Some(BTreeMap::from([("GET /records".to_owned(), settings)])),
            stage_variables: Some(BTreeMap::from([("name".to_owned(), "value".into())])),
            tags: Some(BTreeMap::from([("k".to_owned(), "v".into())])),
            ..Stage::new("api", "$default")
        }
    }

    #[test]
    fn properties_list_matches_the_fields() {
        assert_properties_match(&full_stage());
    }

    #[test]
    fn full_stage_renders_aws_names() {
        let settings = json!({
            "DataTraceEnabled": false, "DetailedMetricsEnabled": true, "LoggingLevel": "ERROR",
            "ThrottlingBurstLimit": 200, "ThrottlingRateLimit": 100,
        });
        let expected = json!({
            "AccessLogSettings": {"DestinationArn": "log-group-arn", "Format": "$context.requestId"},
            "ApiId": "api",
            "AutoDeploy": true,
            "ClientCertificateId": "certificate",
            "DefaultRouteSettings": settings,
            "DeploymentId": "deployment",
            "Description": "Live.",
            "RouteSettings": {"GET /records": settings},
            "StageName": "$default",
            "StageVariables": {"name": "value"},
            "Tags": {"k": "v"},
        });
        assert_eq!(properties(&full_stage()), expected);
    }
}
