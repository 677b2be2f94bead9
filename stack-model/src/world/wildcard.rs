//! Wildcards of IAM against texts that hold references: `*` stands for anything, `?` for one character.
//!
//! A reference, as `${Queue.Arn}`, counts as one sign, so that no wildcard can match a part of it.

use super::graph::Answer;

/// What a text is made of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Sign<'a> {
    Char(char),
    /// What stands between `${` and `}`.
    Reference(&'a str),
}

impl Sign<'_> {
    fn is_wild(self) -> bool {
        matches!(self, Self::Char('*' | '?'))
    }
}

/// The signs of a text in the notation of `Fn::Sub`.
pub(crate) fn signs(text: &str) -> Vec<Sign<'_>> {
    let mut signs = Vec::new();
    let mut rest = text;
    while let Some(first) = rest.chars().next() {
        match rest.strip_prefix("${").and_then(|inside| inside.split_once('}')) {
            Some((name, after)) => {
                signs.push(Sign::Reference(name.trim()));
                rest = after;
            }
            None => {
                signs.push(Sign::Char(first));
                rest = &rest[first.len_utf8()..];
            }
        }
    }
    signs
}

/// Whether the pattern matches every text that `text` stands for; a `*` in `text` is matched by a `*` alone.
pub(crate) fn matches(pattern: &str, text: &str) -> bool {
    let (pattern, text) = (signs(pattern), signs(text));
    let (mut at, mut position) = (0, 0);
    let mut retry: Option<(usize, usize)> = None;
    while position < text.len() {
        match pattern.get(at) {
            Some(Sign::Char('*')) => {
                retry = Some((at, position));
                at += 1;
            }
            Some(&sign) if is_one(sign, text[position]) => {
                at += 1;
                position += 1;
            }
            _ => match retry {
                Some((star, from)) => {
                    retry = Some((star, from + 1));
                    at = star + 1;
                    position = from + 1;
                }
                None => return false,
            },
        }
    }
    pattern[at..].iter().all(|&sign| sign == Sign::Char('*'))
}

fn is_one(pattern: Sign<'_>, sign: Sign<'_>) -> bool {
    match (pattern, sign) {
        (Sign::Char('?'), Sign::Char(c)) => c != '*',
        (pattern, sign) => pattern == sign,
    }
}

/// Whether a text can be one that both patterns match; `same` judges the first signs that differ, if one is a
/// reference.
///
/// `No` is certain; where the signs cannot tell, the answer is `Unknown`.
pub(crate) fn meet<'a>(one: &'a str, two: &'a str, same: impl Fn(Sign<'a>, Sign<'a>) -> Answer) -> Answer {
    let (one, two) = (signs(one), signs(two));
    let is_literal =
        |signs: &[Sign<'_>]| signs.iter().all(|sign| matches!(sign, Sign::Char(c) if *c != '*' && *c != '?'));
    if is_literal(&one) && is_literal(&two) {
        return Answer::from(one == two);
    }
    let forth = first_difference(one.iter().copied(), two.iter().copied(), &same);
    let back = first_difference(one.iter().rev().copied(), two.iter().rev().copied(), |_, _| Answer::Unknown);
    if forth == Answer::No || back == Answer::No { Answer::No } else { Answer::Unknown }
}

fn first_difference<'a>(
    mut one: impl Iterator<Item = Sign<'a>>,
    mut two: impl Iterator<Item = Sign<'a>>,
    same: impl Fn(Sign<'a>, Sign<'a>) -> Answer,
) -> Answer {
    loop {
        return match (one.next(), two.next()) {
            (None, None) => Answer::Yes,
            (Some(one), Some(two)) if one.is_wild() || two.is_wild() => Answer::Unknown,
            (Some(one), Some(two)) if one == two => continue,
            (Some(Sign::Char(_)), Some(Sign::Char(_))) => Answer::No,
            (Some(one), Some(two)) => same(one, two),
            // A `*` and a reference may stand for nothing.
            (Some(Sign::Char(c)), None) | (None, Some(Sign::Char(c))) => {
                if c == '*' {
                    Answer::Unknown
                } else {
                    Answer::No
                }
            }
            (Some(Sign::Reference(_)), None) | (None, Some(Sign::Reference(_))) => Answer::Unknown,
        };
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn patterns_match_as_in_iam() {
        assert!(matches("sqs:*", "sqs:SendMessage"));
        assert!(matches("s3:Put*t", "s3:PutObject"));
        assert!(matches("sqs:?end*", "sqs:SendMessage"));
        assert!(!matches("sqs:Receive*", "sqs:SendMessage"));
        assert!(!matches("sqs:SendMessag", "sqs:SendMessage"));
    }

    #[test]
    fn reference_is_one_sign() {
        assert!(matches("${Bucket.Arn}/*", "${Bucket.Arn}/in/*"));
        assert!(matches("arn:*:q", "arn:${AWS::Partition}:q"));
        assert!(!matches("${Buck*", "${Bucket.Arn}"));
        assert!(!matches("a?", "a*"));
    }

    fn meeting(one: &str, two: &str) -> Answer {
        meet(one, two, |_, _| Answer::Unknown)
    }

    #[test]
    fn texts_that_differ_in_a_plain_sign_never_meet() {
        assert_eq!(meeting("arn:aws:sqs:*:*:a", "arn:aws:sqs:${R}:1:b"), Answer::No);
        assert_eq!(meeting("${T.Arn}", "${T.Arn}/index/x"), Answer::No);
        assert_eq!(meeting("${B.Arn}/out/*", "${B.Arn}/in/*"), Answer::No);
    }

    #[test]
    fn texts_that_only_a_deployment_tells_apart_may_meet() {
        assert_eq!(meeting("arn:aws:sqs:*:*:a*", "arn:aws:sqs:*:*:*b"), Answer::Unknown);
        assert_eq!(meeting("${Name}-a", "q-a"), Answer::Unknown);
    }
}
