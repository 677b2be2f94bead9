//! `AWS::ApiGatewayV2::*`: resource types, their properties, units and ranges.

use crate::resource::ResourceType;

pub(crate) const TYPES: &[ResourceType] = &[];
