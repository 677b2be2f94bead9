//! Finds what a piece of template refers to.
//!
//! Works on rendered JSON, so that raw resources and overrides are seen like typed ones.

use serde_json::Value as Json;

/// One mention of another thing of the template.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Reference {
    /// The logical ID or pseudo parameter mentioned.
    pub target: String,
    /// How it is mentioned.
    pub kind: ReferenceKind,
    /// Where, as `Properties.Environment.Variables.QUEUE_URL`.
    pub path: String,
}

/// How a thing of the template is mentioned.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum ReferenceKind {
    /// `Ref` or `${Id}`: a parameter or resource.
    Ref,
    /// `Fn::GetAtt` or `${Id.Attribute}`: a resource's return value of that name.
    Attribute(String),
    /// `DependsOn`: a resource.
    DependsOn,
    /// `Fn::If`, `Condition`: a condition.
    Condition,
    /// `Fn::FindInMap`: a mapping.
    Mapping,
}

impl ReferenceKind {
    /// Whether CloudFormation must settle the mentioned resource first.
    #[must_use]
    pub fn is_dependency(&self) -> bool {
        !matches!(self, Self::Condition | Self::Mapping)
    }
}

/// Every mention in a resource object, output object or condition, in order of path.
///
/// `DependsOn` and `Condition` count at the top of `json` only; deeper they are property names (as a policy
/// statement's `Condition`), unless `Condition` is the only key of an object and names a text.
#[must_use]
pub fn find_references(json: &Json) -> Vec<Reference> {
    let mut found = Vec::new();
    if let Some(object) = json.as_object() {
        for (attribute, kind) in
            [("DependsOn", ReferenceKind::DependsOn), ("Condition", ReferenceKind::Condition)]
        {
            for target in object.get(attribute).into_iter().flat_map(one_or_many) {
                let (target, kind) = (target.to_owned(), kind.clone());
                found.push(Reference { target, kind, path: attribute.to_owned() });
            }
        }
    }
    walk(json, &mut Vec::new(), &mut found);
    found
}

fn one_or_many(json: &Json) -> Vec<&str> {
    match json {
        Json::String(text) => vec![text],
        Json::Array(elements) => elements.iter().filter_map(Json::as_str).collect(),
        _ => Vec::new(),
    }
}

/// One step of a path. Few places hold a reference, so that a path is put together only there.
enum Step<'a> {
    Name(&'a str),
    Index(usize),
}

fn walk<'a>(json: &'a Json, path: &mut Vec<Step<'a>>, found: &mut Vec<Reference>) {
    match json {
        Json::Object(object) => {
            if object.len() == 1
                && let Some((name, arguments)) = object.iter().next()
            {
                intrinsic(name, arguments, path, found);
            }
            for (name, value) in object {
                if name.starts_with("Fn::") {
                    walk(value, path, found);
                } else {
                    below(Step::Name(name), value, path, found);
                }
            }
        }
        Json::Array(elements) => {
            for (index, element) in elements.iter().enumerate() {
                below(Step::Index(index), element, path, found);
            }
        }
        _ => {}
    }
}

fn below<'a>(step: Step<'a>, json: &'a Json, path: &mut Vec<Step<'a>>, found: &mut Vec<Reference>) {
    path.push(step);
    walk(json, path, found);
    path.pop();
}

fn text(path: &[Step<'_>]) -> String {
    let mut text = String::new();
    for (position, step) in path.iter().enumerate() {
        if position > 0 {
            text.push('.');
        }
        match step {
            Step::Name(name) => text.push_str(name),
            Step::Index(index) => text.push_str(&index.to_string()),
        }
    }
    text
}

fn intrinsic(name: &str, arguments: &Json, path: &[Step<'_>], found: &mut Vec<Reference>) {
    let mut push = |target: &str, kind| {
        found.push(Reference { target: target.to_owned(), kind, path: text(path) });
    };
    match (name, arguments) {
        ("Ref", Json::String(target)) => push(target, ReferenceKind::Ref),
        ("Fn::GetAtt", Json::String(dotted)) => {
            let (target, attribute) = dotted.split_once('.').unwrap_or((dotted, ""));
            push(target, ReferenceKind::Attribute(attribute.to_owned()));
        }
        ("Fn::GetAtt", Json::Array(parts)) => {
            if let [Json::String(target), Json::String(attribute)] = parts.as_slice() {
                push(target, ReferenceKind::Attribute(attribute.clone()));
            }
        }
        ("Fn::If", Json::Array(parts)) => {
            if let Some(Json::String(target)) = parts.first() {
                push(target, ReferenceKind::Condition);
            }
        }
        ("Fn::FindInMap", Json::Array(parts)) => {
            if let Some(Json::String(target)) = parts.first() {
                push(target, ReferenceKind::Mapping);
            }
        }
        // At the top `Condition` was counted already, as the resource's own attribute.
        ("Condition", Json::String(target)) if !path.is_empty() => push(target, ReferenceKind::Condition),
        ("Fn::Sub", Json::String(template)) => substitutions(template, &[], path, found),
        ("Fn::Sub", Json::Array(parts)) => {
            if let [Json::String(template), Json::Object(variables)] = parts.as_slice() {
                let own: Vec<&str> = variables.keys().map(String::as_str).collect();
                substitutions(template, &own, path, found);
            }
        }
        _ => {}
    }
}

/// Adds what `${...}` in a text of `Fn::Sub` mentions, but for the function's own variables.
fn substitutions(template: &str, own: &[&str], path: &[Step<'_>], found: &mut Vec<Reference>) {
    let mut rest = template;
    while let Some(start) = rest.find("${") {
        let after = &rest[start + 2..];
        let Some(end) = after.find('}') else { return };
        let name = after[..end].trim();
        rest = &after[end + 1..];
        if name.starts_with('!') || own.contains(&name) {
            continue;
        }
        let (target, kind) = match name.split_once('.') {
            Some((target, attribute)) => (target, ReferenceKind::Attribute(attribute.to_owned())),
            None => (name, ReferenceKind::Ref),
        };
        found.push(Reference { target: target.to_owned(), kind, path: text(path) });
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn targets(json: &Json) -> Vec<(String, ReferenceKind)> {
        find_references(json).into_iter().map(|found| (found.target, found.kind)).collect()
    }

    #[test]
    fn sub_mentions_names_and_attributes_but_not_its_own_variables_or_literals() {
        let json =
            json!({"Properties": {"A": {"Fn::Sub": ["${Q}${Q.Arn}${Own}${!Text}", {"Own": {"Ref": "P"}}]}}});
        let expected = vec![
            ("Q".to_owned(), ReferenceKind::Ref),
            ("Q".to_owned(), ReferenceKind::Attribute("Arn".to_owned())),
            ("P".to_owned(), ReferenceKind::Ref),
        ];
        assert_eq!(targets(&json), expected);
    }

    #[test]
    fn depends_on_counts_at_the_top_only() {
        let json = json!({"DependsOn": ["A", "B"], "Properties": {"DependsOn": "C"}});
        let kind = ReferenceKind::DependsOn;
        assert_eq!(targets(&json), vec![("A".to_owned(), kind.clone()), ("B".to_owned(), kind)]);
    }

    #[test]
    fn condition_of_a_policy_statement_is_no_reference() {
        let json =
            json!({"Properties": {"Statement": [{"Effect": "Deny", "Condition": {"Bool": {"x": "y"}}}]}});
        assert!(targets(&json).is_empty());
    }

    #[test]
    fn mapping_is_mentioned_and_is_no_dependency() {
        let json = json!({"Properties": {"A": {"Fn::FindInMap": ["Sizes", {"Ref": "Stage"}, "Memory"]}}});
        let expected =
            [("Sizes".to_owned(), ReferenceKind::Mapping), ("Stage".to_owned(), ReferenceKind::Ref)];
        assert_eq!(targets(&json), expected);
        assert!(!ReferenceKind::Mapping.is_dependency());
    }

    #[test]
    fn path_leads_to_the_property() {
        let json = json!({"Properties": {"Role": {"Fn::GetAtt": ["R", "Arn"]}}});
        assert_eq!(find_references(&json)[0].path, "Properties.Role");
    }
}
