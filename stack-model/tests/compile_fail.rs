//! What must not build: illegal pairings and numbers without a unit.
//!
//! The expected messages are in `tests/compile_fail/*.stderr`; `TRYBUILD=overwrite` writes them anew.

#[test]
fn illegal_states_do_not_build() {
    trybuild::TestCases::new().compile_fail("tests/compile_fail/*.rs");
}
