//! Payload types that cross the queues of the shipped pipelines.
