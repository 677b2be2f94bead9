//! Builds Lambda function crates and packs them reproducibly.
//!
//! [`CargoPackager`] is the engine's `Packager`: one `cargo build` for all programs that get the same
//! features together as alone,
//! a check of each binary against what `provided.al2023` can load, and one zip with one `bootstrap`.
//! The same source gives the same bytes in any folder, so an unchanged function has an unchanged key.
//!
//! Invariant: nothing is written into the user's sources or settings. What the build needs travels on
//! cargo's command line, and the zips go below the target directory.
//!
//! Read [`packager`] first.
//!
//! ```no_run
//! use pipectl_engine::package::FunctionCrate;
//! use pipectl_engine::port::Packager as _;
//! use pipectl_packaging::{CargoPackager, PackagerOptions};
//!
//! # async fn example() -> Result<(), Box<dyn std::error::Error>> {
//! let packager = CargoPackager::new(PackagerOptions::new("."));
//! let writer = FunctionCrate {
//!     function: "message-writer".to_owned(),
//!     crate_name: "message-writer".to_owned(),
//!     ..FunctionCrate::default()
//! };
//! let packages = packager.package(&[writer]).await?;
//! println!("{} {}", packages[0].sha256, packages[0].path.display());
//! # Ok(())
//! # }
//! ```

mod archive;
mod build_lock;
mod calls;
mod compile;
mod contract_file;
mod dep_info;
mod environment;
mod loadable;
mod lock_file;
pub mod packager;
mod path_remap;
mod process_group;
mod profile;
mod program;
mod progress;
mod record;
mod settings_file;
mod sources;
mod stamp;
mod survey;
mod toolchain;
mod whole_file;
mod workspace;

pub use compile::CompileError;
pub use contract_file::contract_texts;
pub use loadable::LoadError;
pub use packager::{CargoOutput, CargoPackager, PackageError, PackagerOptions};
pub use progress::{PackagingProgress, Silent};
pub use sources::{Sources, sources};
pub use survey::{Choice, ToolchainSurvey, survey};
pub use toolchain::ToolchainError;
pub use workspace::{WorkspaceError, describe};
