//! Decompression, when the content is compressed.

use std::io::Write as _;

use flate2::write::MultiGzDecoder;

/// First bytes of a gzip stream. No UTF-8 text starts with them, so they decide rather than key or headers,
/// which are often wrong.
const GZIP_MAGIC: [u8; 2] = [0x1f, 0x8b];

/// The compressed stream cannot be read any further.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Damaged;

/// Turns stored bytes into content: as they are, or out of a gzip stream of one or more members.
pub(crate) enum Inflate {
    /// Fewer bytes than decide were seen.
    Undecided(Vec<u8>),
    /// The content is not compressed.
    Plain(Vec<u8>),
    /// The content is compressed.
    Gzip(Box<MultiGzDecoder<Vec<u8>>>),
}

impl Inflate {
    pub(crate) fn new() -> Self {
        Self::Undecided(Vec::new())
    }

    /// Takes stored bytes. Content up to a damage stays readable by [`Inflate::drain`].
    pub(crate) fn write(&mut self, bytes: &[u8]) -> Result<(), Damaged> {
        match self {
            Self::Undecided(held) => {
                held.extend_from_slice(bytes);
                if held.len() < GZIP_MAGIC.len() { Ok(()) } else { self.decide() }
            }
            Self::Plain(content) => {
                content.extend_from_slice(bytes);
                Ok(())
            }
            Self::Gzip(decoder) => decoder.write_all(bytes).map_err(|_| Damaged),
        }
    }

    fn decide(&mut self) -> Result<(), Damaged> {
        let Self::Undecided(held) = self else { return Ok(()) };
        let held = std::mem::take(held);
        *self = if held.starts_with(&GZIP_MAGIC) {
            Self::Gzip(Box::new(MultiGzDecoder::new(Vec::new())))
        } else {
            Self::Plain(Vec::new())
        };
        self.write(&held)
    }

    /// Ends the stream; a compressed one that is not complete is damaged.
    pub(crate) fn finish(&mut self) -> Result<(), Damaged> {
        self.decide()?;
        match self {
            Self::Gzip(decoder) => decoder.try_finish().map_err(|_| Damaged),
            Self::Undecided(_) | Self::Plain(_) => Ok(()),
        }
    }

    /// Moves the content made so far to the end of `content`.
    pub(crate) fn drain(&mut self, content: &mut Vec<u8>) {
        match self {
            Self::Undecided(_) => {}
            Self::Plain(made) => content.append(made),
            Self::Gzip(decoder) => content.append(decoder.get_mut()),
        }
    }
}

#[cfg(test)]
mod tests {
    use flate2::{Compression, write::GzEncoder};

    use super::*;

    fn gzip(content: &[u8]) -> Vec<u8> {
        let mut encoder = GzEncoder::new(Vec::new(), Compression::default());
        encoder.write_all(content).unwrap();
        encoder.finish().unwrap()
    }

    fn inflate(stored: &[u8], at_a_time: usize) -> (Vec<u8>, Result<(), Damaged>) {
        let (mut inflate, mut content) = (Inflate::new(), Vec::new());
        let mut result = Ok(());
        for part in stored.chunks(at_a_time) {
            result = result.and_then(|()| inflate.write(part));
        }
        result = result.and_then(|()| inflate.finish());
        inflate.drain(&mut content);
        (content, result)
    }

    #[test]
    fn plain_content_passes_as_it_is() {
        for content in [&b""[..], b"x", b"some text"] {
            assert_eq!(inflate(content, 1), (content.to_vec(), Ok(())));
        }
    }

    #[test]
    fn members_of_a_gzip_stream_are_joined_wherever_it_is_cut() {
        let stored = [gzip(b"first,"), gzip(b""), gzip(b"second")].concat();
        for at_a_time in [1, 2, 7, stored.len()] {
            assert_eq!(inflate(&stored, at_a_time), (b"first,second".to_vec(), Ok(())), "{at_a_time}");
        }
    }

    #[test]
    fn cut_stream_is_damaged_after_its_content() {
        let stored = gzip(&b"0123456789".repeat(100));
        let (_, result) = inflate(&stored[..stored.len() - 4], 16);
        assert_eq!(result, Err(Damaged));
    }
}
