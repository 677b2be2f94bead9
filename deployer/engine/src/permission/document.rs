//! Policy documents in the making.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Value, json};

/// Characters of a role's inline policies in all, white space left out.
/// Source: IAM user guide, "IAM and AWS STS quotas".
pub const INLINE_LIMIT: usize = 10_240;

/// Characters of a managed policy, white space left out. A role has up to 10 managed policies.
/// Source: IAM user guide, "IAM and AWS STS quotas".
pub const MANAGED_LIMIT: usize = 6_144;

/// A statement that allows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Statement {
    /// Statement ID: letters and digits.
    pub sid: String,
    /// Actions, for example `sqs:CreateQueue`.
    pub actions: BTreeSet<String>,
    /// ARNs, with wildcards.
    pub resources: BTreeSet<String>,
    /// Condition block; `Null` for none.
    pub condition: Value,
    /// Why a statement without ARNs has none; `None` for one that names its resources.
    pub everywhere_because: Option<String>,
}

/// Writes a policy document; statements of the same resources and condition become one.
#[must_use]
pub fn document(statements: &[Statement]) -> Value {
    let statements: Vec<Value> = merged(statements).iter().map(statement).collect();
    json!({"Version": "2012-10-17", "Statement": statements})
}

/// Joins statements of the same resources and condition. The first one gives the statement ID; those
/// that know no ARN have one of their own.
pub(crate) fn merged(statements: &[Statement]) -> Vec<Statement> {
    let mut by_resources: BTreeMap<(Vec<&String>, String), usize> = BTreeMap::new();
    let mut merged: Vec<Statement> = Vec::new();
    for statement in statements {
        let key = (statement.resources.iter().collect(), statement.condition.to_string());
        match by_resources.get(&key) {
            Some(index) => merged[*index].actions.extend(statement.actions.iter().cloned()),
            None => {
                by_resources.insert(key, merged.len());
                merged.push(statement.clone());
                if let (Some(new), Value::Null, true) =
                    (merged.last_mut(), &statement.condition, statement.resources.contains("*"))
                {
                    new.sid = "WithoutArn".to_owned();
                }
            }
        }
    }
    merged
}

/// Shares statements out to as few documents of up to `limit` characters as their order allows. A statement that is
/// longer by itself has a document of its own.
pub(crate) fn parts(statements: &[Statement], limit: usize) -> Vec<Vec<Statement>> {
    let mut parts: Vec<Vec<Statement>> = Vec::new();
    for statement in merged(statements) {
        let fits = |part: &Vec<Statement>| {
            let with = [part.as_slice(), std::slice::from_ref(&statement)].concat();
            document(&with).to_string().len() <= limit
        };
        match parts.last_mut().filter(|part| fits(part)) {
            Some(part) => part.push(statement),
            None => parts.push(vec![statement]),
        }
    }
    parts
}

fn statement(statement: &Statement) -> Value {
    let mut value = json!({
        "Sid": statement.sid,
        "Effect": "Allow",
        "Action": statement.actions,
        "Resource": statement.resources,
    });
    if !statement.condition.is_null() {
        value["Condition"] = statement.condition.clone();
    }
    value
}

/// Makes every text with a `${...}` an `Fn::Sub`, as a template needs it.
#[must_use]
pub fn in_template(value: &Value) -> Value {
    match value {
        Value::String(text) if text.contains("${") => json!({"Fn::Sub": text}),
        Value::Array(items) => items.iter().map(in_template).collect(),
        Value::Object(object) => {
            object.iter().map(|(key, value)| (key.clone(), in_template(value))).collect()
        }
        other => other.clone(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn on(sid: &str, action: &str, resource: &str) -> Statement {
        Statement {
            sid: sid.to_owned(),
            actions: [action.to_owned()].into(),
            resources: [resource.to_owned()].into(),
            condition: Value::Null,
            everywhere_because: None,
        }
    }

    #[test]
    fn statements_of_the_same_resources_become_one() {
        let written = document(&[on("A", "s:X", "r"), on("B", "s:Y", "other"), on("C", "s:Z", "r")]);
        assert_eq!(written["Statement"][0]["Action"], json!(["s:X", "s:Z"]));
        assert_eq!(written["Statement"].as_array().map(Vec::len), Some(2));
    }

    #[test]
    fn statements_are_shared_out_to_documents_that_fit() {
        let statements: Vec<Statement> = ["a", "b", "c", "d"].map(|name| on(name, "s:X", name)).to_vec();
        let two = document(&statements[..2]).to_string().len();
        let shared = |limit| parts(&statements, limit).iter().map(Vec::len).collect::<Vec<_>>();
        assert_eq!((shared(two), shared(two - 1), shared(1)), (vec![2, 2], vec![1; 4], vec![1; 4]));
    }

    #[test]
    fn pseudo_parameters_become_substitutions() {
        let value = json!({"Resource": ["arn:${AWS::Partition}:x", "*"]});
        assert_eq!(in_template(&value), json!({"Resource": [{"Fn::Sub": "arn:${AWS::Partition}:x"}, "*"]}));
    }
}
