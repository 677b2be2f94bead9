//! The spec file: what may be written and what it means.
//!
//! The way of the data: [`yaml`] reads the text into a tree with places, [`shape`] holds the tree
//! against the [`schema`] of the types in [`mod@file`], [`mod@reference`] checks what the keys say about
//! each other, [`mod@contract`] what the functions' crates ask for, [`mod@crates`] whether there are such
//! crates, [`lower`] turns the typed spec into
//! a stack. [`examine::examine`] is the entry; [`allow`] sets apart which warnings the author accepts.

pub mod allow;
pub mod contract;
pub mod crates;
pub mod examine;
pub mod file;
pub mod lower;
pub mod nearest;
pub mod place;
pub mod reading;
pub mod reference;
pub mod schema;
pub mod shape;
pub mod yaml;
