//! HTTP APIs: routes, authorization, cross-origin requests, limits.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::Deserialize;

use super::scalar::{Name, TimeSpan};

/// An HTTP API (API Gateway v2) with an access log.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Api {
    /// Cross-origin requests. Default: none allowed.
    pub cors: Option<Cors>,
    /// Limits of the whole stage. Default: 100 requests a second, bursts of 200.
    pub throttling: Option<Throttling>,
    /// JWT authorizers by name.
    #[serde(default)]
    pub authorizers: BTreeMap<Name, JwtAuthorizer>,
    /// Authorization of the routes that name none: `none`, `aws_iam`, or the name of a JWT authorizer of the API.
    /// Default: `none`, which lets everybody in.
    pub authorization: Option<String>,
    /// Functions by route key (`GET /records/{id}`), with or without authorization.
    pub routes: BTreeMap<String, Route>,
}

/// CORS configuration of an API.
#[derive(Debug, Clone, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Cors {
    /// Origins, for example `https://example.com`, or `*`.
    pub allow_origins: Vec<String>,
    /// Methods. Default: those of the routes.
    #[serde(default)]
    pub allow_methods: Vec<String>,
    /// Request headers. Default: `content-type`.
    #[serde(default)]
    pub allow_headers: Vec<String>,
    /// Response headers that scripts may read.
    #[serde(default)]
    pub expose_headers: Vec<String>,
    /// Whether cookies and credentials may be sent; not together with the origin `*`.
    pub allow_credentials: Option<bool>,
    /// How long a browser may keep the answer, 0 s to 1 d.
    pub max_age: Option<TimeSpan>,
}

/// Limits on requests.
#[derive(Debug, Clone, Copy, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Throttling {
    /// Requests a second in the long run.
    #[schemars(range(min = 1))]
    pub rate_limit: u32,
    /// Requests at once.
    #[schemars(range(min = 1))]
    pub burst_limit: u32,
}

/// A JWT authorizer.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct JwtAuthorizer {
    /// Issuer URL of the tokens.
    pub issuer: String,
    /// Accepted audiences.
    pub audience: Vec<String>,
}

/// What answers a route.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(untagged)]
pub enum Route {
    /// The function of that name, behind the API's authorization.
    Function(Name),
    /// A function behind authorization of its own.
    Authorized(AuthorizedRoute),
}

/// A route with its authorization.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct AuthorizedRoute {
    /// Name of the function.
    pub function: Name,
    /// `none`, `aws_iam`, or the name of a JWT authorizer of the API. Default: the API's `authorization`.
    pub authorization: Option<String>,
    /// OAuth scopes, one of which the token must have; JWT only.
    #[serde(default)]
    pub scopes: Vec<String>,
}
