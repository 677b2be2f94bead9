//! What an invocation costs.

use crate::package::Architecture;

/// The day on which the table was read.
pub const READ_ON: &str = "2026-11-23";

/// Where the table is from.
pub const SOURCE: &str =
    "https://aws.amazon.com/lambda/pricing/ as others quote it, US East (N. Virginia), first tier";

/// US dollars for a request.
const PER_REQUEST: f64 = 0.000_000_2;

/// The price of a function's time on one architecture, in US dollars.
///
/// Other Regions and tiers have other prices. The proportion between two memory sizes is the same
/// everywhere, as the price is one of memory times duration; so is the choice, but for the share of the
/// request itself. Free tier, savings plans and ephemeral storage are left out.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Price {
    /// For one GB (1,024 MB) in use for one second.
    pub per_gigabyte_second: f64,
    /// For one request.
    pub per_request: f64,
}

impl Price {
    /// Returns the price on an architecture.
    #[must_use]
    pub fn of(architecture: Architecture) -> Self {
        let per_gigabyte_second = match architecture {
            Architecture::Arm64 => 0.000_013_333_4,
            Architecture::X86_64 => 0.000_016_666_7,
        };
        Self { per_gigabyte_second, per_request: PER_REQUEST }
    }

    /// Returns what a million invocations cost that are billed `billed_ms` each with `megabytes` of memory.
    #[must_use]
    pub fn of_a_million(&self, megabytes: u32, billed_ms: f64) -> f64 {
        let gigabyte_seconds = f64::from(megabytes) / 1024.0 * billed_ms / 1000.0;
        1_000_000.0 * (gigabyte_seconds * self.per_gigabyte_second + self.per_request)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn half_a_gigabyte_for_a_tenth_of_a_second_costs_what_the_page_says() {
        let cost = |architecture| format!("{:.2}", Price::of(architecture).of_a_million(512, 100.0));
        assert_eq!(cost(Architecture::X86_64), "1.03");
        assert_eq!(cost(Architecture::Arm64), "0.87");
    }
}
