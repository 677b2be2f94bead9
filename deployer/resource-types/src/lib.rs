//! Every public resource type of CloudFormation, as AWS's resource provider schemas describe it.
//!
//! The table is a file inside the program: no IO, no network. [`resource_type`] finds a type; a [`ResourceType`] tells
//! its properties and their limits ([`Schema`]), what a change does to the resource
//! ([`update_behavior`](ResourceType::update_behavior)), the return values of `Fn::GetAtt`, the primary identifier,
//! tagging, Regions and the IAM actions of its handlers. What the schemas do not say is said as unknown.
//!
//! ```
//! use pipectl_resource_types::{UpdateBehavior, resource_type};
//!
//! let instance = resource_type("AWS::RDS::DBInstance").ok_or("no such type")?;
//! assert_eq!(instance.update_behavior("MasterUsername"), UpdateBehavior::Replacement);
//! assert!(instance.is_stateful());
//! # Ok::<(), &str>(())
//! ```
//!
//! # Where the table comes from
//!
//! The schemas are those that the Python package `cfn-lint` carries (licence MIT-0), pinned by version and hash in
//! `requirements.txt`. AWS publishes them for each Region; the package has corrected them (its `data/schemas/patches`
//! are applied already) and stores one schema for each type with the Regions that have the type. Its further rules
//! (`data/schemas/extensions`) are not part of the schemas and not of the table. `overlay.toml` holds what we correct
//! beyond that, each entry with its source.
//!
//! To take a newer version, name it in `requirements.txt` and run
//!
//! ```sh
//! rm -rf target/resource-schemas
//! python3 -m pip install --no-deps --require-hashes --target target/resource-schemas \
//!     -r deployer/resource-types/requirements.txt
//! cargo run -p pipectl-resource-types --example generate target/resource-schemas
//! ```
//!
//! which prints what changed and writes `src/table.bin`, the same bytes for the same version.
//!
//! # Why it is stored so
//!
//! The schemas are 18 MB of JSON, 7.6 MB without descriptions. Records of `postcard` (a small serde format with a
//! stable, specified encoding), with each text and each schema once in its service, and each service compressed by
//! `flate2`, which the program has already, are 0.84 MB. A service is read when a type of it is first asked for, so
//! that a template costs time and memory for the services it uses; compressing type by type would take twice the space.

mod record;
mod resource_type;
mod schema;
mod table;
mod validate;

pub use record::{DataOnDeletion, Operation, ReplacementOrder};
pub use resource_type::{
    Lifecycle, ResourceType, Source, Tagging, UpdateBehavior, resource_type, resource_type_names, source,
};
pub use schema::{Kind, Member, Scalar, Schema};
pub use validate::{Problem, Violation};
