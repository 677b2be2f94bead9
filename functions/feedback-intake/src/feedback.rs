//! What feedback is.

use std::collections::BTreeMap;

use pipectl_invocation::problem::Fault;
use pipectl_messages::Document;

use crate::email_address::{self, is_email_address};

/// Most characters (Unicode scalar values) of a comment.
pub const MAX_COMMENT_CHARACTERS: usize = 2000;

/// Feedback of a customer, as described.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Feedback {
    /// From 1, bad, to 5, good.
    pub rating: u8,
    /// Where it was given.
    pub channel: Channel,
    /// The customer's words: 1 to [`MAX_COMMENT_CHARACTERS`] characters.
    pub comment: Option<String>,
    /// E-mail address at which the customer may be asked back.
    pub contact: Option<String>,
}

/// Where feedback was given.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Channel {
    /// In a browser.
    Web,
    /// In an app.
    Mobile,
}

impl Channel {
    /// All channels, by their names in the content.
    pub const NAMES: [(&str, Self); 2] = [("web", Self::Web), ("mobile", Self::Mobile)];

    /// Name in the content.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Web => "web",
            Self::Mobile => "mobile",
        }
    }
}

impl Feedback {
    /// Reads the content of a request.
    ///
    /// # Errors
    /// Every fault found, in the order of the fields as described here; fields not described come last.
    pub fn from_document(document: Document) -> Result<Self, Vec<Fault>> {
        let Document::Map(members) = document else {
            return Err(vec![Fault::of_content("is not an object")]);
        };
        let mut fields = Fields { members, faults: Vec::new() };
        let rating = fields.required("rating", rating);
        let channel = fields.required("channel", channel);
        let comment = fields.optional("comment", comment);
        let contact = fields.optional("contact", contact);
        fields.finish();
        match (rating, channel) {
            (Some(rating), Some(channel)) if fields.faults.is_empty() => {
                Ok(Self { rating, channel, comment, contact })
            }
            _ => Err(fields.faults),
        }
    }

    /// The feedback as members of a document; equal feedback has equal members.
    #[must_use]
    pub fn members(&self) -> BTreeMap<String, Document> {
        let text = |text: &String| Document::String(text.clone());
        let fields = [
            ("rating", Some(Document::Number(self.rating.to_string()))),
            ("channel", Some(Document::String(self.channel.name().to_owned()))),
            ("comment", self.comment.as_ref().map(text)),
            ("contact", self.contact.as_ref().map(text)),
        ];
        fields.into_iter().filter_map(|(name, value)| Some((name.to_owned(), value?))).collect()
    }
}

/// Members not read yet, and the faults of those that were.
struct Fields {
    members: BTreeMap<String, Document>,
    faults: Vec<Fault>,
}

impl Fields {
    fn optional<Value>(
        &mut self,
        name: &str,
        read: impl FnOnce(Document) -> Result<Value, String>,
    ) -> Option<Value> {
        let value = self.members.remove(name)?;
        read(value).map_err(|detail| self.faults.push(Fault::of_member(name, detail))).ok()
    }

    fn required<Value>(
        &mut self,
        name: &str,
        read: impl FnOnce(Document) -> Result<Value, String>,
    ) -> Option<Value> {
        if !self.members.contains_key(name) {
            self.faults.push(Fault::of_member(name, "is missing"));
        }
        self.optional(name, read)
    }

    fn finish(&mut self) {
        self.faults.extend(self.members.keys().map(|name| Fault::of_member(name, "is not known")));
    }
}

fn rating(value: Document) -> Result<u8, String> {
    let number = match &value {
        // To JSON, `5` and `5.0` are the same number.
        Document::Number(text) => text.parse::<f64>().ok(),
        _ => None,
    };
    (1..=5)
        .find(|rating| number == Some(f64::from(*rating)))
        .ok_or_else(|| "is not a whole number from 1 to 5".to_owned())
}

fn channel(value: Document) -> Result<Channel, String> {
    let Document::String(text) = value else { return Err("is not a string".to_owned()) };
    let found = Channel::NAMES.iter().find(|(name, _)| *name == text);
    found.map(|(_, channel)| *channel).ok_or_else(|| {
        let names: Vec<String> = Channel::NAMES.iter().map(|(name, _)| format!("`{name}`")).collect();
        format!("is not {}", names.join(" or "))
    })
}

fn comment(value: Document) -> Result<String, String> {
    let Document::String(text) = value else { return Err("is not a string".to_owned()) };
    match text.chars().count() {
        0 => Err("is empty".to_owned()),
        count if count > MAX_COMMENT_CHARACTERS => {
            Err(format!("has {count} characters, at most {MAX_COMMENT_CHARACTERS} are accepted"))
        }
        _ => Ok(text),
    }
}

fn contact(value: Document) -> Result<String, String> {
    match value {
        Document::String(text) if is_email_address(&text) => Ok(text),
        Document::String(_) => {
            Err(format!("is not an e-mail address of at most {} characters", email_address::MAX_LENGTH))
        }
        _ => Err("is not a string".to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Result<Feedback, Vec<String>> {
        let document = Document::from_json(text).expect("a legal fixture");
        Feedback::from_document(document).map_err(|faults| {
            faults.into_iter().map(|fault| format!("{} {}", fault.pointer, fault.detail)).collect()
        })
    }

    #[test]
    fn rating_and_channel_are_enough() {
        let feedback = read(r#"{"rating":5.0,"channel":"mobile"}"#).expect("feedback");
        let expected = Feedback { rating: 5, channel: Channel::Mobile, comment: None, contact: None };
        assert_eq!(feedback, expected);
    }

    #[test]
    fn every_fault_is_named_at_once() {
        let text = r#"{"rating":"5","channel":"fax","comment":"","contact":null,"age":7}"#;
        let faults = read(text).expect_err("faults");
        let expected = [
            "/rating is not a whole number from 1 to 5",
            "/channel is not `web` or `mobile`",
            "/comment is empty",
            "/contact is not a string",
            "/age is not known",
        ];
        assert_eq!(faults, expected);
    }

    #[test]
    fn missing_fields_are_named() {
        assert_eq!(read("{}").expect_err("faults"), ["/rating is missing", "/channel is missing"]);
    }

    #[test]
    fn ratings_outside_of_the_scale_and_between_its_steps_are_refused() {
        for rating in ["0", "6", "-1", "1.5", "1e1", "true", "[1]"] {
            let text = format!(r#"{{"rating":{rating},"channel":"web"}}"#);
            assert_eq!(read(&text).expect_err("a fault").len(), 1, "{rating}");
        }
    }

    #[test]
    fn comment_is_measured_in_characters() {
        let text = |count| format!(r#"{{"rating":1,"channel":"web","comment":"{}"}}"#, "ä".repeat(count));
        assert!(read(&text(MAX_COMMENT_CHARACTERS)).is_ok());
        assert!(read(&text(MAX_COMMENT_CHARACTERS + 1)).is_err());
    }

    #[test]
    fn anything_but_an_object_is_refused() {
        for text in ["null", "[]", "5", r#""x""#] {
            assert_eq!(read(text).expect_err("a fault"), [" is not an object"], "{text}");
        }
    }
}
