//! Fields of one CSV row (RFC 4180).

/// Text after the closing quote of a field.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct MisplacedQuote;

/// Cuts one row, without its line end, into its fields. A quote within an unquoted field is an ordinary
/// character, as spreadsheets write it.
pub(crate) fn fields(row: &str) -> Result<Vec<String>, MisplacedQuote> {
    let mut fields = Vec::new();
    let mut rest = Some(row);
    while let Some(text) = rest {
        let (field, after) = match text.strip_prefix('"') {
            Some(quoted) => quoted_field(quoted)?,
            None => match text.split_once(',') {
                Some((field, after)) => (field.to_owned(), Some(after)),
                None => (text.to_owned(), None),
            },
        };
        fields.push(field);
        rest = after;
    }
    Ok(fields)
}

/// Reads from behind the opening quote: the field, and the text behind the comma that follows it, if one does.
fn quoted_field(text: &str) -> Result<(String, Option<&str>), MisplacedQuote> {
    let mut field = String::new();
    let mut rest = text;
    loop {
        let (before, after) = rest.split_once('"').ok_or(MisplacedQuote)?;
        field.push_str(before);
        if let Some(after) = after.strip_prefix('"') {
            field.push('"');
            rest = after;
        } else if after.is_empty() {
            return Ok((field, None));
        } else {
            return Ok((field, Some(after.strip_prefix(',').ok_or(MisplacedQuote)?)));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_are_cut_at_commas_outside_of_quotes() {
        for (row, expected) in [
            ("", vec![""]),
            ("a,b", vec!["a", "b"]),
            ("a,,", vec!["a", "", ""]),
            (r#""a,b",c"#, vec!["a,b", "c"]),
            (r#""say ""hi""",x"#, vec!["say \"hi\"", "x"]),
            (r#"x,"""#, vec!["x", ""]),
            ("\"two\nlines\",x", vec!["two\nlines", "x"]),
            (r#"5" disk,x"#, vec!["5\" disk", "x"]),
        ] {
            assert_eq!(fields(row).unwrap_or_default(), expected, "{row}");
        }
    }

    #[test]
    fn text_behind_a_closing_quote_is_misplaced() {
        assert_eq!(fields(r#""a"b,c"#), Err(MisplacedQuote));
    }
}
