//! Who calls, and when by their own clock.

use super::front::{Front, Skew};
use super::http::Head;
use super::time;
use crate::refusal::Refusal;
use pipectl_engine::aws_error::AwsErrorCode;

/// How far a signature's time may be off. Source: Signature Version 4, "Elements of a request
/// signature": within five minutes for most services (read 2026-11-23).
const TOLERANCE_MS: i64 = 5 * 60 * 1_000;

/// The caller's side of a request.
#[derive(Debug)]
pub(super) struct Caller {
    access_key_id: Option<String>,
    signed_ms: Option<i64>,
}

impl Caller {
    pub(super) fn of(head: &Head) -> Self {
        let scope = head.header("authorization").and_then(|text| text.split_once("Credential="));
        let access_key_id = scope.and_then(|(_, scope)| scope.split('/').next()).map(str::to_owned);
        Self { access_key_id, signed_ms: head.header("x-amz-date").and_then(time::amz_date) }
    }

    /// The `Date` header of the answer; none without a time to start from.
    pub(super) fn service_date(&self, front: &Front) -> Option<String> {
        Some(time::http_date(self.service_ms(front)?))
    }

    /// Refuses a call that AWS would not look at.
    pub(super) fn check(&self, front: &Front, is_s3: bool) -> Result<(), Refusal> {
        let missing = AwsErrorCode::CredentialsMissing;
        let Some(access_key_id) = &self.access_key_id else {
            let code = if is_s3 { "AccessDenied" } else { "MissingAuthenticationToken" };
            return Err(Refusal::new(missing, "Request is missing Authentication Token").written_as(code));
        };
        if front.settings.lock().expired_keys.contains(access_key_id) {
            let message = "The security token included in the request is expired";
            return Err(Refusal::new(AwsErrorCode::CredentialsExpired, message).written_as("ExpiredToken"));
        }
        let off_ms = self.service_ms(front).zip(self.signed_ms).map(|(service, signed)| service - signed);
        match off_ms.filter(|off| off.abs() > TOLERANCE_MS) {
            None => Ok(()),
            Some(_) if is_s3 => {
                let message = "The difference between the request time and the current time is too large.";
                Err(Refusal::new(missing, message).written_as("RequestTimeTooSkewed"))
            }
            Some(_) => {
                let message = "Signature expired: it is earlier than the server's time less 5 min.";
                Err(Refusal::new(missing, message).written_as("SignatureDoesNotMatch"))
            }
        }
    }

    /// The service's time: the caller's, but for the skew that a test has set. That counts from the
    /// first call, so that a caller which corrects its clock is seen to have done so.
    fn service_ms(&self, front: &Front) -> Option<i64> {
        let signed_ms = self.signed_ms?;
        let mut settings = front.settings.lock();
        let Some(skew) = &mut settings.skew else { return Some(signed_ms) };
        let first_ms = *skew.first_ms.get_or_insert(signed_ms);
        let Skew { ahead_ms, .. } = *skew;
        Some(first_ms + ahead_ms)
    }
}
