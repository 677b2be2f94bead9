//! Template values as people read them.

use serde_json::Value;

/// Shows a template value on one line: intrinsic functions in the notation of `Fn::Sub`
/// (`${Queue.Arn}`), the rest as JSON.
#[must_use]
pub fn shown(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        Value::Array(items) => format!("[{}]", items.iter().map(shown).collect::<Vec<_>>().join(", ")),
        Value::Object(object) => match object.iter().next() {
            Some((function, argument)) if object.len() == 1 => {
                intrinsic(function, argument).unwrap_or_else(|| mapping(object))
            }
            _ => mapping(object),
        },
        other => other.to_string(),
    }
}

fn mapping(object: &serde_json::Map<String, Value>) -> String {
    let entries: Vec<String> = object.iter().map(|(key, value)| format!("{key}: {}", shown(value))).collect();
    format!("{{{}}}", entries.join(", "))
}

fn intrinsic(function: &str, argument: &Value) -> Option<String> {
    match function {
        "Ref" => Some(format!("${{{}}}", argument.as_str()?)),
        "Fn::GetAtt" => {
            let path: Vec<&str> = match argument {
                Value::String(text) => vec![text],
                Value::Array(parts) => parts.iter().filter_map(Value::as_str).collect(),
                _ => return None,
            };
            Some(format!("${{{}}}", path.join(".")))
        }
        "Fn::Sub" => match argument {
            Value::String(text) => Some(text.clone()),
            Value::Array(parts) => {
                let text = parts.first()?.as_str()?.to_owned();
                let variables = parts.get(1)?.as_object()?;
                let shown = variables
                    .iter()
                    .fold(text, |text, (name, value)| text.replace(&format!("${{{name}}}"), &shown(value)));
                Some(shown)
            }
            _ => None,
        },
        "Fn::Join" => {
            let delimiter = argument.get(0)?.as_str()?;
            let parts = argument.get(1)?.as_array()?;
            Some(parts.iter().map(shown).collect::<Vec<_>>().join(delimiter))
        }
        name if name.starts_with("Fn::") => Some(format!("!{} {}", &name[4..], shown(argument))),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::shown;

    #[test]
    fn intrinsic_functions_read_like_sub() {
        assert_eq!(shown(&json!({"Ref": "Queue"})), "${Queue}");
        assert_eq!(shown(&json!({"Fn::GetAtt": ["Queue", "Arn"]})), "${Queue.Arn}");
        assert_eq!(shown(&json!({"Fn::Join": ["/", [{"Ref": "A"}, "b"]]})), "${A}/b");
        assert_eq!(shown(&json!({"Fn::Sub": ["${x}-1", {"x": {"Ref": "A"}}]})), "${A}-1");
        assert_eq!(shown(&json!({"Fn::If": ["C", 1, 2]})), "!If [C, 1, 2]");
        assert_eq!(shown(&json!({"a": 1, "b": [true]})), "{a: 1, b: [true]}");
    }
}
