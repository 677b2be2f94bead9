//! `AWS::Logs::*`: log groups.

pub(crate) const TYPES: &[crate::resource::ResourceType] = &[];
