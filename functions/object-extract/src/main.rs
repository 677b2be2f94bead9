//! Lambda function object-extract.

fn main() {}
