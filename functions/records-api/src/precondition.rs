//! `If-Match` (RFC 9110).

/// Which revisions a change may be made to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Precondition {
    /// Any; also `If-Match: *`, as no change is made to a record that does not exist.
    Any,
    /// One of these. None of them is met by no revision.
    Revisions(Vec<u64>),
}

/// Most entity tags in a header; each is a term of a condition, of which DynamoDB takes 300.
const MAX_TAGS: usize = 50;

/// A header that is no list of entity tags, or too long a list.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct NotEntityTags;

/// Reads the value of `If-Match`. Weak entity tags and those that were never given out are legal, but match
/// nothing.
pub(crate) fn if_match(value: Option<&str>) -> Result<Precondition, NotEntityTags> {
    let Some(value) = value.map(str::trim).filter(|value| *value != "*") else {
        return Ok(Precondition::Any);
    };
    let (mut revisions, mut rest) = (Vec::new(), value);
    for _ in 0..MAX_TAGS {
        let (tag, after) = entity_tag(rest).ok_or(NotEntityTags)?;
        revisions.extend(tag.and_then(revision));
        let after = after.trim_start();
        if after.is_empty() {
            return Ok(Precondition::Revisions(revisions));
        }
        rest = after.strip_prefix(',').ok_or(NotEntityTags)?.trim_start();
    }
    Err(NotEntityTags)
}

/// The entity tag at the start of `text` and what follows it; none in place of a weak one. Commas within the
/// quotes belong to the tag.
fn entity_tag(text: &str) -> Option<(Option<&str>, &str)> {
    let (is_weak, text) = text.strip_prefix("W/").map_or((false, text), |text| (true, text));
    let (opaque, after) = text.strip_prefix('"')?.split_once('"')?;
    let is_legal = opaque.bytes().all(|byte| byte == 0x21 || (0x23..=0x7e).contains(&byte) || byte >= 0x80);
    is_legal.then_some(((!is_weak).then_some(opaque), after))
}

/// The revision, as it is written in entity tags.
fn revision(opaque: &str) -> Option<u64> {
    opaque.parse().ok().filter(|revision: &u64| revision.to_string() == opaque)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lists_of_entity_tags_name_revisions() {
        for (value, expected) in [
            ("\"3\"", vec![3]),
            (" \"3\" , \"4\"", vec![3, 4]),
            ("W/\"3\"", vec![]),
            ("\"abc\", \"03\"", vec![]),
            ("\"1,2\" ,\"3\"", vec![3]),
        ] {
            assert_eq!(if_match(Some(value)), Ok(Precondition::Revisions(expected)), "{value}");
        }
    }

    #[test]
    fn no_header_and_the_asterisk_match_any_revision() {
        assert_eq!(if_match(None), Ok(Precondition::Any));
        assert_eq!(if_match(Some("*")), Ok(Precondition::Any));
    }

    #[test]
    fn anything_else_is_refused() {
        let too_many = ["\"1\""; 51].join(",");
        for value in [too_many.as_str(), "", "\"1\" \"2\"", "3", "\"3", "\"3\",", "'3'", "\"a b\""] {
            assert_eq!(if_match(Some(value)), Err(NotEntityTags), "{value}");
        }
    }
}
