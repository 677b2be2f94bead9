//! Finds what a misspelt name was meant to be.

/// Says which of `known` was probably meant by `wrong`, when one is near enough.
#[must_use]
pub fn did_you_mean<'a>(wrong: &str, known: impl IntoIterator<Item = &'a str>) -> Option<String> {
    let lower = wrong.to_lowercase();
    let best = known
        .into_iter()
        .filter(|name| *name != wrong)
        .map(|name| (strsim::jaro_winkler(&lower, &name.to_lowercase()), name))
        .filter(|(likeness, _)| *likeness > 0.82)
        .max_by(|left, right| left.0.total_cmp(&right.0).then_with(|| right.1.cmp(left.1)))?;
    Some(format!("Did you mean `{}`?", best.1))
}

#[cfg(test)]
mod tests {
    use super::did_you_mean;

    #[test]
    fn misspelt_name_finds_the_nearest() {
        let known = ["timeout", "memory_size", "events"];
        assert_eq!(did_you_mean("tiemout", known).as_deref(), Some("Did you mean `timeout`?"));
        assert_eq!(did_you_mean("memorySize", known).as_deref(), Some("Did you mean `memory_size`?"));
    }

    #[test]
    fn unlike_name_finds_none() {
        assert_eq!(did_you_mean("colour", ["timeout", "events"]), None);
    }
}
