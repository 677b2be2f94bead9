//! Amazon SNS, Query protocol.
//!
//! Source: SNS API reference, Publish (read 2026-11-23).

/// The `Action` of a form.
pub(super) fn action(form: &[u8]) -> String {
    let form = String::from_utf8_lossy(form);
    form.split('&').find_map(|field| field.strip_prefix("Action=")).unwrap_or_default().to_owned()
}

/// The answer; `None` for an operation that is not known here.
pub(super) fn answer(operation: &str) -> Option<String> {
    (operation == "Publish").then(|| {
        concat!(
            r#"<PublishResponse xmlns="http://sns.amazonaws.com/doc/2010-03-31/"><PublishResult>"#,
            "<MessageId>567910cd-659e-55d4-8ccb-5aaf14679dc0</MessageId></PublishResult><ResponseMetadata>",
            "<RequestId>d74b8436-ae13-5ab4-a9ff-ce54dfea72a0</RequestId></ResponseMetadata></PublishResponse>",
        )
        .to_owned()
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn action_is_found_in_the_form() {
        assert_eq!(action(b"Action=Publish&Version=2010-03-31"), "Publish");
    }
}
