//! Decompression, when the content is compressed.

use std::io::Write as _;

use flate2::write::GzDecoder;

/// First bytes of a gzip stream. No UTF-8 text starts with them, so they decide rather than key or headers,
/// which are often wrong.
const GZIP_MAGIC: [u8; 2] = [0x1f, 0x8b];

/// The compressed stream cannot be read any further.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Damaged;

/// Turns stored bytes into content: as they are, or out of a gzip stream of one or more members. Zero bytes
/// behind a member are padding, as writers of blocks and tapes leave it (gzip(1) ignores them, too).
pub(crate) enum Inflate {
    /// Fewer bytes than decide were seen.
    Undecided(Vec<u8>),
    /// The content is not compressed.
    Plain(Vec<u8>),
    /// The content is compressed: within a member.
    Member(Box<GzDecoder<Vec<u8>>>),
    /// The content is compressed: behind a member, with what came out of it.
    Between(Vec<u8>),
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
            Self::Member(_) | Self::Between(_) => self.write_compressed(bytes),
        }
    }

    fn write_compressed(&mut self, mut bytes: &[u8]) -> Result<(), Damaged> {
        loop {
            if let Self::Between(content) = self {
                let padding = bytes.iter().position(|byte| *byte != 0).unwrap_or(bytes.len());
                bytes = &bytes[padding..];
                if !bytes.is_empty() {
                    *self = Self::Member(Box::new(GzDecoder::new(std::mem::take(content))));
                }
            }
            let Self::Member(decoder) = self else { return Ok(()) };
            if bytes.is_empty() {
                return Ok(());
            }
            // A decoder takes no more bytes once its member has ended.
            match decoder.write(bytes).map_err(|_| Damaged)? {
                0 => self.end_member()?,
                count => bytes = &bytes[count..],
            }
        }
    }

    /// Checks the length and the checksum of the member.
    fn end_member(&mut self) -> Result<(), Damaged> {
        if let Self::Member(decoder) = self {
            decoder.try_finish().map_err(|_| Damaged)?;
            *self = Self::Between(std::mem::take(decoder.get_mut()));
        }
        Ok(())
    }

    fn decide(&mut self) -> Result<(), Damaged> {
        let Self::Undecided(held) = self else { return Ok(()) };
        let held = std::mem::take(held);
        *self =
            if held.starts_with(&GZIP_MAGIC) { Self::Between(Vec::new()) } else { Self::Plain(Vec::new()) };
        self.write(&held)
    }

    /// Ends the stream; a compressed one that is not complete is damaged.
    pub(crate) fn finish(&mut self) -> Result<(), Damaged> {
        self.decide()?;
        self.end_member()
    }

    /// Moves the content made so far to the end of `content`.
    pub(crate) fn drain(&mut self, content: &mut Vec<u8>) {
        match self {
            Self::Undecided(_) => {}
            Self::Plain(made) | Self::Between(made) => content.append(made),
            Self::Member(decoder) => content.append(decoder.get_mut()),
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
    fn zero_bytes_behind_a_member_are_padding() {
        let stored = [gzip(b"first,"), vec![0; 700], gzip(b"second"), vec![0; 3]].concat();
        for at_a_time in [1, 7, 512, stored.len()] {
            assert_eq!(inflate(&stored, at_a_time), (b"first,second".to_vec(), Ok(())), "{at_a_time}");
        }
    }

    #[test]
    fn other_bytes_behind_a_member_are_damage() {
        for behind in [&b"\0\0no member"[..], b"x", b"\x1f", b"\x1f\x8b"] {
            let stored = [gzip(b"first"), behind.to_vec()].concat();
            for at_a_time in [1, stored.len()] {
                assert_eq!(inflate(&stored, at_a_time), (b"first".to_vec(), Err(Damaged)), "{behind:?}");
            }
        }
    }

    #[test]
    fn member_with_a_wrong_checksum_is_damaged_after_its_content() {
        let mut stored = gzip(b"first");
        let checksum = stored.len() - 8;
        stored[checksum] ^= 1;
        assert_eq!(inflate(&stored, 4), (b"first".to_vec(), Err(Damaged)));
    }

    #[test]
    fn cut_stream_is_damaged_after_its_content() {
        let stored = gzip(&b"0123456789".repeat(100));
        let (_, result) = inflate(&stored[..stored.len() - 4], 16);
        assert_eq!(result, Err(Damaged));
    }
}
