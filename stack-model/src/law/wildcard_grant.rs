//! W3026: a role, user or group may do everything with a service, or something with every resource of it.
//!
//! Source: IAM user guide, security best practices, least privilege; AWS managed policies for job functions.

use serde_json::Value as Json;

use super::found;
use crate::diagnostic::{Diagnostic, WILDCARD_GRANT};
use crate::world::access::statements;
use crate::world::graph::{Graph, elements, one_or_many};
use crate::world::intrinsic::to_text;

/// Services whose resources can be named; of others some actions take `*` only.
const SERVICES: [&str; 4] = ["dynamodb", "s3", "sns", "sqs"];

/// Actions of these services that take no resource, beside those that list; text messages have none either.
///
/// Source: Service Authorization Reference, actions without a resource type (read 2026-12-01).
const NAMELESS: [&str; 40] = [
    "dynamodb:describeendpoints",
    "dynamodb:describelimits",
    "dynamodb:describereservedcapacity",
    "dynamodb:describereservedcapacityofferings",
    "dynamodb:getabacstatus",
    "dynamodb:injecterror",
    "dynamodb:purchasereservedcapacityofferings",
    "dynamodb:updateabacstatus",
    "s3:createjob",
    "s3:createstoragelensgroup",
    "s3:getaccesspoint",
    "s3:getaccountpublicaccessblock",
    "s3:putaccesspointpublicaccessblock",
    "s3:putaccountpublicaccessblock",
    "s3:putstoragelensconfiguration",
    "sns:checkifphonenumberisoptedout",
    "sns:createplatformapplication",
    "sns:createplatformendpoint",
    "sns:createsmssandboxphonenumber",
    "sns:deleteendpoint",
    "sns:deleteplatformapplication",
    "sns:deletesmssandboxphonenumber",
    "sns:getendpointattributes",
    "sns:getplatformapplicationattributes",
    "sns:getsmsattributes",
    "sns:getsmssandboxaccountstatus",
    "sns:getsubscriptionattributes",
    "sns:listendpointsbyplatformapplication",
    "sns:listoriginationnumbers",
    "sns:listphonenumbersoptedout",
    "sns:listplatformapplications",
    "sns:listsmssandboxphonenumbers",
    "sns:optinphonenumber",
    "sns:publish",
    "sns:setendpointattributes",
    "sns:setplatformapplicationattributes",
    "sns:setsmsattributes",
    "sns:setsubscriptionattributes",
    "sns:unsubscribe",
    "sns:verifysmssandboxphonenumber",
];

/// Managed policies of AWS that allow everything, or everything but the administration of users.
const ADMINISTRATORS: [&str; 2] = ["AdministratorAccess", "PowerUserAccess"];

/// Types with policies of their own in a list.
const PRINCIPALS: [&str; 3] = ["AWS::IAM::Group", "AWS::IAM::Role", "AWS::IAM::User"];

/// Types that are a policy.
const POLICIES: [&str; 5] = [
    "AWS::IAM::GroupPolicy",
    "AWS::IAM::ManagedPolicy",
    "AWS::IAM::Policy",
    "AWS::IAM::RolePolicy",
    "AWS::IAM::UserPolicy",
];

pub(super) fn check(graph: &Graph) -> Vec<Diagnostic> {
    let mut report = Vec::new();
    for resource in graph.resources() {
        let is_principal = PRINCIPALS.contains(&resource.resource_type());
        let documents: Vec<&Json> = if is_principal {
            elements(resource, "Policies").into_iter().filter_map(|it| it.get("PolicyDocument")).collect()
        } else if POLICIES.contains(&resource.resource_type()) {
            resource.property("PolicyDocument").into_iter().collect()
        } else {
            continue;
        };
        let all = documents.into_iter().filter_map(|document| statements(Some(document))).flatten();
        let attached = if is_principal { elements(resource, "ManagedPolicyArns") } else { Vec::new() };
        if let Some(message) = all.filter_map(wildcard).chain(attached.into_iter().filter_map(managed)).next()
        {
            report.push(
                found(&WILDCARD_GRANT, resource, message)
                    .help("Name the actions and the ARNs that are needed."),
            );
        }
    }
    report
}

/// What is wide about a statement. A condition narrows it in ways that are not judged.
fn wildcard(statement: &Json) -> Option<String> {
    if statement["Effect"] != "Allow" || statement.get("Condition").is_some() {
        return None;
    }
    let texts = |name: &str| -> Vec<String> {
        statement.get(name).map(one_or_many).unwrap_or_default().into_iter().filter_map(to_text).collect()
    };
    let actions = texts("Action");
    if let Some(action) = actions.iter().find(|action| *action == "*" || action.ends_with(":*")) {
        return Some(format!("It allows `{action}`."));
    }
    let resources = texts("Resource");
    let wide = resources.iter().find(|arn| is_every_resource(arn));
    if let (Some(excluded), Some(_)) = (texts("NotAction").first(), wide) {
        return Some(format!("It allows everything but `{excluded}` on every resource."));
    }
    let on = match (wide, texts("NotResource").first()) {
        (Some(arn), _) if arn == "*" => "every resource".to_owned(),
        (Some(arn), _) => format!("every resource, `{arn}`"),
        (None, Some(excluded)) => format!("every resource but `{excluded}`"),
        (None, None) => return None,
    };
    let named = actions.iter().find(|action| takes_a_resource(&action.to_lowercase()))?;
    Some(format!("It allows `{named}` on {on}."))
}

/// Whether the pattern is `*`, or an ARN that leaves nothing but the service, Region and account to say.
fn is_every_resource(pattern: &str) -> bool {
    let mut parts = pattern.splitn(6, ':');
    let name = parts.nth(5).map(|name| name.strip_prefix("table/").unwrap_or(name));
    let is_wild = |text: &str| text.contains('*') && text.chars().all(|c| "*/".contains(c));
    pattern == "*" || (pattern.starts_with("arn:") && name.is_some_and(is_wild))
}

/// What is wide about a managed policy of AWS, by its name.
fn managed(arn: &Json) -> Option<String> {
    let text = to_text(arn)?;
    let (_, name) = text.split_once(":aws:policy/")?;
    let name = name.rsplit('/').next()?;
    let is_wide = ADMINISTRATORS.contains(&name) || name.ends_with("FullAccess");
    is_wide.then(|| format!("It has the managed policy `{name}`."))
}

fn takes_a_resource(action: &str) -> bool {
    let Some((service, verb)) = action.split_once(':') else { return false };
    SERVICES.contains(&service) && !verb.starts_with("list") && !NAMELESS.contains(&action)
}

#[cfg(test)]
mod tests {
    use serde_json::{Value as Json, json};

    use super::super::fixture::{NONE, codes_after};

    fn with(action: &str, resource: &str) -> Vec<&'static str> {
        let statement = json!({"Effect": "Allow", "Action": [action], "Resource": resource});
        let document = json!({"PolicyName": "p", "RoleName": {"Ref": "ExtractRole"}, "PolicyDocument": {"Statement": [statement]}});
        codes_after(json!({"Own": {"Type": "AWS::IAM::RolePolicy", "Properties": document}}))
    }

    #[test]
    fn every_action_of_a_service_is_wide() {
        assert_eq!(with("sqs:*", "arn:aws:sqs:eu-west-1:123456789012:a"), ["W3026"]);
        assert_eq!(with("sqs:Send*", "arn:aws:sqs:eu-west-1:123456789012:a"), NONE);
    }

    #[test]
    fn every_resource_is_wide_where_resources_can_be_named() {
        assert_eq!(with("dynamodb:GetItem", "*"), ["W3026"]);
        assert_eq!(with("xray:PutTraceSegments", "*"), NONE);
        assert_eq!(with("sqs:ListQueues", "*"), NONE);
        assert_eq!(with("sns:SetSMSAttributes", "*"), NONE);
        assert_eq!(with("s3:PutAccountPublicAccessBlock", "*"), NONE);
    }

    #[test]
    fn arn_without_a_name_is_every_resource() {
        assert_eq!(with("dynamodb:GetItem", "arn:*:dynamodb:*:*:*"), ["W3026"]);
        assert_eq!(with("dynamodb:GetItem", "arn:aws:dynamodb:eu-west-1:123456789012:table/*"), ["W3026"]);
        assert_eq!(with("s3:GetObject", "arn:aws:s3:::*/*"), ["W3026"]);
        assert_eq!(with("s3:GetObject", "arn:aws:s3:::uploads/*"), NONE);
        assert_eq!(with("dynamodb:GetItem", "arn:aws:dynamodb:*:*:table/orders-*"), NONE);
    }

    #[test]
    fn what_is_left_over_by_an_exception_is_wide() {
        let with = |statement: Json| {
            let document = json!({"PolicyName": "p", "RoleName": {"Ref": "ExtractRole"}, "PolicyDocument": {"Statement": statement}});
            codes_after(json!({"Own": {"Type": "AWS::IAM::RolePolicy", "Properties": document}}))
        };
        assert_eq!(with(json!({"Effect": "Allow", "NotAction": "iam:*", "Resource": "*"})), ["W3026"]);
        assert_eq!(with(json!({"Effect": "Deny", "NotAction": "iam:*", "Resource": "*"})), NONE);
        let except =
            |action: &str| json!({"Effect": "Allow", "Action": action, "NotResource": "arn:aws:s3:::a/*"});
        assert_eq!(with(except("s3:GetObject")), ["W3026"]);
        assert_eq!(with(except("xray:PutTraceSegments")), NONE);
    }

    #[test]
    fn users_groups_and_managed_policies_are_looked_at() {
        let user = |action: &str| {
            let statement = json!({"Effect": "Allow", "Action": action, "Resource": "*"});
            let policy = json!({"PolicyName": "p", "PolicyDocument": {"Statement": [statement]}});
            codes_after(json!({"Own": {"Type": "AWS::IAM::User", "Properties": {"Policies": [policy]}}}))
        };
        assert_eq!(user("*"), ["W3026"]);
        assert_eq!(user("sqs:ListQueues"), NONE);
        let group = |name: &str| {
            let arn = json!({"Fn::Sub": format!("arn:${{AWS::Partition}}:iam::aws:policy/{name}")});
            codes_after(
                json!({"Own": {"Type": "AWS::IAM::Group", "Properties": {"ManagedPolicyArns": [arn]}}}),
            )
        };
        assert_eq!(group("AdministratorAccess"), ["W3026"]);
        assert_eq!(group("AmazonSQSFullAccess"), ["W3026"]);
        assert_eq!(group("AmazonSQSReadOnlyAccess"), NONE);
    }
}
