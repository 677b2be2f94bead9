//! Who may do what: the statements of all policies in a template, one action and one resource at a
//! time, so that a rewritten policy with the same meaning shows no difference.

use std::collections::BTreeSet;

use serde_json::Value;

use super::shown::shown;

/// One permission or prohibition.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Statement {
    /// Logical ID of the role or resource whose policy it stands in.
    pub holder: String,
    /// `Allow` or `Deny`.
    pub effect: String,
    /// Who, for policies of resources and trust policies; empty for a role's own policies.
    pub principal: String,
    /// Action, for example `sqs:SendMessage`.
    pub action: String,
    /// Resource, with intrinsic functions shown as in `Fn::Sub`; empty in trust policies.
    pub resource: String,
    /// Conditions, or empty.
    pub condition: String,
}

/// Statements that come and go.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct AccessChange {
    /// Statements only the wanted template has.
    pub added: Vec<Statement>,
    /// Statements only the deployed template has.
    pub removed: Vec<Statement>,
}

impl AccessChange {
    /// True when something becomes possible that was not: a new permission or a lost prohibition.
    #[must_use]
    pub fn widens(&self) -> bool {
        self.added.iter().any(|statement| statement.effect == "Allow")
            || self.removed.iter().any(|statement| statement.effect == "Deny")
    }
}

/// Compares the policies of two templates.
#[must_use]
pub fn changes(before: &Value, after: &Value) -> AccessChange {
    let (old, new) = (statements(before), statements(after));
    AccessChange {
        added: new.difference(&old).cloned().collect(),
        removed: old.difference(&new).cloned().collect(),
    }
}

/// Lists all statements of a template.
#[must_use]
pub fn statements(template: &Value) -> BTreeSet<Statement> {
    let resources = template.get("Resources").and_then(Value::as_object);
    resources.into_iter().flatten().flat_map(|(id, resource)| of_resource(id, resource)).collect()
}

fn of_resource(id: &str, resource: &Value) -> Vec<Statement> {
    let Some(properties) = resource.get("Properties") else { return Vec::new() };
    let documents: Vec<(String, &Value)> = match resource.get("Type").and_then(Value::as_str) {
        Some("AWS::IAM::Role") => {
            let own = properties.get("Policies").and_then(Value::as_array).into_iter().flatten();
            let trust = properties.get("AssumeRolePolicyDocument");
            own.filter_map(|policy| policy.get("PolicyDocument"))
                .chain(trust)
                .map(|it| (id.to_owned(), it))
                .collect()
        }
        Some("AWS::IAM::Policy" | "AWS::IAM::ManagedPolicy") => {
            let roles = properties.get("Roles").and_then(Value::as_array);
            let holders: Vec<String> = roles.into_iter().flatten().map(|role| plain(&shown(role))).collect();
            let holder = if holders.is_empty() { id.to_owned() } else { holders.join(", ") };
            properties.get("PolicyDocument").map(|it| (holder, it)).into_iter().collect()
        }
        Some("AWS::SQS::QueuePolicy" | "AWS::SNS::TopicPolicy" | "AWS::S3::BucketPolicy") => {
            properties.get("PolicyDocument").map(|it| (id.to_owned(), it)).into_iter().collect()
        }
        Some("AWS::Lambda::Permission") => return vec![permission(properties)],
        _ => Vec::new(),
    };
    documents.iter().flat_map(|(holder, document)| of_document(holder, document)).collect()
}

fn of_document(holder: &str, document: &Value) -> Vec<Statement> {
    let statements = one_or_many(document.get("Statement"));
    statements.iter().flat_map(|statement| of_statement(holder, statement)).collect()
}

fn of_statement(holder: &str, statement: &Value) -> Vec<Statement> {
    let text = |key: &str| statement.get(key).map(shown).unwrap_or_default();
    let actions = words(statement, "Action", "NotAction");
    let resources = words(statement, "Resource", "NotResource");
    let principal = match (statement.get("Principal"), statement.get("NotPrincipal")) {
        (Some(principal), _) => shown(principal),
        (_, Some(principal)) => format!("not {}", shown(principal)),
        _ => String::new(),
    };
    let mut found = Vec::new();
    for action in &actions {
        for resource in &resources {
            found.push(Statement {
                holder: holder.to_owned(),
                effect: text("Effect"),
                principal: principal.clone(),
                action: action.clone(),
                resource: resource.clone(),
                condition: text("Condition"),
            });
        }
    }
    found
}

fn words(statement: &Value, key: &str, negated: &str) -> Vec<String> {
    if let Some(value) = statement.get(negated) {
        return one_or_many(Some(value)).iter().map(|value| format!("not {}", shown(value))).collect();
    }
    match one_or_many(statement.get(key)).iter().map(|value| shown(value)).collect::<Vec<_>>() {
        words if words.is_empty() => vec![String::new()],
        words => words,
    }
}

fn permission(properties: &Value) -> Statement {
    let text = |key: &str| properties.get(key).map(shown).unwrap_or_default();
    let condition = ["SourceArn", "SourceAccount"]
        .iter()
        .filter_map(|key| properties.get(*key).map(|value| format!("{key}: {}", shown(value))))
        .collect::<Vec<_>>();
    Statement {
        holder: plain(&text("FunctionName")),
        effect: "Allow".to_owned(),
        principal: text("Principal"),
        action: text("Action"),
        resource: String::new(),
        condition: condition.join(", "),
    }
}

/// `${Function.Arn}` and `${Function}` name the function itself.
fn plain(text: &str) -> String {
    let inner = text.strip_prefix("${").and_then(|text| text.strip_suffix('}')).unwrap_or(text);
    inner.split('.').next().unwrap_or(inner).to_owned()
}

fn one_or_many(value: Option<&Value>) -> Vec<&Value> {
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

    fn role(statements: Value) -> Value {
        json!({"Resources": {"Role": {"Type": "AWS::IAM::Role", "Properties":
            {"Policies": [{"PolicyName": "p", "PolicyDocument": {"Statement": statements}}]}}}})
    }

    #[test]
    fn policy_written_otherwise_with_the_same_meaning_shows_no_change() {
        let one = role(json!([{"Effect": "Allow", "Action": ["a:X", "a:Y"], "Resource": "r"}]));
        let two = role(json!([
            {"Effect": "Allow", "Action": "a:Y", "Resource": ["r"]},
            {"Effect": "Allow", "Action": ["a:X"], "Resource": "r"},
        ]));
        assert_eq!(changes(&one, &two), AccessChange::default());
    }

    #[test]
    fn new_permission_and_lost_prohibition_widen() {
        let none = role(json!([]));
        let allow = role(json!([{"Effect": "Allow", "Action": "a:X", "Resource": "r"}]));
        let deny = role(json!([{"Effect": "Deny", "Action": "a:X", "Resource": "r"}]));
        assert!(changes(&none, &allow).widens());
        assert!(changes(&deny, &none).widens());
        assert!(!changes(&allow, &none).widens());
        assert!(!changes(&none, &deny).widens());
    }

    #[test]
    fn lambda_permission_counts_as_access() {
        let template = json!({"Resources": {"P": {"Type": "AWS::Lambda::Permission", "Properties": {
            "Action": "lambda:InvokeFunction", "FunctionName": {"Fn::GetAtt": ["F", "Arn"]},
            "Principal": "s3.amazonaws.com", "SourceArn": "arn:x"}}}});
        let found: Vec<_> = statements(&template).into_iter().collect();
        assert_eq!(found.len(), 1);
        assert_eq!((found[0].holder.as_str(), found[0].condition.as_str()), ("F", "SourceArn: arn:x"));
    }
}
