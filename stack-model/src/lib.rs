//! Typed model of an event-driven serverless stack that renders CloudFormation.
