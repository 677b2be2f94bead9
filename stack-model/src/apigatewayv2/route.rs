//! `AWS::ApiGatewayV2::Route`.

use std::collections::BTreeMap;

use serde::Serialize;

use crate::resource::{
    Property, Resource,
    UpdateBehavior::{NoInterruption, Replacement},
};
use crate::value::Value;

/// Who may call a route.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
#[non_exhaustive]
pub enum AuthorizationType {
    /// Callers who sign with AWS credentials and may `execute-api:Invoke` the route.
    AwsIam,
    /// Callers whom a Lambda authorizer lets pass.
    Custom,
    /// Callers with a token that a JWT authorizer accepts. HTTP APIs only.
    Jwt,
    /// Everyone.
    None,
}

/// Whether a request parameter must be there.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct ParameterConstraints {
    /// Whether it must.
    pub required: Value<bool>,
}

/// A method and path, or for WebSocket APIs a kind of message, with what it calls and who may.
///
/// `Ref` gives its ID. Source: AWS::ApiGatewayV2::Route.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct Route {
    /// ID of the API (its `Ref`).
    ///
    /// Update: replacement. Source: AWS::ApiGatewayV2::Route, ApiId.
    pub api_id: Value<String>,
    /// Whether an API key is needed; WebSocket APIs only.
    ///
    /// AWS default when absent: false. Update: no interruption.
    /// Source: AWS::ApiGatewayV2::Route, ApiKeyRequired.
    pub api_key_required: Option<Value<bool>>,
    /// Scopes of which a token must have one; for [`AuthorizationType::Jwt`] only.
    ///
    /// Shape: 10 at most. AWS default when absent: no scope is needed. Update: no interruption.
    /// Source: AWS::ApiGatewayV2::Route, AuthorizationScopes.
    pub authorization_scopes: Option<Vec<Value<String>>>,
    /// Who may call the route.
    ///
    /// AWS default when absent: `NONE`. Update: no interruption.
    /// Source: AWS::ApiGatewayV2::Route, AuthorizationType.
    pub authorization_type: Option<Value<AuthorizationType>>,
    /// ID of the authorizer (its `Ref`); for [`AuthorizationType::Custom`] and [`AuthorizationType::Jwt`].
    ///
    /// Update: no interruption. Source: AWS::ApiGatewayV2::Route, AuthorizerId.
    pub authorizer_id: Option<Value<String>>,
    /// How a request's model is found; WebSocket APIs only.
    ///
    /// Update: no interruption. Source: AWS::ApiGatewayV2::Route, ModelSelectionExpression.
    pub model_selection_expression: Option<Value<String>>,
    /// The user's own name of the operation.
    ///
    /// Shape: `1..=64` characters. Update: no interruption.
    /// Source: AWS::ApiGatewayV2::Route, OperationName.
    pub operation_name: Option<Value<String>>,
    /// Models by model key; WebSocket APIs only.
    ///
    /// Update: no interruption. Source: AWS::ApiGatewayV2::Route, RequestModels.
    pub request_models: Option<BTreeMap<String, Value<String>>>,
    /// Parameters by name; WebSocket APIs only.
    ///
    /// Update: no interruption. Source: AWS::ApiGatewayV2::Route, RequestParameters.
    pub request_parameters: Option<BTreeMap<String, ParameterConstraints>>,
    /// The requests that take the route.
    ///
    /// Shape for HTTP APIs: `$default`, or a method or `ANY`, a space and a path, as `GET /records/{id}`; a last
    /// `{name+}` takes the rest of the path. Update: no interruption. Law: E2012.
    /// Source: AWS::ApiGatewayV2::Route, RouteKey.
    pub route_key: Value<String>,
    /// How a response's kind is found; WebSocket APIs only.
    ///
    /// Update: no interruption.
    /// Source: AWS::ApiGatewayV2::Route, RouteResponseSelectionExpression.
    pub route_response_selection_expression: Option<Value<String>>,
    /// What the route calls.
    ///
    /// Shape: `integrations/` and the integration's ID. Update: no interruption.
    /// Source: AWS::ApiGatewayV2::Route, Target.
    pub target: Option<Value<String>>,
}

impl Route {
    /// A route of an API, and everything else absent.
    pub fn new(api_id: impl Into<Value<String>>, route_key: impl Into<Value<String>>) -> Self {
        Self {
            api_id: api_id.into(),
            api_key_required: None,
            authorization_scopes: None,
            authorization_type: None,
            authorizer_id: None,
            model_selection_expression: None,
            operation_name: None,
            request_models: None,
            request_parameters: None,
            route_key: route_key.into(),
            route_response_selection_expression: None,
            target: None,
        }
    }
}

impl Resource for Route {
    const TYPE: &'static str = "AWS::ApiGatewayV2::Route";
    const ATTRIBUTES: &'static [&'static str] = &["RouteId"];
    const PROPERTIES: &'static [Property] = &[
        Property::required("ApiId", Replacement),
        Property::optional("ApiKeyRequired", NoInterruption),
        Property::optional("AuthorizationScopes", NoInterruption),
        Property::optional("AuthorizationType", NoInterruption),
        Property::optional("AuthorizerId", NoInterruption),
        Property::optional("ModelSelectionExpression", NoInterruption),
        Property::optional("OperationName", NoInterruption),
        Property::optional("RequestModels", NoInterruption),
        Property::optional("RequestParameters", NoInterruption),
        Property::required("RouteKey", NoInterruption),
        Property::optional("RouteResponseSelectionExpression", NoInterruption),
        Property::optional("Target", NoInterruption),
    ];
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::resource::{assert_properties_match, properties};
    use crate::value::to_json;

    fn full_route() -> Route {
        let required = ParameterConstraints { required: true.into() };
        Route {
            api_key_required: Some(false.into()),
            authorization_scopes: Some(vec!["records/read".into()]),
            authorization_type: Some(AuthorizationType::Jwt.into()),
            authorizer_id: Some("authorizer".into()),
            model_selection_expression: Some("$request.body.kind".into()),
            operation_name: Some("ListRecords".into()),
            request_models: Some(BTreeMap::from([("kind".to_owned(), "model".into())])),
            request_parameters: Some(BTreeMap::from([("route.request.querystring.q".to_owned(), required)])),
            route_response_selection_expression: Some("$default".into()),
            target: Some("integrations/i".into()),
            ..Route::new("api", "GET /records")
        }
    }

    #[test]
    fn properties_list_matches_the_fields() {
        assert_properties_match(&full_route());
    }

    #[test]
    fn full_route_renders_aws_names() {
        let expected = json!({
            "ApiId": "api",
            "ApiKeyRequired": false,
            "AuthorizationScopes": ["records/read"],
            "AuthorizationType": "JWT",
            "AuthorizerId": "authorizer",
            "ModelSelectionExpression": "$request.body.kind",
            "OperationName": "ListRecords",
            "RequestModels": {"kind": "model"},
            "RequestParameters": {"route.request.querystring.q": {"Required": true}},
            "RouteKey": "GET /records",
            "RouteResponseSelectionExpression": "$default",
            "Target": "integrations/i",
        });
        assert_eq!(properties(&full_route()), expected);
    }

    #[test]
    fn authorization_types_render_in_upper_case() {
        let types = [AuthorizationType::AwsIam, AuthorizationType::Custom, AuthorizationType::None];
        assert_eq!(to_json(&types), json!(["AWS_IAM", "CUSTOM", "NONE"]));
    }
}
