//! Declarations of the environment variables a function reads.

/// One environment variable of a function.
///
/// A function declares all of them in its `ENVIRONMENT` list and reads nothing else, so that the list can be
/// compared with a template without running the function.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Variable {
    /// Name as in the process environment.
    pub name: &'static str,
    /// What happens when it is absent or empty.
    pub presence: Presence,
    /// One sentence for people: what it sets, its shape and range.
    pub meaning: &'static str,
}

/// What the absence of a [`Variable`] means.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Presence {
    /// The function refuses to start without it.
    Required,
    /// The function works without it; nothing stands in for it.
    Optional,
    /// This value stands in for it.
    Default(&'static str),
}
