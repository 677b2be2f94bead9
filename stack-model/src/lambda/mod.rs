//! `AWS::Lambda::*`: functions and what invokes them.

pub(crate) const TYPES: &[crate::resource::ResourceType] = &[];
