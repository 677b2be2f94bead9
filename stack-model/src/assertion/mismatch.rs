//! What a template is instead of what a test expects.

use std::error::Error;
use std::fmt;

use serde_json::Value as Json;

use super::pattern::Difference;

/// How a template differs from what a test expects of it; its text is made for the output of a failed test.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub enum Mismatch {
    /// No resource of the type has the properties.
    #[non_exhaustive]
    NoResourceLike {
        /// The type asked for.
        resource_type: String,
        /// The resource of the type with the fewest differences, and these; `None` when there is none of the type.
        nearest: Option<(String, Vec<Difference>)>,
        /// The other resources of the type; of any type, as `Id (AWS::X::Y)`, when there is none of it.
        others: Vec<String>,
    },
    /// The resource of that logical ID is not as expected.
    #[non_exhaustive]
    ResourceDiffers {
        /// Which one.
        logical_id: String,
        /// Where.
        differences: Vec<Difference>,
    },
    /// The template has no resource of that logical ID.
    #[non_exhaustive]
    NoResource {
        /// The logical ID asked for.
        logical_id: String,
        /// Those that are there.
        present: Vec<String>,
    },
    /// More or fewer resources of the type than expected.
    #[non_exhaustive]
    ResourceCount {
        /// The type asked for.
        resource_type: String,
        /// How many were expected.
        expected: usize,
        /// The logical IDs that are there.
        found: Vec<String>,
    },
    /// The template has no output of that name.
    #[non_exhaustive]
    NoOutput {
        /// The name asked for.
        name: String,
        /// Those that are there.
        present: Vec<String>,
    },
    /// The output is not as expected.
    #[non_exhaustive]
    OutputDiffers {
        /// Its name.
        name: String,
        /// Where.
        differences: Vec<Difference>,
    },
    /// The resource is neither a role nor a function whose role the template has.
    #[non_exhaustive]
    NoRole {
        /// The logical ID asked for.
        logical_id: String,
    },
    /// The role's policies do not allow it.
    #[non_exhaustive]
    NotGranted {
        /// What was asked.
        permission: Permission,
        /// Statements that speak of the action on something else.
        related: Vec<Json>,
    },
    /// The role's policies deny it, whatever else allows it.
    #[non_exhaustive]
    Denied {
        /// What was asked.
        permission: Permission,
        /// The statement that denies.
        statement: Json,
    },
    /// The role's policies allow it, against expectation.
    #[non_exhaustive]
    Granted {
        /// What was asked.
        permission: Permission,
        /// The statement that allows; for a managed policy of AWS what is known of it.
        statement: Json,
    },
    /// The template does not tell: a condition, a value from outside, an unknown policy or a permissions boundary
    /// decides.
    #[non_exhaustive]
    Undecided {
        /// What was asked.
        permission: Permission,
        /// The statements that may or may not decide it.
        related: Vec<Json>,
    },
}

/// A question about access.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct Permission {
    /// Logical ID of the function or role.
    pub subject: String,
    /// The IAM action, as `sqs:SendMessage`.
    pub action: String,
    /// The ARN, as a text or an intrinsic function.
    pub on: Json,
}

impl fmt::Display for Permission {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "`{}` on {} to `{}`", self.action, self.on, self.subject)
    }
}

impl Error for Mismatch {}

impl fmt::Display for Mismatch {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NoResourceLike { resource_type, nearest: Some((nearest, differences)), others } => {
                write!(f, "no {resource_type} is like this; the nearest is `{nearest}`")?;
                lines(f, differences)?;
                if others.is_empty() {
                    Ok(())
                } else {
                    write!(f, "\nothers of the type: {}", others.join(", "))
                }
            }
            Self::NoResourceLike { resource_type, nearest: None, others } => {
                write!(f, "the template has no {resource_type}, only {}", list(others))
            }
            Self::ResourceDiffers { logical_id, differences } => {
                write!(f, "`{logical_id}` is not as expected")?;
                lines(f, differences)
            }
            Self::NoResource { logical_id, present } => {
                write!(f, "the template has no resource `{logical_id}`, only {}", list(present))
            }
            Self::ResourceCount { resource_type, expected, found } => {
                write!(f, "expected {expected} of {resource_type}, found {}: {}", found.len(), list(found))
            }
            Self::NoOutput { name, present } => {
                write!(f, "the template has no output `{name}`, only {}", list(present))
            }
            Self::OutputDiffers { name, differences } => {
                write!(f, "the output `{name}` is not as expected")?;
                lines(f, differences)
            }
            Self::NoRole { logical_id } => {
                write!(f, "`{logical_id}` is neither a role nor a function whose role the template has")
            }
            Self::NotGranted { permission, related } => {
                write!(f, "nothing grants {permission}")?;
                lines(f, related)
            }
            Self::Denied { permission, statement } => {
                write!(f, "a statement denies {permission}\n  {statement}")
            }
            Self::Granted { permission, statement } => {
                write!(f, "a statement grants {permission}\n  {statement}")
            }
            Self::Undecided { permission, related } => {
                write!(f, "the template does not tell whether it grants {permission}")?;
                lines(f, related)
            }
        }
    }
}

fn lines(f: &mut fmt::Formatter<'_>, parts: &[impl fmt::Display]) -> fmt::Result {
    parts.iter().try_for_each(|part| write!(f, "\n  {part}"))
}

fn list(names: &[String]) -> String {
    if names.is_empty() { "none".to_owned() } else { names.join(", ") }
}
