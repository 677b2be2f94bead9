//! Which port an engine gets.
//!
//! A port out of the range that the system gives to outgoing connections is lost to any of them as soon as
//! the engine is stopped, so those are left alone. A project starts its search at a place of its own and
//! keeps the port that it had.

use std::net::TcpListener;
use std::ops::RangeInclusive;

use sha2::{Digest as _, Sha256};

/// Where ports are looked for first: below the ranges of Linux (32768) and macOS (49152), and above most
/// services.
const PREFERRED: RangeInclusive<u16> = 20_000..=29_999;

/// Ports that a user may open.
const USABLE: RangeInclusive<u16> = 1024..=65_535;

/// Range of IANA for outgoing connections (RFC 6335, section 6), the default of macOS.
const DYNAMIC: RangeInclusive<u16> = 49_152..=65_535;

/// Returns the range of ports that the system gives to outgoing connections.
///
/// <https://docs.kernel.org/networking/ip-sysctl.html>; macOS: `net.inet.ip.portrange.first` and `.last`,
/// whose defaults are taken.
pub(crate) fn outgoing() -> RangeInclusive<u16> {
    std::fs::read_to_string("/proc/sys/net/ipv4/ip_local_port_range")
        .ok()
        .and_then(|text| range(&text))
        .unwrap_or(DYNAMIC)
}

fn range(text: &str) -> Option<RangeInclusive<u16>> {
    let mut bounds = text.split_ascii_whitespace().map(str::parse);
    let (Some(Ok(first)), Some(Ok(last))) = (bounds.next(), bounds.next()) else { return None };
    Some(first..=last)
}

/// Returns the ports to try, best first: each once, none that the system gives to outgoing connections.
pub(crate) fn candidates(seed: &str, outgoing: &RangeInclusive<u16>) -> impl Iterator<Item = u16> + use<> {
    let digest = Sha256::digest(seed);
    let start = u16::from_be_bytes([digest[0], digest[1]]);
    let first = turned(PREFERRED, start);
    let rest = turned(USABLE, start).filter(|port| !PREFERRED.contains(port));
    let outgoing = outgoing.clone();
    first.chain(rest).filter(move |port| !outgoing.contains(port))
}

/// The ports of a range, from some place in it on and around.
fn turned(range: RangeInclusive<u16>, start: u16) -> impl Iterator<Item = u16> {
    let count = range.end() - range.start() + 1;
    let start = range.start() + start % count;
    (start..=*range.end()).chain(*range.start()..start)
}

/// Whether the port can be had on 127.0.0.1.
pub(crate) fn is_free(port: u16) -> bool {
    TcpListener::bind(("127.0.0.1", port)).is_ok()
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn range_of_linux_is_read() {
        assert_eq!(range("32768\t60999\n"), Some(32_768..=60_999));
        assert_eq!(range("32768"), None);
        assert_eq!(range("a b"), None);
    }

    #[test]
    fn each_port_is_tried_once_and_none_of_outgoing_connections() {
        let ports: Vec<u16> = candidates("a", &(25_000..=60_999)).collect();
        let once: BTreeSet<u16> = ports.iter().copied().collect();
        assert_eq!(once.len(), ports.len());
        assert_eq!(ports.len(), 65_536 - 1024 - 36_000);
        assert!(ports[..5_000].iter().all(|port| (20_000..25_000).contains(port)));
        assert!(!once.contains(&25_000) && !once.contains(&60_999));
    }

    #[test]
    fn projects_start_at_different_places_and_each_at_its_own() {
        let first = |seed| candidates(seed, &(32_768..=60_999)).next();
        assert_eq!(first("a"), first("a"));
        assert_ne!(first("a"), first("b"));
    }

    #[test]
    fn system_that_takes_every_port_leaves_none() {
        assert_eq!(candidates("a", &(1024..=65_535)).next(), None);
    }
}
