//! STS: who the caller is.

use super::xml::Xml;
use crate::ACCOUNT_ID;

pub(super) const GET_CALLER_IDENTITY: &str = "GetCallerIdentity";

pub(super) fn caller_identity() -> String {
    let mut xml = Xml::new();
    xml.element("GetCallerIdentityResponse", |xml| {
        xml.element("GetCallerIdentityResult", |xml| {
            xml.text("Arn", format!("arn:aws:iam::{ACCOUNT_ID}:user/testkit"));
            xml.text("UserId", "AIDATESTKIT").text("Account", ACCOUNT_ID);
        });
    });
    xml.into_string()
}
