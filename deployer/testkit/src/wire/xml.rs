//! Writes XML, and reads the few elements that S3 requests hold.

/// Elements one after the other.
#[derive(Debug, Default)]
pub(super) struct Xml(String);

impl Xml {
    pub(super) fn new() -> Self {
        Self::default()
    }

    /// Adds an element with text.
    pub(super) fn text(&mut self, tag: &str, value: impl AsRef<str>) -> &mut Self {
        self.0.extend(["<", tag, ">"]);
        escape(value.as_ref(), &mut self.0);
        self.0.extend(["</", tag, ">"]);
        self
    }

    /// Adds an element with text if there is any.
    pub(super) fn some(&mut self, tag: &str, value: Option<impl AsRef<str>>) -> &mut Self {
        if let Some(value) = value {
            self.text(tag, value);
        }
        self
    }

    pub(super) fn flag(&mut self, tag: &str, value: bool) -> &mut Self {
        self.text(tag, if value { "true" } else { "false" })
    }

    /// Adds an element with elements in it.
    pub(super) fn element(&mut self, tag: &str, write: impl FnOnce(&mut Self)) -> &mut Self {
        self.0.extend(["<", tag, ">"]);
        write(self);
        self.0.extend(["</", tag, ">"]);
        self
    }

    /// Adds a list as the Query protocol writes it: an element with a `member` for each item.
    pub(super) fn members<T>(
        &mut self,
        tag: &str,
        items: impl IntoIterator<Item = T>,
        mut write: impl FnMut(&mut Self, T),
    ) -> &mut Self {
        self.element(tag, |list| {
            for item in items {
                list.element("member", |member| write(member, item));
            }
        })
    }

    /// Adds a list of texts.
    pub(super) fn texts(&mut self, tag: &str, items: impl IntoIterator<Item = impl AsRef<str>>) -> &mut Self {
        self.element(tag, |list| {
            for item in items {
                list.text("member", item);
            }
        })
    }

    /// Adds elements that are written already.
    pub(super) fn raw(&mut self, written: &str) {
        self.0.push_str(written);
    }

    pub(super) fn into_string(self) -> String {
        self.0
    }
}

fn escape(text: &str, out: &mut String) {
    for character in text.chars() {
        match character {
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '&' => out.push_str("&amp;"),
            // A parser would read a bare one as a line feed.
            '\r' => out.push_str("&#xD;"),
            other => out.push(other),
        }
    }
}

/// Lists what stands in each `<tag>`, elements of the same name inside each other left out.
pub(super) fn inside<'a>(text: &'a str, tag: &str) -> Vec<&'a str> {
    let (open, close) = (format!("<{tag}>"), format!("</{tag}>"));
    let parts = text.split(&open).skip(1);
    parts.filter_map(|part| part.split_once(&close).map(|(inside, _)| inside)).collect()
}

/// The text of the first `<tag>`.
pub(super) fn text_of(text: &str, tag: &str) -> Option<String> {
    let found = inside(text, tag).first().copied()?;
    let found = found.replace("&lt;", "<").replace("&gt;", ">").replace("&quot;", "\"");
    Some(found.replace("&apos;", "'").replace("&amp;", "&"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_is_escaped_and_read_back() {
        let mut xml = Xml::new();
        xml.members("Keys", ["a<b&c>"], |member, key| {
            member.text("Key", key);
        });
        let text = xml.into_string();
        assert_eq!(text, "<Keys><member><Key>a&lt;b&amp;c&gt;</Key></member></Keys>");
        assert_eq!(text_of(&text, "Key").as_deref(), Some("a<b&c>"));
    }
}
