//! Lambda function message-writer.

fn main() {}
