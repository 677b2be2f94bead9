//! Specified test doubles of the engine's ports.
