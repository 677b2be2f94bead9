//! gaps
/// gap
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Gap {
    /// a
    pub area: &'static str,
}
/// gaps
pub const GAPS: &[Gap] = &[];
