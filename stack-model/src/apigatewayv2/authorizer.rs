//! `AWS::ApiGatewayV2::Authorizer`.

use serde::Serialize;

use crate::resource::{
    Property, Resource,
    UpdateBehavior::{NoInterruption, Replacement},
};
use crate::unit::{Seconds, ranged};
use crate::value::Value;

ranged!(
    /// Time API Gateway keeps an answer of a Lambda authorizer; 0 keeps none.
    ///
    /// Source: AWS::ApiGatewayV2::Authorizer, AuthorizerResultTtlInSeconds.
    AuthorizerResultTtlInSeconds(Seconds, "AuthorizerResultTtlInSeconds", 0..=3_600)
);

/// Who decides whether a caller passes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "UPPERCASE")]
#[non_exhaustive]
pub enum AuthorizerType {
    /// API Gateway, by a JSON Web Token. HTTP APIs only.
    Jwt,
    /// A function, by the request.
    Request,
}

/// Format of the event that an authorizer function gets.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub enum AuthorizerPayloadFormatVersion {
    /// As REST APIs send it; the answer is an IAM policy.
    #[serde(rename = "1.0")]
    V1,
    /// Shorter; the answer may be a plain yes or no.
    #[serde(rename = "2.0")]
    V2,
}

/// Which tokens are accepted.
///
/// Source: AWS::ApiGatewayV2::Authorizer, JWTConfiguration.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct JwtConfiguration {
    /// Audiences, 50 at most: one must be the token's `aud`, or its `client_id` when it has no `aud`. Required.
    pub audience: Option<Vec<Value<String>>>,
    /// The token's `iss`, below which API Gateway finds the provider's keys. Required.
    ///
    /// Shape: a URL, as `https://cognito-idp.eu-west-1.amazonaws.com/pool`.
    pub issuer: Option<Value<String>>,
}

/// Decides who may call routes that name it.
///
/// `Ref` gives its ID. Source: AWS::ApiGatewayV2::Authorizer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct Authorizer {
    /// ID of the API (its `Ref`).
    ///
    /// Update: replacement. Source: AWS::ApiGatewayV2::Authorizer, ApiId.
    pub api_id: Value<String>,
    /// Role with which the authorizer function is called; [`AuthorizerType::Request`] only.
    ///
    /// Shape: ARN of a role. AWS default when absent: the function's own policy decides. Update: no interruption.
    /// Source: AWS::ApiGatewayV2::Authorizer, AuthorizerCredentialsArn.
    pub authorizer_credentials_arn: Option<Value<String>>,
    /// Format of the function's event; required for [`AuthorizerType::Request`] of HTTP APIs.
    ///
    /// Update: no interruption.
    /// Source: AWS::ApiGatewayV2::Authorizer, AuthorizerPayloadFormatVersion.
    pub authorizer_payload_format_version: Option<Value<AuthorizerPayloadFormatVersion>>,
    /// Time the function's answer is kept; [`AuthorizerType::Request`] of HTTP APIs only.
    ///
    /// Shape: seconds, `0..=3_600`. AWS default when absent: 0. Update: no interruption.
    /// Source: AWS::ApiGatewayV2::Authorizer, AuthorizerResultTtlInSeconds.
    pub authorizer_result_ttl_in_seconds: Option<Value<AuthorizerResultTtlInSeconds>>,
    /// Who decides.
    ///
    /// Update: no interruption. Source: AWS::ApiGatewayV2::Authorizer, AuthorizerType.
    pub authorizer_type: Value<AuthorizerType>,
    /// The function; [`AuthorizerType::Request`] only.
    ///
    /// Shape: `arn:<partition>:apigateway:<region>:lambda:path/2015-03-31/functions/<function ARN>/invocations`.
    /// Update: no interruption. Source: AWS::ApiGatewayV2::Authorizer, AuthorizerUri.
    pub authorizer_uri: Option<Value<String>>,
    /// Whether the function answers yes or no instead of a policy; HTTP APIs only.
    ///
    /// AWS default when absent: false. Update: no interruption.
    /// Source: AWS::ApiGatewayV2::Authorizer, EnableSimpleResponses.
    pub enable_simple_responses: Option<Value<bool>>,
    /// Where the identity is found in a request; required for [`AuthorizerType::Jwt`], with one entry.
    ///
    /// Shape for HTTP APIs: selection expressions, as `$request.header.Authorization`. Update: no interruption.
    /// Source: AWS::ApiGatewayV2::Authorizer, IdentitySource.
    pub identity_source: Option<Vec<Value<String>>>,
    /// Not used by API Gateway.
    ///
    /// Update: no interruption.
    /// Source: AWS::ApiGatewayV2::Authorizer, IdentityValidationExpression.
    pub identity_validation_expression: Option<Value<String>>,
    /// Which tokens are accepted; required for [`AuthorizerType::Jwt`].
    ///
    /// Update: no interruption. Source: AWS::ApiGatewayV2::Authorizer, JwtConfiguration.
    pub jwt_configuration: Option<JwtConfiguration>,
    /// Name, unique in the API.
    ///
    /// Shape: `1..=128` characters. Update: no interruption.
    /// Source: AWS::ApiGatewayV2::Authorizer, Name.
    pub name: Value<String>,
}

impl Authorizer {
    /// An authorizer of an API, and everything else absent.
    pub fn new(
        api_id: impl Into<Value<String>>,
        authorizer_type: AuthorizerType,
        name: impl Into<Value<String>>,
    ) -> Self {
        Self {
            api_id: api_id.into(),
            authorizer_credentials_arn: None,
            authorizer_payload_format_version: None,
            authorizer_result_ttl_in_seconds: None,
            authorizer_type: authorizer_type.into(),
            authorizer_uri: None,
            enable_simple_responses: None,
            identity_source: None,
            identity_validation_expression: None,
            jwt_configuration: None,
            name: name.into(),
        }
    }
}

impl Resource for Authorizer {
    const TYPE: &'static str = "AWS::ApiGatewayV2::Authorizer";
    const ATTRIBUTES: &'static [&'static str] = &["AuthorizerId"];
    const PROPERTIES: &'static [Property] = &[
        Property::required("ApiId", Replacement),
        Property::optional("AuthorizerCredentialsArn", NoInterruption),
        Property::optional("AuthorizerPayloadFormatVersion", NoInterruption),
        Property::optional("AuthorizerResultTtlInSeconds", NoInterruption),
        Property::required("AuthorizerType", NoInterruption),
        Property::optional("AuthorizerUri", NoInterruption),
        Property::optional("EnableSimpleResponses", NoInterruption),
        Property::optional("IdentitySource", NoInterruption),
        Property::optional("IdentityValidationExpression", NoInterruption),
        Property::optional("JwtConfiguration", NoInterruption),
        Property::required("Name", NoInterruption),
    ];
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::resource::{assert_properties_match, properties};

    /// Every property set, though API Gateway would refuse some of them together.
    fn full_authorizer() -> Authorizer {
        Authorizer {
            authorizer_credentials_arn: Some("role-arn".into()),
            authorizer_payload_format_version: Some(AuthorizerPayloadFormatVersion::V2.into()),
            authorizer_result_ttl_in_seconds: Some(
                AuthorizerResultTtlInSeconds::new(Seconds(300)).unwrap().into(),
            ),
            authorizer_uri: Some("invocation-uri".into()),
            enable_simple_responses: Some(true.into()),
            identity_source: Some(vec!["$request.header.Authorization".into()]),
            identity_validation_expression: Some(".*".into()),
            jwt_configuration: Some(JwtConfiguration {
                audience: Some(vec!["records".into()]),
                issuer: Some("https://issuer.example.com".into()),
            }),
            ..Authorizer::new("api", AuthorizerType::Jwt, "users")
        }
    }

    #[test]
    fn properties_list_matches_the_fields() {
        assert_properties_match(&full_authorizer());
    }

    #[test]
    fn full_authorizer_renders_aws_names() {
        let expected = json!({
            "ApiId": "api",
            "AuthorizerCredentialsArn": "role-arn",
            "AuthorizerPayloadFormatVersion": "2.0",
            "AuthorizerResultTtlInSeconds": 300,
            "AuthorizerType": "JWT",
            "AuthorizerUri": "invocation-uri",
            "EnableSimpleResponses": true,
            "IdentitySource": ["$request.header.Authorization"],
            "IdentityValidationExpression": ".*",
            "JwtConfiguration": {"Audience": ["records"], "Issuer": "https://issuer.example.com"},
            "Name": "users",
        });
        assert_eq!(properties(&full_authorizer()), expected);
    }

    #[test]
    fn answer_is_kept_for_an_hour_at_most() {
        assert!(AuthorizerResultTtlInSeconds::new(Seconds(0)).is_ok());
        assert!(AuthorizerResultTtlInSeconds::new(Seconds(3_600)).is_ok());
        assert!(AuthorizerResultTtlInSeconds::new(Seconds(3_601)).is_err());
    }
}
