//! Reads a spec, decides a plan and carries it out through narrow ports.
