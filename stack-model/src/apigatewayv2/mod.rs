//! `AWS::ApiGatewayV2::*`: HTTP APIs with their stages, routes, integrations and authorizers.
//!
//! The types are shared with WebSocket APIs, whose properties are modelled too; resources for WebSocket APIs only
//! (models, route and integration responses) and custom domain names are deliberately absent.
//!
//! Source: CloudFormation template reference, AWS::ApiGatewayV2.

mod api;
mod authorizer;
mod integration;
mod route;
mod stage;

pub use api::{Api, BasePath, BodyS3Location, Cors, IpAddressType, MaxAge, ProtocolType};
pub use authorizer::{
    Authorizer, AuthorizerPayloadFormatVersion, AuthorizerResultTtlInSeconds, AuthorizerType,
    JwtConfiguration,
};
pub use integration::{
    ConnectionType, ContentHandlingStrategy, Integration, IntegrationType, PassthroughBehavior,
    PayloadFormatVersion, ResponseParameter, ResponseParameters, TimeoutInMillis, TlsConfig,
};
pub use route::{AuthorizationType, ParameterConstraints, Route};
pub use stage::{AccessLogSettings, LoggingLevel, RouteSettings, Stage};

use crate::resource::ResourceType;

pub(crate) const TYPES: &[ResourceType] = &[
    ResourceType::of::<Api>(),
    ResourceType::of::<Authorizer>(),
    ResourceType::of::<Integration>(),
    ResourceType::of::<Route>(),
    ResourceType::of::<Stage>(),
];
