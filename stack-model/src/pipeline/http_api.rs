//! HTTP APIs: one stage `$default`, one integration per function, one permission per route.

use std::collections::BTreeMap;
use std::fmt;

use super::{Pipeline, arn};
use crate::apigatewayv2::{
    AccessLogSettings, Api, AuthorizationType, Authorizer, AuthorizerType, Cors, Integration,
    IntegrationType, JwtConfiguration, PayloadFormatVersion, ProtocolType, Route, RouteSettings, Stage,
    TimeoutInMillis,
};
use crate::diagnostic::{DUPLICATE_LOGICAL_ID, Diagnostic, ILLEGAL_ROUTE, UNKNOWN_NAME};
use crate::handle::{ApiHandle, FunctionHandle};
use crate::lambda::{Permission, Timeout};
use crate::logical_id::LogicalId;
use crate::logs::{LogGroup, Retention};
use crate::stack::{ResourceAttributes, RetentionPolicy};
use crate::unit::{Count, Milliseconds, PerSecond};
use crate::value::Value;

/// Fields of one line of the access log: enough to find the request in the traces and the fault in the integration.
///
/// Source: API Gateway developer guide, HTTP API access log variables.
const ACCESS_LOG_FIELDS: [(&str, &str); 11] = [
    ("errorMessage", "$context.error.message"),
    ("httpMethod", "$context.httpMethod"),
    ("integrationErrorMessage", "$context.integrationErrorMessage"),
    ("integrationLatency", "$context.integrationLatency"),
    ("ip", "$context.identity.sourceIp"),
    ("requestId", "$context.requestId"),
    ("requestTime", "$context.requestTime"),
    ("responseLatency", "$context.responseLatency"),
    ("responseLength", "$context.responseLength"),
    ("routeKey", "$context.routeKey"),
    ("status", "$context.status"),
];

const METHODS: [&str; 8] = ["ANY", "DELETE", "GET", "HEAD", "OPTIONS", "PATCH", "POST", "PUT"];

/// Longest wait of an HTTP API for its integration, in milliseconds.
///
/// Source: API Gateway developer guide, HTTP API quotas.
const LONGEST_WAIT: u32 = 30_000;

/// A route key: `GET /records/{id}`, or `$default` for all that no other route takes.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct RouteKey {
    method: String,
    path: String,
}

impl RouteKey {
    /// Takes a method and a path, or `$default`.
    ///
    /// # Errors
    /// [`RouteKeyError`] for an unknown method or a path that does not start with `/`.
    pub fn new(text: &str) -> Result<Self, RouteKeyError> {
        let error = || RouteKeyError { route_key: text.to_owned() };
        if text == "$default" {
            return Ok(Self { method: text.to_owned(), path: String::new() });
        }
        let (method, path) = text.split_once(' ').ok_or_else(error)?;
        let is_path = path.starts_with('/') && !path.contains(char::is_whitespace);
        if METHODS.contains(&method) && is_path && has_whole_parameters(path) {
            Ok(Self { method: method.to_owned(), path: path.to_owned() })
        } else {
            Err(error())
        }
    }

    /// Method, path, and what stands for both in an ARN: parameters of the path match anything.
    ///
    /// The API has one stage, so naming any is exact.
    fn arn(&self, api: &LogicalId) -> Value<String> {
        let segments =
            self.path.split('/').map(|segment| if segment.starts_with('{') { "*" } else { segment });
        let path = segments.collect::<Vec<_>>().join("/");
        let route = match self.method.as_str() {
            "$default" => "*".to_owned(),
            "ANY" => format!("*{path}"),
            method => format!("{method}{path}"),
        };
        arn("execute-api", &format!("${{{api}}}/*/{route}"))
    }

    /// The words of a logical ID: `GET /records/{id}` is `Get`, `records`, `id`.
    fn words(&self) -> String {
        let method = self.method.trim_start_matches('$').to_ascii_lowercase();
        let path = self.path.replace(|c: char| !c.is_ascii_alphanumeric(), "-");
        if self.path == "/" { format!("{method}-root") } else { format!("{method}{path}") }
    }
}

/// Whether each segment is plain, or one parameter: `{id}`, or `{proxy+}` at the end.
fn has_whole_parameters(path: &str) -> bool {
    let last = path.rsplit('/').next().unwrap_or_default();
    path.split('/').all(|segment| match segment.strip_prefix('{').and_then(|rest| rest.strip_suffix('}')) {
        Some(name) if name.ends_with('+') => segment == last && name.len() > 1,
        Some(name) => !name.is_empty() && !name.contains(['{', '}', '+']),
        None => !segment.contains(['{', '}']),
    })
}

impl fmt::Display for RouteKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.path.as_str() {
            "" => f.write_str(&self.method),
            path => write!(f, "{} {path}", self.method),
        }
    }
}

/// A text that is no route key.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct RouteKeyError {
    /// The refused text.
    pub route_key: String,
}

impl fmt::Display for RouteKeyError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let rule = "a method and a path, as `GET /records/{id}`, or `$default`";
        write!(f, "`{}` is no route key, which is {rule}", self.route_key)
    }
}

impl std::error::Error for RouteKeyError {}

/// Bounds on requests, for each route and client together.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Throttling {
    /// Requests a second in the long run.
    pub rate_limit: PerSecond,
    /// Requests at once.
    pub burst_limit: Count,
}

/// Whether requests are logged.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum AccessLog {
    /// One JSON line a request, kept as long as the pipeline's logs.
    Kept,
    /// The same, kept for a time of its own.
    KeptFor(Retention),
    /// None.
    Off,
}

/// Who issues tokens that an API takes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct JwtAuthorizer {
    /// URL of the issuer, as in the token's `iss`.
    pub issuer: Value<String>,
    /// Audiences, of which the token's `aud` or `client_id` is one.
    pub audience: Vec<Value<String>>,
}

/// How an API differs from the default.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ApiOptions {
    /// What it is for; at most 1,024 characters. Default: nothing.
    pub description: Option<String>,
    /// Which web pages of other origins may call it. Default: none.
    pub cors: Option<Cors>,
    /// Bounds on requests. Default: 100 a second, 200 at once; AWS's is the account's 10,000 a second.
    pub throttling: Throttling,
    /// Whether requests are logged. Default: kept.
    pub access_log: AccessLog,
    /// Authorizers by name, for [`Authorization::Jwt`]. Default: none.
    pub authorizers: BTreeMap<String, JwtAuthorizer>,
}

impl Default for ApiOptions {
    fn default() -> Self {
        Self {
            description: None,
            cors: None,
            throttling: Throttling { rate_limit: PerSecond(100), burst_limit: Count(200) },
            access_log: AccessLog::Kept,
            authorizers: BTreeMap::new(),
        }
    }
}

/// Who may call a route.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Authorization {
    /// Everyone.
    None,
    /// Whoever signs with credentials that have `execute-api:Invoke`.
    AwsIam,
    /// Whoever has a token of an authorizer.
    Jwt {
        /// The authorizer's name in [`ApiOptions::authorizers`].
        authorizer: String,
        /// Scopes, of which the token has one; none demanded when empty.
        scopes: Vec<String>,
    },
}

/// An API being wired.
#[derive(Debug, Clone)]
pub(super) struct Draft {
    pub(super) handle: ApiHandle,
    options: ApiOptions,
    routes: BTreeMap<RouteKey, (FunctionHandle, Authorization)>,
}

impl Pipeline {
    /// Adds an HTTP API.
    pub fn http_api(&mut self, name: &str, options: ApiOptions) -> ApiHandle {
        let id = self.declare(name, "api", |pipeline, id| pipeline.apis.contains_key(id));
        let handle = ApiHandle { id: id.clone(), name: name.to_owned() };
        self.apis.insert(id, Draft { handle: handle.clone(), options, routes: BTreeMap::new() });
        handle
    }

    /// Invokes `function` with the requests of a route, as payload 2.0, and answers with what it returns.
    ///
    /// An illegal route key is reported as E2012, a repeated one as E2002, an unknown authorizer as E2013.
    pub fn route(
        &mut self,
        api: &ApiHandle,
        route_key: &str,
        function: &FunctionHandle,
        authorization: Authorization,
    ) {
        let key = match RouteKey::new(route_key) {
            Ok(key) => key,
            Err(error) => {
                let found = Diagnostic::new(&ILLEGAL_ROUTE, format!("{error}."));
                return self.report(found.at(&api.id).about(&api.name));
            }
        };
        match self.functions.get_mut(&function.id) {
            Some(draft) => draft.is_behind_api = true,
            None => self.report_foreign("function", &function.name, &function.id),
        }
        let Some(draft) = self.apis.get_mut(&api.id) else {
            return self.report_foreign("API", &api.name, &api.id);
        };
        let mut found = Vec::new();
        if let Authorization::Jwt { authorizer, .. } = &authorization
            && !draft.options.authorizers.contains_key(authorizer)
        {
            let message =
                format!("`{key}` names the authorizer `{authorizer}`, which `{}` does not have.", api.name);
            found.push(Diagnostic::new(&UNKNOWN_NAME, message));
        }
        if draft.routes.insert(key.clone(), (function.clone(), authorization)).is_some() {
            found.push(Diagnostic::new(
                &DUPLICATE_LOGICAL_ID,
                format!("`{}` has the route `{key}` twice.", api.name),
            ));
        }
        for diagnostic in found {
            self.report(diagnostic.at(&api.id).about(&api.name));
        }
    }
}

pub(super) fn lower(pipeline: &mut Pipeline) {
    for draft in pipeline.apis.clone().into_values() {
        Lowering { pipeline, draft: &draft }.lower();
    }
}

/// The resources of one API.
struct Lowering<'a> {
    pipeline: &'a mut Pipeline,
    draft: &'a Draft,
}

impl Lowering<'_> {
    fn lower(&mut self) {
        let Draft { handle, options, routes } = self.draft;
        self.pipeline.stack.add(handle.id.clone(), self.api());
        let stage = self.stage();
        let stage_id = self.id("Stage");
        self.pipeline.stack.add(stage_id, stage);
        let authorizers: BTreeMap<_, _> = options
            .authorizers
            .iter()
            .map(|(name, jwt)| (name.as_str(), self.authorizer(name, jwt)))
            .collect();
        let functions: BTreeMap<_, _> =
            routes.values().map(|(function, _)| (function.id.clone(), function)).collect();
        let integrations: BTreeMap<_, _> =
            functions.into_iter().map(|(id, function)| (id, self.integration(function))).collect();
        for (key, (function, authorization)) in routes {
            let words = format!("{}-route", key.words());
            let id = self.id(&words);
            let target = Value::sub(format!("integrations/${{{}}}", integrations[&function.id]));
            let route = Route {
                target: Some(target),
                ..authorized(Route::new(handle.api_id(), key.to_string()), authorization, &authorizers)
            };
            let permission_id = self.pipeline.logical_id(&[id.as_str(), "Permission"], &handle.name);
            self.pipeline.stack.add(id, route);
            let permission = Permission {
                action: "lambda:InvokeFunction".into(),
                function_name: function.arn(),
                principal: "apigateway.amazonaws.com".into(),
                source_account: None,
                source_arn: Some(key.arn(&handle.id)),
            };
            self.pipeline.stack.add(permission_id, permission);
        }
        self.pipeline.output(&handle.id, "Url", handle.url(), format!("URL of API `{}`.", handle.name));
    }

    fn id(&mut self, word: &str) -> LogicalId {
        self.pipeline.logical_id(&[self.draft.handle.id.as_str(), word], &self.draft.handle.name)
    }

    fn api(&self) -> Api {
        let Draft { handle, options, .. } = self.draft;
        Api {
            cors_configuration: options.cors.clone(),
            description: options.description.clone().map(Value::from),
            name: Some(Value::sub(format!("${{AWS::StackName}}-{}", handle.name))),
            protocol_type: Some(ProtocolType::Http.into()),
            ..Api::default()
        }
    }

    fn stage(&mut self) -> Stage {
        let throttling = &self.draft.options.throttling;
        let settings = RouteSettings {
            detailed_metrics_enabled: Some(true.into()),
            throttling_burst_limit: Some(throttling.burst_limit.into()),
            throttling_rate_limit: Some(throttling.rate_limit.into()),
            ..RouteSettings::default()
        };
        Stage {
            access_log_settings: self.access_log(),
            auto_deploy: Some(true.into()),
            default_route_settings: Some(settings),
            ..Stage::new(self.draft.handle.api_id(), "$default")
        }
    }

    fn access_log(&mut self) -> Option<AccessLogSettings> {
        let retention = match self.draft.options.access_log {
            AccessLog::Off => return None,
            AccessLog::Kept => self.pipeline.options.log_retention,
            AccessLog::KeptFor(retention) => retention,
        };
        // Below `/aws/vendedlogs/` one policy of the account serves all groups, and cannot outgrow its limit.
        let name = format!("/aws/vendedlogs/${{AWS::StackName}}-{}", self.draft.handle.name);
        let group = LogGroup {
            log_group_name: Some(Value::sub(name)),
            retention_in_days: Some(retention.into()),
            ..LogGroup::default()
        };
        let id = self.id("AccessLog");
        let group =
            self.pipeline.stack.add_with(id, group, ResourceAttributes::keeping(RetentionPolicy::Delete));
        let fields: BTreeMap<_, _> = ACCESS_LOG_FIELDS.into_iter().collect();
        let format = serde_json::to_string(&fields).unwrap_or_default();
        Some(AccessLogSettings { destination_arn: Some(group.arn()), format: Some(format.into()) })
    }

    fn authorizer(&mut self, name: &str, jwt: &JwtAuthorizer) -> LogicalId {
        let id = self.id(&format!("{name}-authorizer"));
        let configuration =
            JwtConfiguration { audience: Some(jwt.audience.clone()), issuer: Some(jwt.issuer.clone()) };
        let authorizer = Authorizer {
            identity_source: Some(vec!["$request.header.Authorization".into()]),
            jwt_configuration: Some(configuration),
            ..Authorizer::new(self.draft.handle.api_id(), AuthorizerType::Jwt, name)
        };
        self.pipeline.stack.add(id.clone(), authorizer);
        id
    }

    fn integration(&mut self, function: &FunctionHandle) -> LogicalId {
        let id = self.id(&format!("{}-integration", function.name));
        let timeout = self.pipeline.functions.get(&function.id).map(|draft| wait_for(draft.options.timeout));
        let integration = Integration {
            integration_uri: Some(function.arn()),
            payload_format_version: Some(PayloadFormatVersion::V2.into()),
            timeout_in_millis: timeout.map(Value::from),
            ..Integration::new(self.draft.handle.api_id(), IntegrationType::AwsProxy)
        };
        self.pipeline.stack.add(id.clone(), integration);
        id
    }
}

/// One second more than the function, so that its own timeout is told and not the API's.
fn wait_for(timeout: Timeout) -> TimeoutInMillis {
    let wait = (timeout.get().0 + 1).saturating_mul(1_000).min(LONGEST_WAIT);
    TimeoutInMillis::new(Milliseconds(wait)).unwrap_or(TimeoutInMillis::constant(Milliseconds(LONGEST_WAIT)))
}

fn authorized(route: Route, authorization: &Authorization, authorizers: &BTreeMap<&str, LogicalId>) -> Route {
    match authorization {
        Authorization::None => Route { authorization_type: Some(AuthorizationType::None.into()), ..route },
        Authorization::AwsIam => {
            Route { authorization_type: Some(AuthorizationType::AwsIam.into()), ..route }
        }
        Authorization::Jwt { authorizer, scopes } => {
            let scopes: Vec<_> = scopes.iter().map(|scope| scope.as_str().into()).collect();
            Route {
                authorization_scopes: (!scopes.is_empty()).then_some(scopes),
                authorization_type: Some(AuthorizationType::Jwt.into()),
                authorizer_id: authorizers.get(authorizer.as_str()).map(Value::reference),
                ..route
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn source_arn(route_key: &str) -> Value<String> {
        RouteKey::new(route_key).unwrap().arn(&LogicalId::new("A").unwrap())
    }

    #[test]
    fn permission_names_method_and_path() {
        assert_eq!(source_arn("GET /records"), arn("execute-api", "${A}/*/GET/records"));
    }

    #[test]
    fn path_parameter_matches_anything() {
        assert_eq!(source_arn("PUT /records/{id}/parts"), arn("execute-api", "${A}/*/PUT/records/*/parts"));
    }

    #[test]
    fn any_method_and_default_route_widen_only_what_they_take() {
        assert_eq!(source_arn("ANY /records"), arn("execute-api", "${A}/*/*/records"));
        assert_eq!(source_arn("$default"), arn("execute-api", "${A}/*/*"));
    }

    #[test]
    fn route_keys_that_http_apis_refuse_are_errors() {
        for text in
            ["GET", "FETCH /records", "get /records", "GET records", "GET /{a}b", "GET /{p+}/x", "GET /{}"]
        {
            assert!(RouteKey::new(text).is_err(), "{text}");
        }
        assert!(RouteKey::new("GET /files/{proxy+}").is_ok());
    }

    #[test]
    fn integration_waits_longer_than_the_function_but_never_beyond_the_quota() {
        let wait = |seconds| wait_for(Timeout::new(crate::unit::Seconds(seconds)).unwrap()).get();
        assert_eq!(wait(10), Milliseconds(11_000));
        assert_eq!(wait(29), Milliseconds(30_000));
        assert_eq!(wait(300), Milliseconds(30_000));
    }
}
