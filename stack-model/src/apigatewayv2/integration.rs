//! `AWS::ApiGatewayV2::Integration`.

use std::collections::BTreeMap;

use serde::Serialize;

use crate::resource::{
    Property, Resource,
    UpdateBehavior::{NoInterruption, Replacement},
};
use crate::unit::{Milliseconds, ranged};
use crate::value::Value;

ranged!(
    /// Time API Gateway waits for the integration. WebSocket APIs end at 29,000.
    ///
    /// Source: AWS::ApiGatewayV2::Integration, TimeoutInMillis.
    TimeoutInMillis(Milliseconds, "TimeoutInMillis", 50..=30_000)
);

/// What an integration calls. HTTP APIs take `AWS_PROXY` and `HTTP_PROXY` only.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
#[non_exhaustive]
pub enum IntegrationType {
    /// An action of an AWS service, with mapped requests.
    Aws,
    /// A function, or an action of an AWS service, with requests passed on.
    AwsProxy,
    /// An HTTP endpoint, with mapped requests.
    Http,
    /// An HTTP endpoint, with requests passed on.
    HttpProxy,
    /// Nothing: API Gateway answers itself.
    Mock,
}

/// Format of the event that a function gets.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub enum PayloadFormatVersion {
    /// As REST APIs send it; the only one for integrations other than functions.
    #[serde(rename = "1.0")]
    V1,
    /// Shorter, with a plain response allowed.
    #[serde(rename = "2.0")]
    V2,
}

/// Network on which the integration is reached.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
#[non_exhaustive]
pub enum ConnectionType {
    /// The public one.
    Internet,
    /// A VPC, through a link. HTTP APIs only.
    VpcLink,
}

/// How a response's payload is converted; WebSocket APIs only.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
#[non_exhaustive]
pub enum ContentHandlingStrategy {
    /// From Base64 text to bytes.
    ConvertToBinary,
    /// From bytes to Base64 text.
    ConvertToText,
}

/// What happens to a request without a template for its content type; WebSocket APIs only.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
#[non_exhaustive]
pub enum PassthroughBehavior {
    /// It is refused.
    Never,
    /// It is passed on.
    WhenNoMatch,
    /// It is passed on when there is no template at all, and refused otherwise.
    WhenNoTemplates,
}

/// One change to a response.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct ResponseParameter {
    /// What is changed and how, as `overwrite:header.cache-control` or `overwrite:statuscode`.
    pub destination: Value<String>,
    /// The new value: a text, or a variable as `$response.header.etag`.
    pub source: Value<String>,
}

/// The changes to responses of one status code.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct ResponseParameters {
    /// The changes.
    pub response_parameters: Vec<ResponseParameter>,
}

/// How a private integration is reached by TLS.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct TlsConfig {
    /// Name that the certificate must have, and that is sent as the server name; the host's name when absent.
    pub server_name_to_verify: Option<Value<String>>,
}

/// What routes of an API call.
///
/// `Ref` gives its ID. Source: AWS::ApiGatewayV2::Integration.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct Integration {
    /// ID of the API (its `Ref`).
    ///
    /// Update: replacement. Source: AWS::ApiGatewayV2::Integration, ApiId.
    pub api_id: Value<String>,
    /// ID of the VPC link; for [`ConnectionType::VpcLink`] only.
    ///
    /// Update: no interruption. Source: AWS::ApiGatewayV2::Integration, ConnectionId.
    pub connection_id: Option<Value<String>>,
    /// Network on which the integration is reached.
    ///
    /// AWS default when absent: `INTERNET`. Update: no interruption.
    /// Source: AWS::ApiGatewayV2::Integration, ConnectionType.
    pub connection_type: Option<Value<ConnectionType>>,
    /// How a response's payload is converted; WebSocket APIs only.
    ///
    /// AWS default when absent: not at all. Update: no interruption.
    /// Source: AWS::ApiGatewayV2::Integration, ContentHandlingStrategy.
    pub content_handling_strategy: Option<Value<ContentHandlingStrategy>>,
    /// Role with which the integration is called.
    ///
    /// Shape: ARN of a role, or `arn:aws:iam::*:user/*` for the caller's own identity.
    /// AWS default when absent: the resource's own policy decides. Update: no interruption.
    /// Source: AWS::ApiGatewayV2::Integration, CredentialsArn.
    pub credentials_arn: Option<Value<String>>,
    /// What the integration is for.
    ///
    /// Shape: at most 1,024 characters. Update: no interruption.
    /// Source: AWS::ApiGatewayV2::Integration, Description.
    pub description: Option<Value<String>>,
    /// HTTP method of the call; `POST` for functions.
    ///
    /// Update: no interruption. Source: AWS::ApiGatewayV2::Integration, IntegrationMethod.
    pub integration_method: Option<Value<String>>,
    /// Action of an AWS service, as `SQS-SendMessage`; for [`IntegrationType::AwsProxy`] of HTTP APIs only.
    ///
    /// Update: no interruption. Source: AWS::ApiGatewayV2::Integration, IntegrationSubtype.
    pub integration_subtype: Option<Value<String>>,
    /// What is called.
    ///
    /// Update: no interruption. Source: AWS::ApiGatewayV2::Integration, IntegrationType.
    pub integration_type: Value<IntegrationType>,
    /// Where it is.
    ///
    /// Shape: ARN of a function, a URL, or ARN of a listener or Cloud Map service. Update: no interruption.
    /// Source: AWS::ApiGatewayV2::Integration, IntegrationUri.
    pub integration_uri: Option<Value<String>>,
    /// What happens to a request without a template for its content type; WebSocket APIs only.
    ///
    /// Update: no interruption. Source: AWS::ApiGatewayV2::Integration, PassthroughBehavior.
    pub passthrough_behavior: Option<Value<PassthroughBehavior>>,
    /// Format of the event that a function gets; required for HTTP APIs.
    ///
    /// Update: no interruption. Source: AWS::ApiGatewayV2::Integration, PayloadFormatVersion.
    pub payload_format_version: Option<Value<PayloadFormatVersion>>,
    /// Changes to a request, or parameters of a service's action, by name.
    ///
    /// Update: no interruption. Source: AWS::ApiGatewayV2::Integration, RequestParameters.
    pub request_parameters: Option<BTreeMap<String, Value<String>>>,
    /// Velocity templates by content type; WebSocket APIs only.
    ///
    /// Update: no interruption. Source: AWS::ApiGatewayV2::Integration, RequestTemplates.
    pub request_templates: Option<BTreeMap<String, Value<String>>>,
    /// Changes to a response by status code (`200..=599`). HTTP APIs only.
    ///
    /// Update: no interruption. Source: AWS::ApiGatewayV2::Integration, ResponseParameters.
    pub response_parameters: Option<BTreeMap<String, ResponseParameters>>,
    /// How a request's template is found; WebSocket APIs only.
    ///
    /// Update: no interruption.
    /// Source: AWS::ApiGatewayV2::Integration, TemplateSelectionExpression.
    pub template_selection_expression: Option<Value<String>>,
    /// Time API Gateway waits for the integration.
    ///
    /// Shape: milliseconds, `50..=30_000` (WebSocket APIs `50..=29_000`). AWS default when absent: the largest.
    /// Update: no interruption. Law: W3010 (against the function's timeout).
    /// Source: AWS::ApiGatewayV2::Integration, TimeoutInMillis.
    pub timeout_in_millis: Option<Value<TimeoutInMillis>>,
    /// How a private integration is reached by TLS. HTTP APIs only.
    ///
    /// AWS default when absent: plain HTTP. Update: no interruption.
    /// Source: AWS::ApiGatewayV2::Integration, TlsConfig.
    pub tls_config: Option<TlsConfig>,
}

impl Integration {
    /// An integration of an API, and everything else absent.
    pub fn new(api_id: impl Into<Value<String>>, integration_type: IntegrationType) -> Self {
        Self {
            api_id: api_id.into(),
            connection_id: None,
            connection_type: None,
            content_handling_strategy: None,
            credentials_arn: None,
            description: None,
            integration_method: None,
            integration_subtype: None,
            integration_type: integration_type.into(),
            integration_uri: None,
            passthrough_behavior: None,
            payload_format_version: None,
            request_parameters: None,
            request_templates: None,
            response_parameters: None,
            template_selection_expression: None,
            timeout_in_millis: None,
            tls_config: None,
        }
    }
}

impl Resource for Integration {
    const TYPE: &'static str = "AWS::ApiGatewayV2::Integration";
    const ATTRIBUTES: &'static [&'static str] = &["IntegrationId"];
    const PROPERTIES: &'static [Property] = &[
        Property::required("ApiId", Replacement),
        Property::optional("ConnectionId", NoInterruption),
        Property::optional("ConnectionType", NoInterruption),
        Property::optional("ContentHandlingStrategy", NoInterruption),
        Property::optional("CredentialsArn", NoInterruption),
        Property::optional("Description", NoInterruption),
        Property::optional("IntegrationMethod", NoInterruption),
        Property::optional("IntegrationSubtype", NoInterruption),
        Property::required("IntegrationType", NoInterruption),
        Property::optional("IntegrationUri", NoInterruption),
        Property::optional("PassthroughBehavior", NoInterruption),
        Property::optional("PayloadFormatVersion", NoInterruption),
        Property::optional("RequestParameters", NoInterruption),
        Property::optional("RequestTemplates", NoInterruption),
        Property::optional("ResponseParameters", NoInterruption),
        Property::optional("TemplateSelectionExpression", NoInterruption),
        Property::optional("TimeoutInMillis", NoInterruption),
        Property::optional("TlsConfig", NoInterruption),
    ];
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::resource::{assert_properties_match, properties};

    /// Every property set, though API Gateway would refuse some of them together.
    fn full_integration() -> Integration {
        let overwrite = ResponseParameter {
            destination: "overwrite:header.cache-control".into(),
            source: "no-store".into(),
        };
        let of_status = ResponseParameters { response_parameters: vec![overwrite] };
        Integration {
            connection_id: Some("link".into()),
            connection_type: Some(ConnectionType::VpcLink.into()),
            content_handling_strategy: Some(ContentHandlingStrategy::ConvertToText.into()),
            credentials_arn: Some("role-arn".into()),
            description: Some("Records.".into()),
            integration_method: Some("POST".into()),
            integration_subtype: Some("SQS-SendMessage".into()),
            integration_uri: Some("function-arn".into()),
            passthrough_behavior: Some(PassthroughBehavior::WhenNoMatch.into()),
            payload_format_version: Some(PayloadFormatVersion::V2.into()),
            request_parameters: Some(BTreeMap::from([("append:header.x".to_owned(), "y".into())])),
            request_templates: Some(BTreeMap::from([("application/json".to_owned(), "{}".into())])),
            response_parameters: Some(BTreeMap::from([("200".to_owned(), of_status)])),
            template_selection_expression: Some("$default".into()),
            timeout_in_millis: Some(TimeoutInMillis::new(Milliseconds(30_000)).unwrap().into()),
            tls_config: Some(TlsConfig { server_name_to_verify: Some("example.com".into()) }),
            ..Integration::new("api", IntegrationType::AwsProxy)
        }
    }

    #[test]
    fn properties_list_matches_the_fields() {
        assert_properties_match(&full_integration());
    }

    #[test]
    fn full_integration_renders_aws_names() {
        let expected = json!({
            "ApiId": "api",
            "ConnectionId": "link",
            "ConnectionType": "VPC_LINK",
            "ContentHandlingStrategy": "CONVERT_TO_TEXT",
            "CredentialsArn": "role-arn",
            "Description": "Records.",
            "IntegrationMethod": "POST",
            "IntegrationSubtype": "SQS-SendMessage",
            "IntegrationType": "AWS_PROXY",
            "IntegrationUri": "function-arn",
            "PassthroughBehavior": "WHEN_NO_MATCH",
            "PayloadFormatVersion": "2.0",
            "RequestParameters": {"append:header.x": "y"},
            "RequestTemplates": {"application/json": "{}"},
            "ResponseParameters": {"200": {"ResponseParameters": [
                {"Destination": "overwrite:header.cache-control", "Source": "no-store"},
            ]}},
            "TemplateSelectionExpression": "$default",
            "TimeoutInMillis": 30_000,
            "TlsConfig": {"ServerNameToVerify": "example.com"},
        });
        assert_eq!(properties(&full_integration()), expected);
    }

    #[test]
    fn timeout_is_50_milliseconds_to_30_seconds() {
        assert!(TimeoutInMillis::new(Milliseconds(49)).is_err());
        assert!(TimeoutInMillis::new(Milliseconds(50)).is_ok());
        assert!(TimeoutInMillis::new(Milliseconds(30_000)).is_ok());
        assert!(TimeoutInMillis::new(Milliseconds(30_001)).is_err());
    }
}
