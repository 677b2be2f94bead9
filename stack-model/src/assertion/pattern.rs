//! What a test expects of a value, and where a value differs.

use std::fmt;

use serde_json::{Map, Value as Json};

use crate::world::intrinsic::{plain, to_text};
use crate::world::wildcard;

/// Most characters of a value in a text for people.
const LONGEST_VALUE: usize = 160;

/// What a value must be like.
///
/// Made of JSON, as by `serde_json::json!`, it is a *subset*: an object must have at least these entries, a list
/// exactly these elements in order, each like its pattern, and anything else must be equal. Intrinsic functions are
/// compared by what they say: `{"Fn::GetAtt": "Q.Arn"}`, `{"Fn::GetAtt": ["Q", "Arn"]}` and `{"Fn::Sub": "${Q.Arn}"}`
/// are equal.
///
/// ```
/// use serde_json::json;
/// use stack_model::assertion::Pattern;
///
/// let found = json!({"QueueName": "orders-dev", "DelaySeconds": 5, "Tags": [{"Key": "team", "Value": "a"}]});
/// assert!(Pattern::from(json!({"DelaySeconds": 5})).differences(&found).is_empty());
///
/// let named = Pattern::object([
///     ("QueueName", Pattern::text_like("orders-*")),
///     ("FifoQueue", Pattern::absent()),
///     ("Tags", Pattern::list_with([json!({"Key": "team"})])),
/// ]);
/// assert!(named.differences(&found).is_empty());
///
/// let differences = Pattern::from(json!({"DelaySeconds": 10})).differences(&found);
/// assert_eq!(differences[0].to_string(), "DelaySeconds: expected 10, found 5");
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct Pattern(Shape);

#[derive(Debug, Clone, PartialEq)]
enum Shape {
    Present,
    Absent,
    Equal(Json),
    TextLike(String),
    Object(Vec<(String, Pattern)>),
    List(Vec<Pattern>),
    ListWith(Vec<Pattern>),
}

impl Pattern {
    /// Anything, but something.
    #[must_use]
    pub const fn present() -> Self {
        Self(Shape::Present)
    }

    /// Nothing: the object has no such entry.
    #[must_use]
    pub const fn absent() -> Self {
        Self(Shape::Absent)
    }

    /// Just this value: objects may have no other entry.
    #[must_use]
    pub fn exactly(value: impl Into<Json>) -> Self {
        Self(Shape::Equal(plain(&value.into())))
    }

    /// A text that matches wildcards: `*` is any text, `?` one character. References stand in the text as in `Fn::Sub`.
    #[must_use]
    pub fn text_like(wildcards: impl Into<String>) -> Self {
        Self(Shape::TextLike(wildcards.into()))
    }

    /// An object with at least these entries.
    #[must_use]
    pub fn object<N: Into<String>, P: Into<Self>>(entries: impl IntoIterator<Item = (N, P)>) -> Self {
        Self(Shape::Object(
            entries.into_iter().map(|(name, pattern)| (name.into(), pattern.into())).collect(),
        ))
    }

    /// A list of exactly these elements, in order.
    #[must_use]
    pub fn list<P: Into<Self>>(elements: impl IntoIterator<Item = P>) -> Self {
        Self(Shape::List(elements.into_iter().map(Into::into).collect()))
    }

    /// A list that has these elements in this order, and maybe others between them.
    #[must_use]
    pub fn list_with<P: Into<Self>>(elements: impl IntoIterator<Item = P>) -> Self {
        Self(Shape::ListWith(elements.into_iter().map(Into::into).collect()))
    }

    /// Where a value is not like the pattern; empty when it is.
    #[must_use]
    pub fn differences(&self, found: &Json) -> Vec<Difference> {
        let mut report = Vec::new();
        self.compare(Some(&plain(found)), "", &mut report);
        report
    }

    fn compare(&self, found: Option<&Json>, path: &str, report: &mut Vec<Difference>) {
        match (&self.0, found) {
            (Shape::Present, Some(_)) | (Shape::Absent, None) => {}
            (Shape::Equal(expected), Some(found)) if expected == found => {}
            (Shape::TextLike(pattern), Some(found))
                if to_text(found).is_some_and(|text| wildcard::matches(pattern, &text)) => {}
            (Shape::Object(entries), Some(Json::Object(object))) => {
                for (name, pattern) in entries {
                    pattern.compare(object.get(name), &below(path, name), report);
                }
            }
            (Shape::List(patterns), Some(Json::Array(elements))) if patterns.len() == elements.len() => {
                for (index, (pattern, element)) in patterns.iter().zip(elements).enumerate() {
                    pattern.compare(Some(element), &below(path, &index.to_string()), report);
                }
            }
            (Shape::ListWith(patterns), Some(Json::Array(elements))) => {
                if let Some(missing) = first_missing(patterns, elements) {
                    report.extend(missing.differences_of_nearest(elements, path));
                }
            }
            _ => report.push(self.difference(found, path)),
        }
    }

    /// Where the element that comes nearest differs; the list as a whole when none has anything to compare.
    fn differences_of_nearest(&self, elements: &[Json], path: &str) -> Vec<Difference> {
        let of_element = |(index, element): (usize, &Json)| {
            let mut report = Vec::new();
            self.compare(Some(element), &below(path, &index.to_string()), &mut report);
            report
        };
        let is_part = matches!(self.0, Shape::Object(_) | Shape::List(_) | Shape::ListWith(_));
        let nearest = elements.iter().enumerate().map(of_element).min_by_key(Vec::len);
        nearest.filter(|_| is_part).unwrap_or_else(|| {
            let found = Json::Array(elements.to_vec());
            vec![Difference {
                path: path.to_owned(),
                expected: format!("a list with {self}"),
                found: Some(found),
            }]
        })
    }

    fn difference(&self, found: Option<&Json>, path: &str) -> Difference {
        Difference { path: path.to_owned(), expected: self.to_string(), found: found.cloned() }
    }
}

fn below(path: &str, name: &str) -> String {
    if path.is_empty() { name.to_owned() } else { format!("{path}.{name}") }
}

/// The first pattern that no element after those of the patterns before it is like.
fn first_missing<'a>(patterns: &'a [Pattern], elements: &[Json]) -> Option<&'a Pattern> {
    let mut rest = elements.iter();
    patterns.iter().find(|pattern| {
        let is_like = |element: &Json| {
            let mut report = Vec::new();
            pattern.compare(Some(element), "", &mut report);
            report.is_empty()
        };
        !rest.any(is_like)
    })
}

impl<T: Into<Json>> From<T> for Pattern {
    fn from(value: T) -> Self {
        Self::like(plain(&value.into()))
    }
}

impl Pattern {
    fn like(json: Json) -> Self {
        match json {
            Json::Object(object) if !is_intrinsic(&object) => {
                Self(Shape::Object(object.into_iter().map(|(name, json)| (name, Self::like(json))).collect()))
            }
            Json::Array(elements) => Self(Shape::List(elements.into_iter().map(Self::like).collect())),
            other => Self(Shape::Equal(other)),
        }
    }
}

fn is_intrinsic(object: &Map<String, Json>) -> bool {
    object.len() == 1 && object.keys().all(|name| name == "Ref" || name.starts_with("Fn::"))
}

impl fmt::Display for Pattern {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.0 {
            Shape::Present => f.write_str("anything"),
            Shape::Absent => f.write_str("nothing"),
            Shape::Equal(json) => write!(f, "{json}"),
            Shape::TextLike(pattern) => write!(f, "a text like {}", Json::from(pattern.as_str())),
            Shape::Object(entries) => {
                let entries =
                    entries.iter().map(|(name, pattern)| format!("{}: {pattern}", Json::from(name.as_str())));
                write!(f, "{{{}}}", entries.collect::<Vec<_>>().join(", "))
            }
            Shape::List(patterns) => write!(f, "[{}]", joined(patterns)),
            Shape::ListWith(patterns) => write!(f, "a list with {}", joined(patterns)),
        }
    }
}

fn joined(patterns: &[Pattern]) -> String {
    patterns.iter().map(Pattern::to_string).collect::<Vec<_>>().join(", ")
}

/// One place where a value is not as expected.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct Difference {
    /// Where, as `RedrivePolicy.maxReceiveCount`; empty for the value itself.
    pub path: String,
    /// What was expected there, in words or JSON.
    pub expected: String,
    /// What is there; `None` for nothing.
    pub found: Option<Json>,
}

impl fmt::Display for Difference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if !self.path.is_empty() {
            write!(f, "{}: ", self.path)?;
        }
        write!(f, "expected {}, found ", self.expected)?;
        match &self.found {
            Some(found) => f.write_str(&shortened(&found.to_string())),
            None => f.write_str("nothing"),
        }
    }
}

/// A long value with its middle left out; the whole is in the fields.
fn shortened(text: &str) -> String {
    let count = text.chars().count();
    if count <= LONGEST_VALUE {
        return text.to_owned();
    }
    let half = LONGEST_VALUE / 2;
    let (start, end) = (text.chars().take(half), text.chars().skip(count - half));
    start.chain(['…']).chain(end).collect()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn differences(pattern: impl Into<Pattern>, found: Json) -> Vec<String> {
        pattern.into().differences(&found).iter().map(Difference::to_string).collect()
    }

    #[test]
    fn json_is_a_subset_of_objects_and_the_whole_of_lists() {
        let found = json!({"A": {"B": 1, "C": 2}, "L": [1, 2]});
        assert!(differences(json!({"A": {"B": 1}, "L": [1, 2]}), found.clone()).is_empty());
        assert_eq!(differences(json!({"A": {"B": 3}}), found.clone()), ["A.B: expected 3, found 1"]);
        assert_eq!(differences(json!({"L": [1]}), found), ["L: expected [1], found [1,2]"]);
    }

    #[test]
    fn missing_entry_is_told_as_nothing() {
        assert_eq!(differences(json!({"A": {"B": 1}}), json!({"A": {}})), ["A.B: expected 1, found nothing"]);
    }

    #[test]
    fn intrinsic_functions_are_equal_in_any_notation() {
        let arn = json!({"Fn::GetAtt": ["Q", "Arn"]});
        assert!(differences(json!({"Fn::Sub": "${Q.Arn}"}), arn.clone()).is_empty());
        assert!(differences(arn, json!({"Fn::Join": ["", [{"Fn::GetAtt": "Q.Arn"}]]})).is_empty());
        assert_eq!(
            differences(json!({"Ref": "Q"}), json!({"Ref": "R"})),
            [r#"expected {"Ref":"Q"}, found {"Ref":"R"}"#]
        );
    }

    #[test]
    fn exact_object_has_no_other_entry() {
        assert!(differences(Pattern::exactly(json!({"A": 1})), json!({"A": 1})).is_empty());
        assert_eq!(differences(Pattern::exactly(json!({"A": 1})), json!({"A": 1, "B": 2})).len(), 1);
    }

    #[test]
    fn list_with_keeps_the_order_and_passes_over_others() {
        let found = json!({"L": ["a", "b", "c"]});
        let with = |elements: [&str; 2]| Pattern::object([("L", Pattern::list_with(elements))]);
        assert!(differences(with(["a", "c"]), found.clone()).is_empty());
        assert_eq!(
            differences(with(["c", "a"]), found),
            [r#"L: expected a list with "a", found ["a","b","c"]"#]
        );
    }

    #[test]
    fn missing_element_is_told_by_the_nearest_one() {
        let found = json!({"L": [{"A": 1, "B": 1}, {"A": 2, "B": 3}]});
        let with = Pattern::object([("L", Pattern::list_with([json!({"A": 2, "B": 2})]))]);
        assert_eq!(differences(with, found), ["L.1.B: expected 2, found 3"]);
    }

    #[test]
    fn long_value_is_shortened_in_the_text_alone() {
        let found = Json::from("z".repeat(200));
        let difference = Pattern::from("y").differences(&found).remove(0);
        assert_eq!(difference.to_string().matches('z').count(), 158);
        assert_eq!(difference.found, Some(found));
    }

    #[test]
    fn text_is_held_against_wildcards_with_its_references() {
        let found = json!({"Fn::Join": ["", [{"Fn::GetAtt": ["B", "Arn"]}, "/in/*"]]});
        assert!(differences(Pattern::text_like("${B.Arn}/*"), found.clone()).is_empty());
        assert_eq!(differences(Pattern::text_like("${C.Arn}/*"), found).len(), 1);
        assert_eq!(differences(Pattern::text_like("*"), json!([])).len(), 1);
    }

    #[test]
    fn absent_and_present_speak_of_the_entry() {
        let both = Pattern::object([("A", Pattern::absent()), ("B", Pattern::present())]);
        assert!(differences(both.clone(), json!({"B": null})).is_empty());
        let expected = ["A: expected nothing, found 1", "B: expected anything, found nothing"];
        assert_eq!(differences(both, json!({"A": 1})), expected);
    }
}
