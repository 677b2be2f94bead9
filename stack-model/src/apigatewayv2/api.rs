//! `AWS::ApiGatewayV2::Api`.

use std::collections::BTreeMap;

use serde::Serialize;
use serde_json::Value as Json;

use crate::resource::{
    Property, Resource,
    UpdateBehavior::{NoInterruption, Replacement},
};
use crate::unit::{Seconds, ranged};
use crate::value::Value;

ranged!(
    /// Time a browser may keep the answer to a preflight request.
    ///
    /// API Gateway takes -1 too, which tells a browser the same as 0: not to keep it.
    ///
    /// Source: API Gateway v2 API, Cors, MaxAge.
    MaxAge(Seconds, "MaxAge", 0..=86_400)
);

/// Kind of API.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "UPPERCASE")]
#[non_exhaustive]
pub enum ProtocolType {
    /// Requests and responses.
    Http,
    /// Messages over a connection that stays.
    WebSocket,
}

/// Internet Protocol versions by which the API can be reached.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
#[non_exhaustive]
pub enum IpAddressType {
    /// 4 and 6.
    Dualstack,
    /// 4 only.
    Ipv4,
}

/// What an import does with the base path of the OpenAPI document.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
#[non_exhaustive]
pub enum BasePath {
    /// Leaves it out.
    Ignore,
    /// Puts it before every route's path.
    Prepend,
    /// Takes its first part as the base path, and puts the rest before every route's path.
    Split,
}

/// Where the OpenAPI document to import is.
///
/// Source: AWS::ApiGatewayV2::Api, BodyS3Location.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct BodyS3Location {
    /// Name of the bucket; required.
    pub bucket: Option<Value<String>>,
    /// Entity tag the object must have; any when absent.
    pub etag: Option<Value<String>>,
    /// Key of the object; required.
    pub key: Option<Value<String>>,
    /// Version of the object; the newest when absent.
    pub version: Option<Value<String>>,
}

/// Which pages of other origins may call the API from a browser. HTTP APIs only.
///
/// API Gateway answers preflight requests by it, and ignores CORS headers of the integration.
/// Source: AWS::ApiGatewayV2::Api, Cors.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct Cors {
    /// Whether requests may carry credentials; browsers then refuse `*` as the origin. False when absent.
    pub allow_credentials: Option<Value<bool>>,
    /// Headers a request may carry, or `*`.
    pub allow_headers: Option<Vec<Value<String>>>,
    /// Methods a request may have, or `*`.
    pub allow_methods: Option<Vec<Value<String>>>,
    /// Origins a request may come from, as `https://example.com`, or `*`.
    pub allow_origins: Option<Vec<Value<String>>>,
    /// Headers of a response that a page may read, or `*`.
    pub expose_headers: Option<Vec<Value<String>>>,
    /// Time a browser may keep the answer: `0..=86_400` seconds.
    pub max_age: Option<Value<MaxAge>>,
}

/// An HTTP or WebSocket API.
///
/// `Ref` gives its ID. `CredentialsArn`, `RouteKey` and `Target` make an API with one route in one step (quick
/// create); `Body` and `BodyS3Location` import an OpenAPI document, beside which routes, integrations and authorizers
/// of the template are not supported.
/// Source: AWS::ApiGatewayV2::Api.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct Api {
    /// Where the API key is found in a request; WebSocket APIs only.
    ///
    /// Update: no interruption. Source: AWS::ApiGatewayV2::Api, ApiKeySelectionExpression.
    pub api_key_selection_expression: Option<Value<String>>,
    /// What an import does with the document's base path.
    ///
    /// HTTP APIs only. AWS default when absent: `ignore`. Update: no interruption.
    /// Source: AWS::ApiGatewayV2::Api, BasePath.
    pub base_path: Option<Value<BasePath>>,
    /// OpenAPI document to import. HTTP APIs only.
    ///
    /// Shape: a JSON object. Update: no interruption.
    /// Source: AWS::ApiGatewayV2::Api, Body.
    pub body: Option<Json>,
    /// Where the OpenAPI document to import is. HTTP APIs only.
    ///
    /// Update: no interruption. Source: AWS::ApiGatewayV2::Api, BodyS3Location.
    pub body_s3_location: Option<BodyS3Location>,
    /// Which pages of other origins may call the API. HTTP APIs only.
    ///
    /// AWS default when absent: none. Update: no interruption.
    /// Source: AWS::ApiGatewayV2::Api, CorsConfiguration.
    pub cors_configuration: Option<Cors>,
    /// Quick create: role with which the integration is called. HTTP APIs only.
    ///
    /// Shape: ARN of a role. Update: no interruption.
    /// Source: AWS::ApiGatewayV2::Api, CredentialsArn.
    pub credentials_arn: Option<Value<String>>,
    /// What the API is for.
    ///
    /// Shape: at most 1,024 characters. Update: no interruption.
    /// Source: AWS::ApiGatewayV2::Api, Description.
    pub description: Option<Value<String>>,
    /// Whether the address that AWS gives the API is switched off; then a custom domain name is needed.
    ///
    /// AWS default when absent: false. Update: no interruption.
    /// Source: AWS::ApiGatewayV2::Api, DisableExecuteApiEndpoint.
    pub disable_execute_api_endpoint: Option<Value<bool>>,
    /// Whether models are not validated on deployment; WebSocket APIs only.
    ///
    /// AWS default when absent: false. Update: no interruption.
    /// Source: AWS::ApiGatewayV2::Api, DisableSchemaValidation.
    pub disable_schema_validation: Option<Value<bool>>,
    /// Whether an import fails on a warning. HTTP APIs only.
    ///
    /// AWS default when absent: false. Update: no interruption.
    /// Source: AWS::ApiGatewayV2::Api, FailOnWarnings.
    pub fail_on_warnings: Option<Value<bool>>,
    /// Internet Protocol versions by which the API can be reached; an import takes it from the document.
    ///
    /// AWS default when absent: `ipv4`. Update: no interruption.
    /// Source: AWS::ApiGatewayV2::Api, IpAddressType.
    pub ip_address_type: Option<Value<IpAddressType>>,
    /// Name, which need not be unique; required but for an import.
    ///
    /// Shape: `1..=128` characters. Update: no interruption.
    /// Source: AWS::ApiGatewayV2::Api, Name.
    pub name: Option<Value<String>>,
    /// Kind of API; required but for an import.
    ///
    /// Update: replacement. Source: AWS::ApiGatewayV2::Api, ProtocolType.
    pub protocol_type: Option<Value<ProtocolType>>,
    /// Quick create: key of the one route. HTTP APIs only.
    ///
    /// AWS default when absent: `$default`. Update: no interruption.
    /// Source: AWS::ApiGatewayV2::Api, RouteKey.
    pub route_key: Option<Value<String>>,
    /// How a request's route is found; required for WebSocket APIs.
    ///
    /// HTTP APIs take `${request.method} ${request.path}` only, which is AWS's default when absent.
    /// Update: no interruption. Source: AWS::ApiGatewayV2::Api, RouteSelectionExpression.
    pub route_selection_expression: Option<Value<String>>,
    /// Tags of the API by key, 50 at most.
    ///
    /// Update: no interruption. Source: AWS::ApiGatewayV2::Api, Tags.
    pub tags: Option<BTreeMap<String, Value<String>>>,
    /// Quick create: what the one route calls. HTTP APIs only.
    ///
    /// Shape: a URL, or the ARN of a function. Update: no interruption.
    /// Source: AWS::ApiGatewayV2::Api, Target.
    pub target: Option<Value<String>>,
    /// The user's own name of the API's version.
    ///
    /// Shape: `1..=64` characters. Update: no interruption.
    /// Source: AWS::ApiGatewayV2::Api, Version.
    pub version: Option<Value<String>>,
}

impl Resource for Api {
    const TYPE: &'static str = "AWS::ApiGatewayV2::Api";
    const ATTRIBUTES: &'static [&'static str] = &["ApiEndpoint", "ApiId", "ExecuteApiArn"];
    const PROPERTIES: &'static [Property] = &[
        Property::optional("ApiKeySelectionExpression", NoInterruption),
        Property::optional("BasePath", NoInterruption),
        Property::optional("Body", NoInterruption),
        Property::optional("BodyS3Location", NoInterruption),
        Property::optional("CorsConfiguration", NoInterruption),
        Property::optional("CredentialsArn", NoInterruption),
        Property::optional("Description", NoInterruption),
        Property::optional("DisableExecuteApiEndpoint", NoInterruption),
        Property::optional("DisableSchemaValidation", NoInterruption),
        Property::optional("FailOnWarnings", NoInterruption),
        Property::optional("IpAddressType", NoInterruption),
        Property::optional("Name", NoInterruption),
        Property::optional("ProtocolType", Replacement),
        Property::optional("RouteKey", NoInterruption),
        Property::optional("RouteSelectionExpression", NoInterruption),
        Property::optional("Tags", NoInterruption),
        Property::optional("Target", NoInterruption),
        Property::optional("Version", NoInterruption),
    ];
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::resource::{assert_properties_match, properties};
    use crate::value::to_json;

    /// Every property set, though API Gateway would refuse some of them together.
    fn full_api() -> Api {
        Api {
            api_key_selection_expression: Some("$request.header.x-api-key".into()),
            base_path: Some(BasePath::Prepend.into()),
            body: Some(json!({"openapi": "3.0.1"})),
            body_s3_location: Some(BodyS3Location {
                bucket: Some("b".into()),
                etag: Some("e".into()),
                key: Some("k".into()),
                version: Some("v".into()),
            }),
            cors_configuration: Some(Cors {
                allow_credentials: Some(true.into()),
                allow_headers: Some(vec!["content-type".into()]),
                allow_methods: Some(vec!["GET".into()]),
                allow_origins: Some(vec!["https://example.com".into()]),
                expose_headers: Some(vec!["etag".into()]),
                max_age: Some(MaxAge::new(Seconds(600)).unwrap().into()),
            }),
            credentials_arn: Some("role-arn".into()),
            description: Some("Records.".into()),
            disable_execute_api_endpoint: Some(false.into()),
            disable_schema_validation: Some(true.into()),
            fail_on_warnings: Some(true.into()),
            ip_address_type: Some(IpAddressType::Dualstack.into()),
            name: Some("records".into()),
            protocol_type: Some(ProtocolType::Http.into()),
            route_key: Some("$default".into()),
            route_selection_expression: Some("${request.method} ${request.path}".into()),
            tags: Some(BTreeMap::from([("k".to_owned(), "v".into())])),
            target: Some("function-arn".into()),
            version: Some("1".into()),
        }
    }

    #[test]
    fn properties_list_matches_the_fields() {
        assert_properties_match(&full_api());
    }

    #[test]
    fn full_api_renders_aws_names() {
        let expected = json!({
            "ApiKeySelectionExpression": "$request.header.x-api-key",
            "BasePath": "prepend",
            "Body": {"openapi": "3.0.1"},
            "BodyS3Location": {"Bucket": "b", "Etag": "e", "Key": "k", "Version": "v"},
            "CorsConfiguration": {
                "AllowCredentials": true, "AllowHeaders": ["content-type"], "AllowMethods": ["GET"],
                "AllowOrigins": ["https://example.com"], "ExposeHeaders": ["etag"], "MaxAge": 600,
            },
            "CredentialsArn": "role-arn",
            "Description": "Records.",
            "DisableExecuteApiEndpoint": false,
            "DisableSchemaValidation": true,
            "FailOnWarnings": true,
            "IpAddressType": "dualstack",
            "Name": "records",
            "ProtocolType": "HTTP",
            "RouteKey": "$default",
            "RouteSelectionExpression": "${request.method} ${request.path}",
            "Tags": {"k": "v"},
            "Target": "function-arn",
            "Version": "1",
        });
        assert_eq!(properties(&full_api()), expected);
    }

    #[test]
    fn preflight_answer_is_kept_for_a_day_at_most() {
        assert!(MaxAge::new(Seconds(0)).is_ok());
        assert!(MaxAge::new(Seconds(86_400)).is_ok());
        assert!(MaxAge::new(Seconds(86_401)).is_err());
    }

    #[test]
    fn web_socket_renders_as_one_word() {
        assert_eq!(to_json(&ProtocolType::WebSocket), json!("WEBSOCKET"));
    }
}
