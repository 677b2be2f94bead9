//! Who may call what answers without a policy: function URLs, routes, public databases, open buckets.

use serde_json::{Map, Value};

use super::pattern::Pattern;
use super::policy::{inner, many, reference};
use super::{Atom, Permit};
use crate::diff::shown::shown;
use crate::diff::template::type_of;

/// Properties that open a resource to everybody when they have one of these values; the last stands for an absent
/// property. Source: CloudFormation template reference.
const PUBLIC: [(&str, &str, &str, &[&str]); 8] = [
    ("AWS::Cognito::IdentityPool", "AllowUnauthenticatedIdentities", "get an identity", &["true"]),
    ("AWS::DMS::ReplicationInstance", "PubliclyAccessible", "reach it by the internet", &["true", ""]),
    ("AWS::MWAA::Environment", "WebserverAccessMode", "reach it by the internet", &["PUBLIC_ONLY"]),
    ("AWS::RDS::DBCluster", "PubliclyAccessible", "reach it by the internet", &["true"]),
    ("AWS::RDS::DBInstance", "PubliclyAccessible", "reach it by the internet", &["true"]),
    ("AWS::Redshift::Cluster", "PubliclyAccessible", "reach it by the internet", &["true"]),
    ("AWS::RedshiftServerless::Workgroup", "PubliclyAccessible", "reach it by the internet", &["true"]),
    ("AWS::S3::Bucket", "AccessControl", "read objects by ACL", &["PublicRead", "PublicReadWrite"]),
];

/// Settings that keep the public out, with what they forbid. Source: S3 user guide, "Blocking public access".
const BLOCKS: [(&str, &str); 4] = [
    ("BlockPublicAcls", "be let in by new public ACLs"),
    ("BlockPublicPolicy", "be let in by new public policies"),
    ("IgnorePublicAcls", "be let in by public ACLs"),
    ("RestrictPublicBuckets", "be let in by public policies"),
];

/// Lists what a resource lets in, or keeps out, by itself.
pub(super) fn atoms(id: &str, kind: &str, properties: &Value, all: &Map<String, Value>) -> Vec<Atom> {
    let itself = reference(id);
    let mut found = by_authorization(kind, properties, &itself, all);
    for (_, property, action, values) in PUBLIC.iter().filter(|(name, ..)| *name == kind) {
        let value = properties.get(*property);
        let text = value.map(shown).unwrap_or_default();
        if values.contains(&text.as_str()) {
            found.push(atom(Permit::Allow, "*", action, &itself));
        } else if value.is_some_and(Value::is_object) {
            found
                .push(atom(Permit::Allow, "*", action, &itself).with(format!("{property} = {text} says so")));
        }
    }
    let blocked = properties.get("PublicAccessBlockConfiguration");
    for (flag, action) in BLOCKS {
        match blocked.and_then(|blocked| blocked.get(flag)).map(shown).as_deref() {
            None | Some("false") => {}
            Some("true") => found.push(atom(Permit::Deny, "*", action, &itself)),
            Some(text) => {
                found.push(atom(Permit::Deny, "*", action, &itself).with(format!("{flag} = {text} says so")));
            }
        }
    }
    found
}

fn by_authorization(kind: &str, properties: &Value, itself: &str, all: &Map<String, Value>) -> Vec<Atom> {
    let text = |key: &str| properties.get(key).map(shown);
    match kind {
        "AWS::Lambda::Url" => called(text("AuthType"), None, "lambda:InvokeFunctionUrl", itself),
        "AWS::ApiGatewayV2::Route" if takes_no_authorization(properties, all) => Vec::new(),
        "AWS::ApiGatewayV2::Route" => {
            let authorization = text("AuthorizationType").or_else(|| Some("NONE".to_owned()));
            let key = text("RouteKey").unwrap_or_default();
            let found = called(authorization, text("AuthorizerId"), &format!("call `{key}`"), itself);
            let scopes: Vec<String> = many(properties.get("AuthorizationScopes")).map(shown).collect();
            let scopes = Some(scopes).filter(|scopes| !scopes.is_empty());
            let condition = scopes.map(|scopes| format!("scope = {}", scopes.join(" or ")));
            found.into_iter().map(|it| it.with_some(condition.clone())).collect()
        }
        "AWS::ApiGatewayV2::Api" if properties.get("Target").is_some() => {
            called(Some("NONE".to_owned()), None, "call its quick-create route", itself)
        }
        "AWS::ApiGateway::Method" => {
            let authorization = text("AuthorizationType").or_else(|| Some("NONE".to_owned()));
            let action = format!("call {}", text("HttpMethod").unwrap_or_default());
            let found = called(authorization, text("AuthorizerId"), &action, itself);
            let needs_key = text("ApiKeyRequired").is_some_and(|it| it == "true");
            let condition = needs_key.then(|| "an API key is given".to_owned());
            found.into_iter().map(|it| it.with_some(condition.clone())).collect()
        }
        "AWS::AppSync::GraphQLApi" => {
            let others = many(properties.get("AdditionalAuthenticationProviders"));
            let others = others.filter_map(|it| it.get("AuthenticationType").map(shown));
            let kinds = text("AuthenticationType").into_iter().chain(others);
            kinds.flat_map(|kind| called(Some(kind), None, "call it", itself)).collect()
        }
        "AWS::Serverless::Api" | "AWS::Serverless::HttpApi" => {
            let authorizer = properties.pointer("/Auth/DefaultAuthorizer").map(shown);
            let kind = authorizer.clone().unwrap_or_else(|| "NONE".to_owned());
            called(Some(kind), authorizer, "call its routes", itself)
        }
        "AWS::Serverless::Function" => {
            let url = properties.pointer("/FunctionUrlConfig/AuthType").map(shown);
            let mut found = called(url, None, "lambda:InvokeFunctionUrl", itself);
            for (name, event) in properties.get("Events").and_then(Value::as_object).into_iter().flatten() {
                let authorizer = event.pointer("/Properties/Auth/Authorizer").map(shown);
                found.extend(called(
                    authorizer.clone(),
                    authorizer,
                    &format!("call its event `{name}`"),
                    itself,
                ));
            }
            found
        }
        _ => Vec::new(),
    }
}

/// Routes of a WebSocket API but `$connect` are called by who is connected already.
fn takes_no_authorization(properties: &Value, all: &Map<String, Value>) -> bool {
    let api = properties.get("ApiId").map(shown).unwrap_or_default();
    let api = inner(&api).and_then(|id| all.get(id)).filter(|api| type_of(api) == "AWS::ApiGatewayV2::Api");
    let protocol = api.and_then(|api| api.pointer("/Properties/ProtocolType"));
    protocol.is_some_and(|it| it == "WEBSOCKET")
        && properties.get("RouteKey").is_none_or(|it| it != "$connect")
}

/// Who is let in by a kind of authorisation; IAM lets in whom policies do, which are compared by themselves.
fn called(kind: Option<String>, authorizer: Option<String>, action: &str, itself: &str) -> Vec<Atom> {
    let principal = match kind.as_deref() {
        None | Some("AWS_IAM") => return Vec::new(),
        Some("NONE") => "*".to_owned(),
        Some(kind) => {
            let authorizer = authorizer.filter(|authorizer| authorizer != kind);
            format!("whoever {} lets in", authorizer.map_or(kind.to_owned(), |it| format!("{kind} {it}")))
        }
    };
    vec![atom(Permit::Allow, &principal, action, itself)]
}

fn atom(permit: Permit, principal: &str, action: &str, resource: &str) -> Atom {
    let is = |text: &str| Pattern::Is(text.to_owned());
    Atom {
        permit,
        principal: is(principal),
        action: is(action),
        resource: is(resource),
        conditions: Default::default(),
    }
}

impl Atom {
    fn with(mut self, condition: String) -> Self {
        self.conditions.insert(condition);
        self
    }

    fn with_some(mut self, condition: Option<String>) -> Self {
        self.conditions.extend(condition);
        self
    }
}
