//! The credentials of one engine, and the signature that they make.
//!
//! They are random and stay the same until the state folder is deleted. Signature Version 4:
//! <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html>

use std::fmt;
use std::fs::File;
use std::io::{self, Read as _};
use std::path::Path;
use std::time::SystemTime;

use aws_sigv4::http_request::{
    PayloadChecksumKind, PercentEncodingMode, SignableBody, SignableRequest, SigningSettings,
    UriPathNormalizationMode, sign,
};
use aws_sigv4::sign::v4;
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

use crate::engine::StateError;
use crate::home::EngineHome;
use crate::{REGION, private};

/// Signs of an access key ID after its prefix: base32, as AWS's have.
const SIGNS: &[u8; 32] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";

/// An access key of the root user of an engine's account.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Credentials {
    /// Access key ID, 20 characters like `AKIAIOSFODNN7EXAMPLE`.
    pub access_key_id: String,
    /// Secret access key, 40 hexadecimal digits.
    pub secret_access_key: String,
}

impl fmt::Debug for Credentials {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("Credentials")
            .field("access_key_id", &self.access_key_id)
            .finish_non_exhaustive()
    }
}

/// A request could not be signed: its URL or a header is malformed.
#[derive(Debug, thiserror::Error)]
#[error("cannot sign the request `{method} {url}`")]
pub struct SignError {
    /// HTTP method.
    pub method: String,
    /// Absolute URL.
    pub url: String,
    /// What is wrong.
    pub source: Box<dyn std::error::Error + Send + Sync>,
}

/// An HTTP request as far as its signature covers it.
#[derive(Debug, Clone, Copy)]
pub struct Unsigned<'a> {
    /// Service's name in signatures, such as `s3` or `execute-api`.
    pub service: &'a str,
    /// HTTP method.
    pub method: &'a str,
    /// Absolute URL, escaped, such as `http://127.0.0.1:20123/bucket/key`.
    pub url: &'a str,
    /// Headers besides `Host` that are signed, names in any case.
    pub headers: &'a [(&'a str, &'a str)],
    /// Body; empty when there is none.
    pub body: &'a [u8],
}

impl Credentials {
    /// Returns the headers to add to a request so that the engine takes it.
    ///
    /// # Effects
    /// Reads the clock: a signature holds for some minutes.
    ///
    /// # Errors
    /// [`SignError`].
    #[expect(clippy::disallowed_methods, reason = "the engine compares it with the clock of this machine")]
    pub fn sign(&self, request: &Unsigned<'_>) -> Result<Vec<(String, String)>, SignError> {
        self.signature(request, SystemTime::now()).map_err(|source| SignError {
            method: request.method.to_owned(),
            url: request.url.to_owned(),
            source,
        })
    }

    fn signature(
        &self,
        request: &Unsigned<'_>,
        time: SystemTime,
    ) -> Result<Vec<(String, String)>, Box<dyn std::error::Error + Send + Sync>> {
        let (id, secret) = (self.access_key_id.as_str(), self.secret_access_key.as_str());
        let identity = aws_credential_types::Credentials::new(id, secret, None, None, "pipectl").into();
        let mut settings = SigningSettings::default();
        settings.payload_checksum_kind = PayloadChecksumKind::XAmzSha256;
        if request.service == "s3" {
            settings.percent_encoding_mode = PercentEncodingMode::Single;
            settings.uri_path_normalization_mode = UriPathNormalizationMode::Disabled;
        }
        let parameters = v4::SigningParams::builder()
            .identity(&identity)
            .region(REGION)
            .name(request.service)
            .time(time)
            .settings(settings)
            .build()?
            .into();
        let body = SignableBody::Bytes(request.body);
        let headers = request.headers.iter().copied();
        let signable = SignableRequest::new(request.method, request.url, headers, body)?;
        let (instructions, _) = sign(signable, &parameters)?.into_parts();
        Ok(instructions.headers().map(|(name, value)| (name.to_owned(), value.to_owned())).collect())
    }

    /// What the engine with these credentials calls itself, without giving them away.
    /// Other engines with a copy of them have other names.
    pub(crate) fn token(&self, state_dir: &Path) -> String {
        let digest = Sha256::new().chain_update(&self.secret_access_key);
        let digest = digest.chain_update(state_dir.as_os_str().as_encoded_bytes()).finalize();
        format!("pipectl-{}", &hexadecimal(&digest)[..16])
    }

    /// Reads the credentials of an engine; `None` when there are none that nobody else could have read
    /// or laid there.
    pub(crate) fn read(home: &EngineHome) -> Result<Option<Self>, StateError> {
        let path = home.credentials_file();
        let read = || -> io::Result<Option<Self>> {
            let mut file = File::open(&path)?;
            let mut text = String::new();
            if private::is_private(&file)? {
                file.read_to_string(&mut text)?;
            }
            Ok(serde_json::from_str(&text).ok())
        };
        match read() {
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            read => read.map_err(StateError::at(&path)),
        }
    }

    /// Reads the credentials of an engine, or makes them. Callers hold the lock.
    pub(crate) fn of(home: &EngineHome) -> Result<Self, StateError> {
        if let Some(found) = Self::read(home)? {
            return Ok(found);
        }
        let path = home.credentials_file();
        let make = || {
            let made = Self::random()?;
            private::replace(&path, &serde_json::to_vec(&made)?)?;
            Ok(made)
        };
        make().map_err(StateError::at(&path))
    }

    fn random() -> io::Result<Self> {
        let mut bytes = [0; 36];
        getrandom::fill(&mut bytes).map_err(io::Error::from)?;
        let (key, secret) = bytes.split_at(16);
        let key: String = key.iter().map(|byte| char::from(SIGNS[usize::from(byte % 32)])).collect();
        Ok(Self { access_key_id: format!("AKIA{key}"), secret_access_key: hexadecimal(secret) })
    }
}

fn hexadecimal(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt as _;
    use std::time::{Duration, UNIX_EPOCH};

    use super::*;

    fn home() -> (tempfile::TempDir, EngineHome) {
        let folder = tempfile::tempdir().unwrap();
        let home = EngineHome::new(folder.path(), folder.path());
        (folder, home)
    }

    #[test]
    fn credentials_stay_the_same_and_are_the_users_alone() {
        let (_folder, home) = home();
        assert_eq!(Credentials::read(&home).unwrap(), None);
        let made = Credentials::of(&home).unwrap();
        assert_eq!(Credentials::of(&home).unwrap(), made);
        let mode = std::fs::metadata(home.credentials_file()).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600);
        assert_eq!((made.access_key_id.len(), made.secret_access_key.len()), (20, 40));
    }

    #[test]
    fn two_engines_have_different_credentials() {
        let ((_one, one), (_other, other)) = (home(), home());
        let (one, other) = (Credentials::of(&one).unwrap(), Credentials::of(&other).unwrap());
        assert_ne!(one.access_key_id, other.access_key_id);
        assert_ne!(one.secret_access_key, other.secret_access_key);
        let folder = Path::new("/project");
        assert_ne!(one.token(folder), other.token(folder));
        assert_ne!(one.token(folder), one.token(Path::new("/copy")));
    }

    #[test]
    fn credentials_that_others_could_read_are_replaced() {
        let (_folder, home) = home();
        let made = Credentials::of(&home).unwrap();
        let open = std::fs::Permissions::from_mode(0o644);
        std::fs::set_permissions(home.credentials_file(), open).unwrap();
        assert_ne!(Credentials::of(&home).unwrap(), made);
    }

    #[test]
    fn secret_is_not_in_debug_output() {
        let credentials =
            Credentials { access_key_id: "AKIDEXAMPLE".into(), secret_access_key: "hidden".into() };
        assert_eq!(format!("{credentials:?}"), "Credentials { access_key_id: \"AKIDEXAMPLE\", .. }");
    }

    /// The string to sign differs from the example of the IAM guide by the body's digest, which is sent.
    #[test]
    fn signature_names_the_key_and_the_scope() {
        let credentials =
            Credentials { access_key_id: "AKIDEXAMPLE".into(), secret_access_key: "hidden".into() };
        let request = Unsigned {
            service: "s3",
            method: "PUT",
            url: "http://127.0.0.1:20123/bucket/a%20b",
            headers: &[],
            body: b"text",
        };
        let time = UNIX_EPOCH + Duration::from_secs(1_440_938_160);
        let headers = credentials.signature(&request, time).unwrap();
        let value = |name: &str| {
            headers.iter().find(|(key, _)| key.eq_ignore_ascii_case(name)).map(|(_, value)| value.as_str())
        };
        assert_eq!(value("x-amz-date"), Some("20150830T123600Z"));
        let authorization = value("authorization").unwrap();
        let start = "AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20150830/us-east-1/s3/aws4_request, \
                     SignedHeaders=host;x-amz-content-sha256;x-amz-date, Signature=";
        assert!(authorization.starts_with(start), "{authorization}");
    }
}
