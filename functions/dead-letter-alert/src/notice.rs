//! What people are told.

use std::collections::BTreeMap;

use pipectl_invocation::clock::rfc_3339;

use crate::cause::{self, Reading};
use crate::effects::{DeadLetter, QueueDescription};
use crate::event::AlarmEvent;

/// Most characters of a subject. Source: SNS API reference, Publish (read 2026-11-23).
const MAX_SUBJECT: usize = 100;

/// Most characters of a text message that is sent as one part. Source: SNS API reference, Publish, PhoneNumber.
const MAX_SHORT_TEXT: usize = 140;

/// Names listed of each cause.
const NAMES_LISTED: usize = 5;

/// Characters quoted of a message.
const EXCERPT_CHARACTERS: usize = 200;

/// What is published.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Notice {
    /// Subject of a mail: ASCII, at most 100 characters.
    pub subject: String,
    /// The whole notice.
    pub text: String,
    /// For text messages: ASCII, at most 140 characters, never of a message's content.
    pub short_text: String,
}

/// What a notice is made of.
#[derive(Debug)]
pub struct Findings<'call> {
    /// The alarm that went off.
    pub alarm: &'call AlarmEvent,
    /// URL of the queue.
    pub queue_url: &'call str,
    /// What the queue says of itself.
    pub queue: &'call QueueDescription,
    /// Messages looked at, oldest first.
    pub sample: &'call [DeadLetter],
    /// Whether to quote the beginning of messages.
    pub include_excerpts: bool,
}

/// Messages of one cause.
struct Group {
    cause: String,
    quotes: Vec<Quote>,
}

/// One message: what it is called by, and its content.
struct Quote {
    name: String,
    content: String,
}

impl Findings<'_> {
    /// Writes the notice.
    #[must_use]
    pub fn notice(&self) -> Notice {
        let groups = groups(self.sample);
        Notice {
            subject: ascii(&format!("{} in {}", self.how_many(), self.queue.name()), MAX_SUBJECT),
            text: self.text(&groups),
            short_text: ascii(&self.short_text(&groups), MAX_SHORT_TEXT),
        }
    }

    /// Messages waiting. SQS's count is approximate and may lag behind what was seen.
    fn waiting(&self) -> u64 {
        self.queue.visible.max(self.sample.len() as u64)
    }

    fn how_many(&self) -> String {
        match self.waiting() {
            0 => "No message waits any more".to_owned(),
            1 => "1 message waits".to_owned(),
            count => format!("{count} messages wait"),
        }
    }

    fn since(&self) -> String {
        self.sample.first().map(|oldest| format!(" since {}", rfc_3339(oldest.sent))).unwrap_or_default()
    }

    fn short_text(&self, groups: &[Group]) -> String {
        let most = groups.first().map(|group| format!(" Most: {}.", group.cause)).unwrap_or_default();
        format!("{} in {}{}.{most}", self.how_many(), self.queue.name(), self.since())
    }

    fn text(&self, groups: &[Group]) -> String {
        let mut lines = vec![format!("{} in {}{}.", self.how_many(), self.queue.name(), self.since())];
        if self.queue.in_flight > 0 {
            lines.push(format!("{} more are being worked on.", self.queue.in_flight));
        }
        let alarm = &self.alarm.alarm_data;
        let description = alarm.configuration.description.as_deref().unwrap_or_default();
        lines.push(format!("Alarm {}. {description}", alarm.alarm_name).trim_end().to_owned());
        if !groups.is_empty() {
            lines.push(String::new());
            lines.push(format!("Of the {} looked at:", self.sample.len()));
            groups.iter().for_each(|group| self.list(group, &mut lines));
        }
        self.commands(&mut lines);
        lines.join("\n")
    }

    fn list(&self, group: &Group, lines: &mut Vec<String>) {
        let count = group.quotes.len();
        let listed = &group.quotes[..count.min(NAMES_LISTED)];
        let names: Vec<&str> = listed.iter().map(|quote| quote.name.as_str()).collect();
        let more = match count - listed.len() {
            0 => String::new(),
            more => format!(" and {more} more"),
        };
        lines.push(format!("{count:>4}  {}: {}{more}", group.cause, names.join(", ")));
        if self.include_excerpts {
            let quoted = |quote: &Quote| format!("      {}: {}", quote.name, excerpt(&quote.content));
            lines.extend(listed.iter().map(quoted));
        }
    }

    fn commands(&self, lines: &mut Vec<String>) {
        let (region, url, arn) = (&self.alarm.region, self.queue_url, &self.queue.arn);
        lines.extend([
            String::new(),
            "The messages stay where they are. Look further:".to_owned(),
            format!("aws sqs receive-message --region {region} --queue-url {url} --visibility-timeout 0 --max-number-of-messages 10 --message-system-attribute-names All"),
            "When the cause is removed, send them back to where they came from:".to_owned(),
            format!("aws sqs start-message-move-task --region {region} --source-arn {arn}"),
        ]);
    }
}

/// The sample by cause, the most frequent one first.
fn groups(sample: &[DeadLetter]) -> Vec<Group> {
    let mut by_cause: BTreeMap<String, Vec<Quote>> = BTreeMap::new();
    for letter in sample {
        let Reading { cause, name, content } = cause::read(&letter.body);
        let name = name.unwrap_or_else(|| letter.message_id.clone());
        by_cause.entry(cause.to_string()).or_default().push(Quote { name, content });
    }
    let mut groups: Vec<Group> =
        by_cause.into_iter().map(|(cause, quotes)| Group { cause, quotes }).collect();
    groups.sort_by_key(|group| std::cmp::Reverse(group.quotes.len()));
    groups
}

/// The beginning of a message's content on one line.
fn excerpt(content: &str) -> String {
    let line = |character: char| if character.is_control() { ' ' } else { character };
    let mut text: String = content.chars().take(EXCERPT_CHARACTERS).map(line).collect();
    if content.chars().nth(EXCERPT_CHARACTERS).is_some() {
        text.push('…');
    }
    text
}

/// `text` in printable ASCII of at most `most` characters.
fn ascii(text: &str, most: usize) -> String {
    let printable = |character: char| if matches!(character, ' '..='~') { character } else { '?' };
    text.chars().take(most).map(printable).collect()
}
