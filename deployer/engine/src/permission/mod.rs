//! The least that CloudFormation and a deployer must be allowed, as IAM policies.
//!
//! [`execution::policy`] derives from a template what CloudFormation's handlers do to its resources;
//! [`deployer::policy`] from pipectl's own calls what a deployer does. Both name the resources of one
//! stack: by their names where the template has them, by the stack's name where CloudFormation makes
//! them. [`boundary`] bounds the stack's own roles, [`trust`] says who may take on a role, [`role`] writes both roles. All of this is pure; what
//! cannot be derived is said. [`simulation`] asks, through [`port`], what somebody lacks.
//!
//! Absent on purpose: permissions of the functions themselves, which the template's own roles hold.

pub mod boundary;
pub mod deployer;
pub mod document;
pub mod execution;
mod handler;
mod name;
pub mod place;
pub mod port;
pub mod role;
pub mod simulation;
pub mod trust;
