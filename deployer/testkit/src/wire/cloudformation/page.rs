//! Pages of lists.

use super::super::xml::Xml;
use crate::refusal::Refusal;

/// One page, and the token of the next.
#[derive(Debug)]
pub(super) struct Page<T> {
    pub(super) items: Vec<T>,
    next: Option<usize>,
}

/// Cuts the page out of `items` that `token` names: how many items are behind it.
///
/// Lists that grow are given newest first and counted from the other end, so that a page stays where
/// it is while items are added.
pub(super) fn cut<T>(
    items: Vec<T>,
    token: Option<&str>,
    size: usize,
    newest_first: bool,
) -> Result<Page<T>, Refusal> {
    let total = items.len();
    let seen = match token {
        None => 0,
        Some(token) => {
            let number = token.strip_prefix("after-").and_then(|number| number.parse().ok());
            let number: usize = number.ok_or_else(|| Refusal::invalid("Invalid next token"))?;
            if newest_first { total.saturating_sub(number) } else { number }
        }
    };
    let items: Vec<T> = items.into_iter().skip(seen).take(size).collect();
    let end = seen + items.len();
    let next = (end < total).then_some(if newest_first { total - end } else { end });
    Ok(Page { items, next })
}

impl<T> Page<T> {
    pub(super) fn write_token(&self, xml: &mut Xml) {
        xml.some("NextToken", self.next.map(|number| format!("after-{number}")));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn page_of_a_growing_list_goes_on_where_the_last_one_ended() {
        let first = cut(vec![3, 2, 1], None, 2, true).unwrap();
        assert_eq!(first.items, [3, 2]);
        let token = first.next.map(|number| format!("after-{number}"));
        let second = cut(vec![5, 4, 3, 2, 1], token.as_deref(), 2, true).unwrap();
        assert_eq!((second.items, second.next), (vec![1], None));
    }

    #[test]
    fn unknown_token_is_refused() {
        assert!(cut(vec![1], Some("page 2"), 1, false).is_err());
    }
}
