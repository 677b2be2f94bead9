//! The engine's ports on the AWS SDK.
