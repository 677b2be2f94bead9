//! Hides what changes with a function's code, so that golden files do not.

use serde_json::{Map, Value as Json};

use crate::template::Template;

/// Fewest hexadecimal digits that are taken for a digest: those of MD5.
const SHORTEST_DIGEST: usize = 32;

/// Properties that change with the code and are no hexadecimal digest, with what stands in their place.
const PROPERTIES: [(&str, &str); 2] = [("CodeSha256", "<sha256>"), ("S3ObjectVersion", "<version>")];

/// The template with its digests masked; see [`masked_json`].
///
/// ```
/// use serde_json::json;
/// use stack_model::Template;
/// use stack_model::assertion::masked;
///
/// let built = |digest: &str| {
///     let code = json!({"S3Bucket": "artifacts", "S3Key": format!("{digest}.zip")});
///     let function = json!({"Type": "AWS::Lambda::Function", "Properties": {"Code": code}});
///     Template::from_json(json!({"Resources": {"Writer": function}})).map(|template| masked(&template))
/// };
/// let today = built(&"0af3".repeat(16))?;
/// assert_eq!(today, built(&"77be".repeat(16))?);
/// assert!(today.to_json_compact().contains("<64 hex digits>.zip"));
/// # Ok::<(), stack_model::template::TemplateError>(())
/// ```
#[must_use]
pub fn masked(template: &Template) -> Template {
    template.map_sections(masked_json)
}

/// The value with every digest masked, in texts and in names of entries.
///
/// A digest is a run of 32 or more hexadecimal digits in lower case; it becomes `<64 hex digits>`, with its length.
/// So asset keys, hashes of asset folders and logical IDs that end with a hash stay the same when code changes.
/// `CodeSha256` and `S3ObjectVersion` are masked as a whole. Entries whose names meet are numbered.
#[must_use]
pub fn masked_json(json: &Json) -> Json {
    match json {
        Json::String(text) => Json::String(masked_text(text)),
        Json::Array(elements) => Json::Array(elements.iter().map(masked_json).collect()),
        Json::Object(object) => Json::Object(masked_object(object)),
        scalar => scalar.clone(),
    }
}

fn masked_object(object: &Map<String, Json>) -> Map<String, Json> {
    let mut entries = Map::new();
    for (name, json) in object {
        let property = PROPERTIES.iter().find(|(property, _)| property == name);
        let value = match property {
            Some((_, mask)) if json.is_string() => Json::from(*mask),
            _ => masked_json(json),
        };
        entries.insert(free_name(&entries, masked_text(name)), value);
    }
    entries
}

fn free_name(entries: &Map<String, Json>, name: String) -> String {
    if !entries.contains_key(&name) {
        return name;
    }
    let numbered = (2_usize..).map(|number| format!("{name} #{number}"));
    numbered.take(entries.len()).find(|numbered| !entries.contains_key(numbered)).unwrap_or(name)
}

fn masked_text(text: &str) -> String {
    let is_digit = |c: char| matches!(c, '0'..='9' | 'a'..='f');
    let mut masked = String::new();
    let mut rest = text;
    while !rest.is_empty() {
        let (run, after) = rest.split_at(rest.find(|c| !is_digit(c)).unwrap_or(rest.len()));
        if run.len() >= SHORTEST_DIGEST {
            masked.extend(["<", &run.len().to_string(), " hex digits>"]);
        } else {
            masked.push_str(run);
        }
        let (between, after) = after.split_at(after.find(is_digit).unwrap_or(after.len()));
        masked.push_str(between);
        rest = after;
    }
    masked
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn run_of_32_digits_is_a_digest_and_of_31_is_none() {
        assert_eq!(masked_text(&format!("a/{}.zip", "0".repeat(32))), "a/<32 hex digits>.zip");
        let short = "0".repeat(31);
        assert_eq!(masked_text(&short), short);
        assert_eq!(masked_text("größe-abc"), "größe-abc");
    }

    #[test]
    fn properties_of_code_are_masked_whatever_they_hold() {
        let found =
            masked_json(&json!({"CodeSha256": "x+/=", "S3ObjectVersion": "v1", "S3Key": {"Ref": "Key"}}));
        assert_eq!(
            found,
            json!({"CodeSha256": "<sha256>", "S3ObjectVersion": "<version>", "S3Key": {"Ref": "Key"}})
        );
    }

    #[test]
    fn names_that_meet_are_numbered() {
        let object = json!({"a".repeat(32): 1, "b".repeat(32): 2, "c".repeat(32): 3});
        let expected = json!({"<32 hex digits>": 1, "<32 hex digits> #2": 2, "<32 hex digits> #3": 3});
        assert_eq!(masked_json(&object), expected);
    }
}
