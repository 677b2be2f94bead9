//! Builds Lambda function crates and packs them reproducibly.
