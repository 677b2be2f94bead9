//! The certificates by which endpoints are trusted.

use std::fs;

use aws_smithy_http_client::tls::TrustStore;
use rustls_pki_types::CertificateDer;
use rustls_pki_types::pem::PemObject as _;

/// Files that hold all roots of a system: of Amazon Linux, which Lambda runs, and of Debian.
const BUNDLES: [&str; 2] = ["/etc/pki/tls/certs/ca-bundle.crt", "/etc/ssl/certs/ca-certificates.crt"];

/// Variables by which a user chooses other roots.
const CHOICES: [&str; 2] = ["SSL_CERT_FILE", "SSL_CERT_DIR"];

const BEGIN: &str = "-----BEGIN CERTIFICATE-----";
const END: &str = "-----END CERTIFICATE-----";

/// Returns the roots of the system.
///
/// Left to itself the client reads them twice, from the bundle and from the folder where each has a file of its own:
/// with `provided.al2023` 143 files, and a third of the processor time of a function's start.
/// Source: golang/go#79018, which measured the same of another loader (read 2026-11-23).
pub(crate) fn roots(lookup: impl Fn(&str) -> Option<String>) -> TrustStore {
    let is_chosen = CHOICES.iter().any(|name| lookup(name).is_some());
    let bundle = BUNDLES.iter().find_map(|path| fs::read_to_string(path).ok()).filter(|_| !is_chosen);
    let roots = bundle.map(|bundle| usable(&bundle)).filter(|roots| !roots.is_empty());
    roots.map_or_else(TrustStore::default, |roots| TrustStore::empty().with_pem_certificate(roots))
}

/// The certificates of `bundle` that the client can use; at others it would panic.
fn usable(bundle: &str) -> String {
    let sections = bundle.split_inclusive(END);
    let certificates = sections.filter_map(|section| section.get(section.find(BEGIN)?..));
    certificates
        .filter(|certificate| is_root(certificate))
        .flat_map(|certificate| [certificate, "\n"])
        .collect()
}

fn is_root(certificate: &str) -> bool {
    CertificateDer::from_pem_slice(certificate.as_bytes())
        .is_ok_and(|certificate| webpki::anchor_from_trusted_cert(&certificate).is_ok())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Amazon Root CA 3.
    const ROOT: &str = include_str!("../tests/amazon_root_ca_3.pem");

    #[test]
    fn certificates_that_are_none_are_left_out() {
        let broken = format!("{BEGIN}\nMIIB\n{END}");
        let bundle = format!("# a comment\n{ROOT}\n{broken}\n{ROOT}# the end\n");
        assert_eq!(usable(&bundle).matches(BEGIN).count(), 2);
        assert_eq!(usable(&bundle), [ROOT.trim_end(), "\n", ROOT.trim_end(), "\n"].concat());
    }

    #[test]
    fn bundle_without_a_certificate_has_no_root() {
        assert_eq!(usable("nothing"), "");
    }
}
