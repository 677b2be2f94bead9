//! Whether a resource's policy lets a service do something.
//!
//! IAM's evaluation for one request by a service principal in the resource's own account: an explicit
//! `Deny` wins, then an `Allow` is needed. What the policy asks for and the request does not say makes
//! the answer [`Verdict::Unclear`], never a guess.
//! Source: IAM user guide, "Policy evaluation logic" and "Condition operators".

use serde_json::Value;

/// A call of an AWS service on a resource.
#[derive(Debug, Clone, Copy)]
pub struct ServiceRequest<'a> {
    /// Service principal, for example `cloudwatch.amazonaws.com`.
    pub service: &'a str,
    /// Action, for example `sns:Publish`.
    pub action: &'a str,
    /// ARN of the resource whose policy it is.
    pub resource: &'a str,
    /// ARN of what the service acts for.
    pub source_arn: &'a str,
    /// Account of what the service acts for, 12 digits.
    pub source_account: &'a str,
}

/// What a policy says to a request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Verdict {
    /// Allowed.
    Allowed,
    /// A statement denies it; its `Sid`, if it has one.
    DeniedBy(Option<String>),
    /// No statement allows it.
    NotAllowed,
    /// It depends on this, which cannot be told from here.
    Unclear(String),
}

/// True, false, or what it depends on.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Truth {
    Yes,
    No,
    DependsOn(String),
}

impl Truth {
    fn of(truth: bool) -> Self {
        if truth { Self::Yes } else { Self::No }
    }

    fn and(self, other: impl FnOnce() -> Self) -> Self {
        match self {
            Self::No => Self::No,
            Self::Yes => other(),
            Self::DependsOn(what) => match other() {
                Self::No => Self::No,
                _ => Self::DependsOn(what),
            },
        }
    }

    fn or(self, other: impl FnOnce() -> Self) -> Self {
        match self {
            Self::Yes => Self::Yes,
            Self::No => other(),
            Self::DependsOn(what) => match other() {
                Self::Yes => Self::Yes,
                _ => Self::DependsOn(what),
            },
        }
    }

    fn not(self) -> Self {
        match self {
            Self::Yes => Self::No,
            Self::No => Self::Yes,
            unclear @ Self::DependsOn(_) => unclear,
        }
    }
}

/// Evaluates a resource's policy for a request.
#[must_use]
pub fn evaluate(policy: &Value, request: ServiceRequest<'_>) -> Verdict {
    let statements = many(policy.get("Statement"));
    let mut allowed = Truth::No;
    let mut unclear_denial = None;
    for statement in statements {
        let applies = applies(statement, request);
        match (statement.get("Effect").and_then(Value::as_str), applies) {
            (Some("Deny"), Truth::Yes) => {
                return Verdict::DeniedBy(statement.get("Sid").and_then(Value::as_str).map(str::to_owned));
            }
            (Some("Deny"), Truth::DependsOn(what)) => unclear_denial = Some(what),
            (Some("Allow"), applies) => allowed = allowed.or(|| applies),
            _ => {}
        }
    }
    match (allowed, unclear_denial) {
        (Truth::No, _) => Verdict::NotAllowed,
        (Truth::DependsOn(what), _) | (Truth::Yes, Some(what)) => Verdict::Unclear(what),
        (Truth::Yes, None) => Verdict::Allowed,
    }
}

fn applies(statement: &Value, request: ServiceRequest<'_>) -> Truth {
    principal(statement, request.service)
        .and(|| named(statement, "Action", "NotAction", request.action, true))
        .and(|| named(statement, "Resource", "NotResource", request.resource, false))
        .and(|| conditions(statement.get("Condition"), request))
}

/// `"*"` and `{"AWS": "*"}` mean everybody: with the latter SNS's own default policy lets alarms in.
fn principal(statement: &Value, service: &str) -> Truth {
    let includes = |principal: &Value| match principal {
        Value::String(text) => Truth::of(text == "*"),
        Value::Object(kinds) => any(kinds, |(kind, names)| match kind.as_str() {
            "Service" => any(many(Some(names)), |name| matches(name, service, false)),
            "AWS" => Truth::of(many(Some(names)).iter().any(|name| name.as_str() == Some("*"))),
            _ => Truth::No,
        }),
        _ => Truth::No,
    };
    match (statement.get("Principal"), statement.get("NotPrincipal")) {
        (Some(principal), _) => includes(principal),
        (None, Some(principal)) => includes(principal).not(),
        (None, None) => Truth::No,
    }
}

fn named(statement: &Value, key: &str, negated: &str, wanted: &str, ignore_case: bool) -> Truth {
    let among = |names: &Value| any(many(Some(names)), |name| matches(name, wanted, ignore_case));
    match (statement.get(key), statement.get(negated)) {
        (Some(names), _) => among(names),
        (None, Some(names)) => among(names).not(),
        (None, None) => Truth::No,
    }
}

fn conditions(conditions: Option<&Value>, request: ServiceRequest<'_>) -> Truth {
    let operators = conditions.and_then(Value::as_object).into_iter().flatten();
    let tests = operators.flat_map(|(operator, tests)| {
        tests.as_object().into_iter().flatten().map(move |(key, wanted)| (operator.as_str(), key, wanted))
    });
    tests.fold(Truth::Yes, |truth, (operator, key, wanted)| {
        truth.and(|| condition(operator, key, wanted, request))
    })
}

fn condition(operator: &str, key: &str, wanted: &Value, request: ServiceRequest<'_>) -> Truth {
    let Some(actual) = context(key, request) else { return Truth::DependsOn(key.to_owned()) };
    let plain = operator.strip_suffix("IfExists").unwrap_or(operator);
    let holds = |test: fn(&Value, &str) -> Truth| any(many(Some(wanted)), |wanted| test(wanted, actual));
    match plain {
        "StringEquals" => holds(equals),
        "StringEqualsIgnoreCase" => holds(equals_ignoring_case),
        "StringLike" | "ArnLike" | "ArnEquals" => holds(like),
        "StringNotEquals" => holds(equals).not(),
        "StringNotEqualsIgnoreCase" => holds(equals_ignoring_case).not(),
        "StringNotLike" | "ArnNotLike" | "ArnNotEquals" => holds(like).not(),
        "Bool" => holds(equals_ignoring_case),
        "Null" => Truth::of(many(Some(wanted)).iter().any(|it| text(it).is_some_and(|it| it == "false"))),
        _ => Truth::DependsOn(format!("{operator} of {key}")),
    }
}

/// What is known of the request. Calls of AWS services use TLS.
fn context<'a>(key: &str, request: ServiceRequest<'a>) -> Option<&'a str> {
    match key.to_ascii_lowercase().as_str() {
        "aws:sourcearn" => Some(request.source_arn),
        "aws:sourceaccount" | "aws:sourceowner" => Some(request.source_account),
        "aws:securetransport" | "aws:principalisawsservice" => Some("true"),
        "aws:principalservicename" => Some(request.service),
        _ => None,
    }
}

fn equals(wanted: &Value, actual: &str) -> Truth {
    text(wanted).map_or_else(|| unresolved(wanted), |wanted| Truth::of(wanted == actual))
}

fn equals_ignoring_case(wanted: &Value, actual: &str) -> Truth {
    text(wanted).map_or_else(|| unresolved(wanted), |wanted| Truth::of(wanted.eq_ignore_ascii_case(actual)))
}

fn like(wanted: &Value, actual: &str) -> Truth {
    matches(wanted, actual, false)
}

/// Compares with a pattern of `*` and `?`.
fn matches(pattern: &Value, actual: &str, ignore_case: bool) -> Truth {
    let Some(pattern) = text(pattern) else { return unresolved(pattern) };
    let fold = |text: &str| if ignore_case { text.to_ascii_lowercase() } else { text.to_owned() };
    Truth::of(is_like(fold(&pattern).as_bytes(), fold(actual).as_bytes()))
}

fn is_like(pattern: &[u8], text: &[u8]) -> bool {
    let (mut at, mut read) = (0, 0);
    let mut star: Option<(usize, usize)> = None;
    while read < text.len() {
        if pattern.get(at) == Some(&b'*') {
            star = Some((at, read));
            at += 1;
        } else if pattern.get(at).is_some_and(|it| *it == b'?' || *it == text[read]) {
            at += 1;
            read += 1;
        } else if let Some((after, begun)) = star {
            star = Some((after, begun + 1));
            at = after + 1;
            read = begun + 1;
        } else {
            return false;
        }
    }
    pattern[at..].iter().all(|it| *it == b'*')
}

/// A policy that comes from a template may hold intrinsic functions that only AWS can resolve.
fn unresolved(value: &Value) -> Truth {
    Truth::DependsOn(crate::diff::shown::shown(value))
}

fn text(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.clone()),
        Value::Bool(flag) => Some(flag.to_string()),
        Value::Number(number) => Some(number.to_string()),
        _ => None,
    }
}

fn any<T>(items: impl IntoIterator<Item = T>, test: impl Fn(T) -> Truth) -> Truth {
    items.into_iter().fold(Truth::No, |truth, item| truth.or(|| test(item)))
}

fn many(value: Option<&Value>) -> Vec<&Value> {
    match value {
        Some(Value::Array(items)) => items.iter().collect(),
        Some(value) => vec![value],
        None => Vec::new(),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    const TOPIC: &str = "arn:aws:sns:eu-west-1:111122223333:alerts";
    const REQUEST: ServiceRequest<'_> = ServiceRequest {
        service: "cloudwatch.amazonaws.com",
        action: "sns:Publish",
        resource: TOPIC,
        source_arn: "arn:aws:cloudwatch:eu-west-1:111122223333:alarm:depth",
        source_account: "111122223333",
    };

    fn allow(condition: Value) -> Value {
        json!({"Effect": "Allow", "Principal": {"Service": "cloudwatch.amazonaws.com"},
               "Action": ["SNS:Publish"], "Resource": [TOPIC], "Condition": condition})
    }

    fn verdict(statements: Value) -> Verdict {
        evaluate(&json!({"Statement": statements}), REQUEST)
    }

    #[test]
    fn alarms_of_the_account_are_let_in_and_those_of_others_are_not() {
        let of = |account: &str| {
            allow(json!({"StringEquals": {"aws:SourceAccount": account},
                         "ArnLike": {"AWS:SourceArn": format!("arn:aws:cloudwatch:*:{account}:alarm:*")}}))
        };
        assert_eq!(verdict(json!([of("111122223333")])), Verdict::Allowed);
        assert_eq!(verdict(json!(of("444455556666"))), Verdict::NotAllowed);
    }

    #[test]
    fn default_policy_of_a_topic_lets_alarms_in() {
        let policy = json!({"Effect": "Allow", "Principal": {"AWS": "*"}, "Action": ["SNS:Publish"],
            "Resource": TOPIC, "Condition": {"StringEquals": {"AWS:SourceOwner": "111122223333"}}});
        assert_eq!(verdict(policy), Verdict::Allowed);
    }

    #[test]
    fn denial_wins_and_one_of_calls_without_tls_does_not_hit_a_service() {
        let deny = |condition: Value| {
            json!({"Sid": "No", "Effect": "Deny", "Principal": "*", "Action": "sns:*", "Resource": "*",
                   "Condition": condition})
        };
        let tls = deny(json!({"Bool": {"aws:SecureTransport": false}}));
        assert_eq!(verdict(json!([allow(json!({})), tls])), Verdict::Allowed);
        let all = deny(json!({}));
        assert_eq!(verdict(json!([allow(json!({})), all])), Verdict::DeniedBy(Some("No".to_owned())));
    }

    #[test]
    fn other_service_other_action_and_no_policy_are_not_allowed() {
        let other = json!({"Effect": "Allow", "Principal": {"Service": "events.amazonaws.com"},
                           "Action": "sns:Publish", "Resource": "*"});
        assert_eq!(verdict(json!([other])), Verdict::NotAllowed);
        let not_action =
            json!({"Effect": "Allow", "Principal": "*", "NotAction": "sns:Publish", "Resource": "*"});
        assert_eq!(verdict(json!([not_action])), Verdict::NotAllowed);
        assert_eq!(evaluate(&Value::Null, REQUEST), Verdict::NotAllowed);
    }

    #[test]
    fn unknown_key_makes_the_answer_unclear_unless_another_statement_decides() {
        let org = allow(json!({"StringEquals": {"aws:PrincipalOrgID": "o-1"}}));
        assert_eq!(verdict(json!([org])), Verdict::Unclear("aws:PrincipalOrgID".to_owned()));
        assert_eq!(verdict(json!([org, allow(json!({}))])), Verdict::Allowed);
        let deny = json!({"Effect": "Deny", "Principal": "*", "Action": "sns:Publish", "Resource": "*",
                          "Condition": {"IpAddress": {"aws:SourceIp": "10.0.0.0/8"}}});
        assert_eq!(verdict(json!([deny, allow(json!({}))])), Verdict::Unclear("aws:SourceIp".to_owned()));
    }

    #[test]
    fn negated_conditions_hold_for_what_is_not_named() {
        let not = |account: &str| allow(json!({"StringNotEquals": {"aws:SourceAccount": account}}));
        assert_eq!(verdict(json!([not("444455556666")])), Verdict::Allowed);
        assert_eq!(verdict(json!([not("111122223333")])), Verdict::NotAllowed);
    }

    #[test]
    fn patterns_match_as_in_iam() {
        for (pattern, text, expected) in [
            ("sns:*", "sns:Publish", true),
            ("*:Pub?ish", "sns:Publish", true),
            ("sns:Pub", "sns:Publish", false),
            ("a*b*c", "a-b-b-c", true),
            ("a*b*c", "a-b-b-d", false),
            ("", "", true),
        ] {
            assert_eq!(is_like(pattern.as_bytes(), text.as_bytes()), expected, "{pattern} {text}");
        }
    }
}
