//! `AWS::S3::*`: buckets and bucket policies.

pub(crate) const TYPES: &[crate::resource::ResourceType] = &[];
