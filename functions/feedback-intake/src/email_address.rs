//! E-mail addresses, as browsers accept them in a form.

/// Longest address, in characters. Source: RFC 5321, section 4.5.3.1.3, with its two angle brackets left out.
pub(crate) const MAX_LENGTH: usize = 254;

/// The shape as a regular expression of ECMA-262, for API descriptions. It is what a browser's
/// `<input type="email">` accepts, so that no address passes the form and fails here.
/// Source: HTML living standard, section "E-mail state" (read 2026-11-23).
pub(crate) const PATTERN: &str = "^[a-zA-Z0-9.!#$%&'*+/=?^_`{|}~-]+@[a-zA-Z0-9]([a-zA-Z0-9-]{0,61}[a-zA-Z0-9])?(\\.[a-zA-Z0-9]([a-zA-Z0-9-]{0,61}[a-zA-Z0-9])?)*$";

/// True when `text` has the shape of [`PATTERN`] and at most [`MAX_LENGTH`] characters.
pub(crate) fn is_email_address(text: &str) -> bool {
    text.len() <= MAX_LENGTH
        && text
            .split_once('@')
            .is_some_and(|(local, domain)| is_local_part(local) && domain.split('.').all(is_label))
}

fn is_local_part(text: &str) -> bool {
    let is_legal =
        |character: char| character.is_ascii_alphanumeric() || ".!#$%&'*+/=?^_`{|}~-".contains(character);
    !text.is_empty() && text.chars().all(is_legal)
}

fn is_label(text: &str) -> bool {
    let is_legal = |character: char| character.is_ascii_alphanumeric() || character == '-';
    (1..=63).contains(&text.len())
        && text.chars().all(is_legal)
        && !text.starts_with('-')
        && !text.ends_with('-')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn usual_addresses_are_accepted() {
        for text in ["a@b", "first.last+tag@example.co.uk", "o'neil@xn--bcher-kva.example", "1@2-3.4"] {
            assert!(is_email_address(text), "{text}");
        }
    }

    #[test]
    fn other_texts_are_refused() {
        for text in
            ["", "@", "a", "a@", "@b", "a@b@c", "a b@c", "a@b c", "a@-b", "a@b-", "a@b..c", "a@b.", "ä@b"]
        {
            assert!(!is_email_address(text), "{text}");
        }
    }

    #[test]
    fn longest_label_and_address_are_accepted_and_one_more_character_is_not() {
        let label = "x".repeat(63);
        assert!(is_email_address(&format!("a@{label}")) && !is_email_address(&format!("a@{label}x")));
        let local = "y".repeat(MAX_LENGTH - 2);
        assert!(is_email_address(&format!("{local}@b")) && !is_email_address(&format!("{local}y@b")));
    }
}
