//! Lambda function records-api.

fn main() {}
