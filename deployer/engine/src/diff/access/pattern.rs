//! Which names a pattern of a policy stands for.

use std::collections::BTreeSet;
use std::fmt;

use ipnet::IpNet;

/// The actions, resources or principals that one element of a statement names. `*` stands for any
/// text, `?` for any character.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Pattern {
    /// Those that match.
    Is(String),
    /// Those that match none: `NotAction`, `NotResource`, `NotPrincipal`.
    Not(BTreeSet<String>),
    /// Addresses of a network.
    Net(IpNet),
    /// Connections to these ports, by a protocol or by any.
    Ports {
        /// Name of the protocol; `None` for all.
        protocol: Option<String>,
        /// First port.
        from: u16,
        /// Last port.
        to: u16,
    },
}

impl Pattern {
    /// True when every name that the other one stands for is among this one's. Where that cannot be
    /// told it is false, so that a widening is rather shown once too often than missed.
    pub(super) fn covers(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Is(this), Self::Is(other)) => covers(this, other),
            (Self::Is(this), Self::Not(_)) => this == "*",
            (Self::Not(left_out), Self::Is(other)) => left_out.iter().all(|it| !overlaps(it, other)),
            (Self::Net(this), Self::Net(other)) => this.contains(other),
            (Self::Ports { protocol, from, to }, Self::Ports { protocol: other, from: first, to: last }) => {
                (protocol.is_none() || protocol == other) && from <= first && last <= to
            }
            (Self::Is(this), Self::Net(_) | Self::Ports { .. }) => this == "*",
            (Self::Net(_) | Self::Ports { .. }, _) | (Self::Not(_), Self::Net(_) | Self::Ports { .. }) => {
                false
            }
            (Self::Not(left_out), Self::Not(others)) => {
                left_out.iter().all(|it| others.iter().any(|other| covers(other, it)))
            }
        }
    }

    /// The same names in lower case: actions are compared without regard to it.
    pub(super) fn lower(&self) -> Self {
        match self {
            Self::Is(text) => Self::Is(text.to_lowercase()),
            Self::Not(texts) => Self::Not(texts.iter().map(|text| text.to_lowercase()).collect()),
            Self::Net(_) | Self::Ports { .. } => self.clone(),
        }
    }
}

impl fmt::Display for Pattern {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Is(text) => f.write_str(text),
            Self::Net(net) => net.fmt(f),
            Self::Ports { protocol, from, to } => {
                f.write_str("connect")?;
                match protocol {
                    None => return Ok(()),
                    Some(protocol) => write!(f, " by {protocol}")?,
                }
                match (from, to) {
                    (0, &u16::MAX) => Ok(()),
                    (from, to) if from == to => write!(f, " to port {from}"),
                    (from, to) => write!(f, " to ports {from} to {to}"),
                }
            }
            Self::Not(texts) => {
                write!(f, "all but {}", texts.iter().map(String::as_str).collect::<Vec<_>>().join(", "))
            }
        }
    }
}

/// Matches one pattern by another: a wildcard of `other` is matched by a wildcard only.
fn covers(this: &str, other: &str) -> bool {
    // Nearly all names are plain, and every one is held against every other.
    if !this.contains(['*', '?']) {
        return this == other;
    }
    let (this, other): (Vec<char>, Vec<char>) = (this.chars().collect(), other.chars().collect());
    let mut reach = vec![false; other.len() + 1];
    reach[0] = true;
    for &wanted in &this {
        if wanted == '*' {
            if let Some(first) = reach.iter().position(|&it| it) {
                reach[first..].fill(true);
            }
            continue;
        }
        for end in (1..=other.len()).rev() {
            let found = other[end - 1];
            let fits = found == wanted || (wanted == '?' && found != '*');
            reach[end] = reach[end - 1] && fits;
        }
        reach[0] = false;
    }
    reach[other.len()]
}

/// True when a name can match both. A reference may turn out to be any text, unless both are nothing
/// but references: those of different resources differ.
fn overlaps(one: &str, other: &str) -> bool {
    let is_reference = |text: &str| text.starts_with("${") && text.find('}') == Some(text.len() - 1);
    if is_reference(one) && is_reference(other) {
        return one == other;
    }
    let (one, other) = (without_references(one), without_references(other));
    let mut reach: BTreeSet<(usize, usize)> = BTreeSet::new();
    let mut open = vec![(0, 0)];
    while let Some((left, right)) = open.pop() {
        if (left, right) == (one.len(), other.len()) {
            return true;
        }
        if !reach.insert((left, right)) {
            continue;
        }
        let (a, b) = (one.get(left), other.get(right));
        if a == Some(&'*') {
            open.extend([(left + 1, right), (left, right + 1)]);
        }
        if b == Some(&'*') {
            open.extend([(left, right + 1), (left + 1, right)]);
        }
        if let (Some(a), Some(b)) = (a, b)
            && (a == b || *a == '?' || *b == '?')
        {
            open.push((left + 1, right + 1));
        }
        open.retain(|(left, right)| *left <= one.len() && *right <= other.len());
    }
    false
}

fn without_references(text: &str) -> Vec<char> {
    let mut found = String::new();
    let mut rest = text;
    while let Some((before, after)) = rest.split_once("${") {
        found.push_str(before);
        found.push('*');
        rest = after.split_once('}').map_or("", |(_, rest)| rest);
    }
    found.push_str(rest);
    found.chars().collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn not(texts: &[&str]) -> Pattern {
        Pattern::Not(texts.iter().map(|text| (*text).to_owned()).collect())
    }

    fn is(text: &str) -> Pattern {
        Pattern::Is(text.to_owned())
    }

    #[test]
    fn wildcard_covers_what_it_matches_and_narrower_wildcards() {
        for (wide, narrow) in [
            ("*", "sqs:SendMessage"),
            ("sqs:*", "sqs:Send*"),
            ("sqs:Send*", "sqs:SendMessage"),
            ("a?c", "abc"),
            ("${Files.Arn}/*", "${Files.Arn}/in/*"),
            ("*a*b", "xaab"),
        ] {
            assert!(is(wide).covers(&is(narrow)), "{wide} {narrow}");
            assert!(!is(narrow).covers(&is(wide)), "{narrow} {wide}");
        }
        assert!(!is("a?").covers(&is("a*")));
        assert!(!is("sqs:*").covers(&is("sns:Publish")));
    }

    #[test]
    fn all_but_covers_what_cannot_be_among_the_exceptions() {
        assert!(not(&["iam:*"]).covers(&is("sqs:SendMessage")));
        assert!(!not(&["iam:*"]).covers(&is("*")));
        assert!(not(&["iam:Pass*"]).covers(&not(&["iam:*", "sts:*"])));
        assert!(!not(&["iam:*"]).covers(&not(&["iam:Pass*"])));
        assert!(is("*").covers(&not(&["iam:*"])));
    }

    #[test]
    fn reference_may_be_any_text_but_not_another_resource() {
        assert!(not(&["${A.Arn}"]).covers(&is("${B.Arn}")));
        assert!(!not(&["${A.Arn}"]).covers(&is("arn:aws:sqs:eu-west-1:1:q")));
        assert!(!not(&["${A.Arn}/*"]).covers(&is("${A.Arn}/x")));
    }
}
