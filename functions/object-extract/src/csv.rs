//! Fields of one row of separated values (RFC 4180), and what separates them.

/// What separates fields when nothing else is told.
pub(crate) const COMMA: u8 = b',';

/// Delimiters that are recognised in a header, the usual one first.
pub(crate) const DELIMITERS: [u8; 4] = [COMMA, b';', b'\t', b'|'];

/// Text after the closing quote of a field.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct MisplacedQuote;

/// What the first row of an object is, and the delimiter that it tells.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Opening {
    /// `sep=;`, which spreadsheets write and read: no row of its own.
    Declaration(u8),
    /// The header: of [`DELIMITERS`] the one that stands outside of quotes most often, the first of equals, and
    /// a comma where there is none.
    Header(u8),
}

/// Reads the first row of an object that is not blank, without its line end.
pub(crate) fn opening(row: &[u8]) -> Opening {
    let unquoted = row.strip_prefix(b"\"").and_then(|row| row.strip_suffix(b"\"")).unwrap_or(row);
    if let Some([delimiter]) = unquoted.strip_prefix(b"sep=")
        && *delimiter != b'"'
        && (delimiter.is_ascii_punctuation() || matches!(delimiter, b' ' | b'\t'))
    {
        return Opening::Declaration(*delimiter);
    }
    let mut counts = [0_usize; DELIMITERS.len()];
    let mut is_quoted = false;
    for byte in row {
        // An escaped quote ends and opens a field's quoted text, which changes nothing in the end.
        is_quoted ^= *byte == b'"';
        if let Some(index) = DELIMITERS.iter().position(|delimiter| delimiter == byte) {
            counts[index] += usize::from(!is_quoted);
        }
    }
    let most = counts.into_iter().max().unwrap_or_default();
    let first = counts.iter().position(|count| *count == most).unwrap_or_default();
    Opening::Header(DELIMITERS[first])
}

/// Cuts one row, without its line end, into its fields. A quote within an unquoted field is an ordinary
/// character, as spreadsheets write it.
pub(crate) fn fields(row: &str, delimiter: char) -> Result<Vec<String>, MisplacedQuote> {
    let mut fields = Vec::new();
    let mut rest = Some(row);
    while let Some(text) = rest {
        let (field, after) = match text.strip_prefix('"') {
            Some(quoted) => quoted_field(quoted, delimiter)?,
            None => match text.split_once(delimiter) {
                Some((field, after)) => (field.to_owned(), Some(after)),
                None => (text.to_owned(), None),
            },
        };
        fields.push(field);
        rest = after;
    }
    Ok(fields)
}

/// Reads from behind the opening quote: the field, and the text behind the delimiter that follows it, if one
/// does.
fn quoted_field(text: &str, delimiter: char) -> Result<(String, Option<&str>), MisplacedQuote> {
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
            return Ok((field, Some(after.strip_prefix(delimiter).ok_or(MisplacedQuote)?)));
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
            assert_eq!(fields(row, ',').unwrap_or_default(), expected, "{row}");
        }
    }

    #[test]
    fn text_behind_a_closing_quote_is_misplaced() {
        assert_eq!(fields(r#""a"b,c"#, ','), Err(MisplacedQuote));
        assert_eq!(fields(r#""a",b"#, ';'), Err(MisplacedQuote));
    }

    #[test]
    fn header_tells_its_delimiter() {
        for (row, delimiter) in [
            ("name", b','),
            ("a,b", b','),
            ("a;b", b';'),
            ("a\tb\tc, d", b'\t'),
            ("a|b", b'|'),
            ("a;b,c", b','),
            ("\"a;b;c\",d", b','),
            ("\"a,\"\",b\";c", b';'),
            ("sep=", b','),
            ("sep=ab", b','),
            ("sep=\"", b','),
        ] {
            assert_eq!(opening(row.as_bytes()), Opening::Header(delimiter), "{row}");
        }
    }

    #[test]
    fn declaration_tells_the_delimiter() {
        for (row, delimiter) in [("sep=;", b';'), ("\"sep=,\"", b','), ("sep=\t", b'\t'), ("sep=^", b'^')] {
            assert_eq!(opening(row.as_bytes()), Opening::Declaration(delimiter), "{row}");
        }
    }
}
