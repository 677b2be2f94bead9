//! Checks a binary against what will load it, before it dies in the cloud instead.
//!
//! The `object` crate reads the ELF structures: the weak version requirements and the per-symbol
//! versions are too intricate to parse by hand, and with these features it has one small dependency.

use std::collections::BTreeSet;
use std::fmt;

use object::elf::{self, DT_NEEDED, EM_AARCH64, EM_X86_64, SHT_DYNSYM, VER_FLG_WEAK};
use object::read::elf::{FileHeader as _, ProgramHeader as _, SectionTable};
use object::{Endianness, ReadRef};
use pipectl_engine::package::Architecture;

/// The glibc of Amazon Linux 2023. Source: AL2023 user guide, "Comparing AL2 and AL2023" (read
/// 2026-11-23).
pub(crate) const GLIBC_OF_AL2023: GlibcVersion = GlibcVersion { major: 2, minor: 34 };

/// To be raised when the check becomes stricter: binaries that were packed before are then checked again.
pub(crate) const CHECKING: &str = "check 2";

/// The shared libraries of glibc and GCC that `provided.al2023` has. Others may be there today; only
/// these are what every Rust binary may rely on.
const LIBRARIES: [&str; 10] = [
    "libc.so.6",
    "libm.so.6",
    "libgcc_s.so.1",
    "libpthread.so.0",
    "libdl.so.2",
    "librt.so.1",
    "libutil.so.1",
    "libresolv.so.2",
    "ld-linux-x86-64.so.2",
    "ld-linux-aarch64.so.1",
];

type Header = elf::FileHeader64<Endianness>;

/// A version of glibc, for example 2.34.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct GlibcVersion {
    /// Always 2 so far.
    pub major: u16,
    /// Grows with each release.
    pub minor: u16,
}

impl GlibcVersion {
    /// Reads `2.34` or `2.2.5`, whose last part says nothing here.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        let mut parts = text.split('.').map(str::parse);
        Some(Self { major: parts.next()?.ok()?, minor: parts.next()?.ok()? })
    }
}

impl fmt::Display for GlibcVersion {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}", self.major, self.minor)
    }
}

/// What will load the binary.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Loader {
    /// The Lambda runtime `provided.al2023`.
    ProvidedAl2023(Architecture),
    /// This machine, which made it and has all that it needs.
    Host(Architecture),
}

/// Why a binary would not start.
#[derive(Debug, thiserror::Error)]
pub enum LoadError {
    /// It is no 64-bit ELF file, or a damaged one.
    #[error("it is not a readable 64-bit ELF file")]
    NotElf(#[source] object::read::Error),
    /// It is made for another instruction set.
    #[error("it is built for {actual}, the function runs on {}", .wanted.as_str())]
    WrongMachine {
        /// The architecture asked for.
        wanted: Architecture,
        /// The architecture of the binary: AWS's name, or the ELF machine number.
        actual: String,
    },
    /// It asks for another program loader; typical of Nix and of musl without static linking.
    #[error("it asks for the loader `{actual}`, `provided.al2023` has `{wanted}`")]
    WrongLoader {
        /// Path of the loader of `provided.al2023`.
        wanted: &'static str,
        /// Path in the binary.
        actual: String,
    },
    /// It needs shared libraries that the runtime does not have.
    #[error("it needs the shared libraries `{}`, which `provided.al2023` does not have", .libraries.join("`, `"))]
    MissingLibraries {
        /// Names as the binary asks for them, sorted.
        libraries: Vec<String>,
    },
    /// It needs symbols of a newer glibc.
    #[error("it needs glibc {needed}, `provided.al2023` has {limit}: `{}`", .symbols.join("`, `"))]
    GlibcTooNew {
        /// The newest version that it needs.
        needed: GlibcVersion,
        /// The version of the runtime.
        limit: GlibcVersion,
        /// The symbols, as `name@GLIBC_2.38`, sorted.
        symbols: Vec<String>,
    },
}

/// Checks that `loader` can start `binary`. A static binary needs nothing but the machine.
pub(crate) fn check(binary: &[u8], loader: Loader) -> Result<(), LoadError> {
    let facts = Facts::read(binary).map_err(LoadError::NotElf)?;
    match loader {
        Loader::Host(architecture) => facts.check_machine(architecture),
        Loader::ProvidedAl2023(architecture) => {
            facts.check_machine(architecture)?;
            facts.check_loader(architecture)?;
            facts.check_libraries()?;
            facts.check_glibc()
        }
    }
}

/// What a binary asks of its surroundings.
#[derive(Debug, Default)]
struct Facts {
    machine: u16,
    interpreter: Option<String>,
    libraries: BTreeSet<String>,
    /// Symbols with the glibc version that they need, weak requirements left out.
    symbols: BTreeSet<(GlibcVersion, String)>,
}

impl Facts {
    fn read(data: &[u8]) -> object::read::Result<Self> {
        let header = Header::parse(data)?;
        let endian = header.endian()?;
        let sections = header.sections(endian, data)?;
        Ok(Self {
            machine: header.e_machine(endian).0,
            interpreter: interpreter(header, endian, data)?,
            libraries: libraries(&sections, endian, data)?,
            symbols: glibc_symbols(&sections, endian, data)?,
        })
    }

    fn check_machine(&self, wanted: Architecture) -> Result<(), LoadError> {
        let actual = match self.machine {
            machine if machine == EM_AARCH64.0 => Architecture::Arm64.as_str().to_owned(),
            machine if machine == EM_X86_64.0 => Architecture::X86_64.as_str().to_owned(),
            other => format!("ELF machine {other}"),
        };
        if actual == wanted.as_str() { Ok(()) } else { Err(LoadError::WrongMachine { wanted, actual }) }
    }

    fn check_loader(&self, architecture: Architecture) -> Result<(), LoadError> {
        let wanted = match architecture {
            Architecture::Arm64 => "/lib/ld-linux-aarch64.so.1",
            Architecture::X86_64 => "/lib64/ld-linux-x86-64.so.2",
        };
        match &self.interpreter {
            Some(actual) if actual != wanted => {
                Err(LoadError::WrongLoader { wanted, actual: actual.clone() })
            }
            _ => Ok(()),
        }
    }

    fn check_libraries(&self) -> Result<(), LoadError> {
        let is_missing = |library: &&String| !LIBRARIES.contains(&library.as_str());
        let libraries: Vec<String> = self.libraries.iter().filter(is_missing).cloned().collect();
        if libraries.is_empty() { Ok(()) } else { Err(LoadError::MissingLibraries { libraries }) }
    }

    fn check_glibc(&self) -> Result<(), LoadError> {
        let limit = GLIBC_OF_AL2023;
        let Some((needed, _)) = self.symbols.last().filter(|(version, _)| *version > limit) else {
            return Ok(());
        };
        let too_new = self.symbols.iter().filter(|(version, _)| *version > limit);
        let symbols = too_new.map(|(_, symbol)| symbol.clone()).collect();
        Err(LoadError::GlibcTooNew { needed: *needed, limit, symbols })
    }
}

fn interpreter(header: &Header, endian: Endianness, data: &[u8]) -> object::read::Result<Option<String>> {
    for segment in header.program_headers(endian, data)? {
        if let Some(path) = segment.interpreter(endian, data)? {
            return Ok(Some(text(path)));
        }
    }
    Ok(None)
}

fn libraries<'data, R: ReadRef<'data>>(
    sections: &SectionTable<'data, Header, R>,
    endian: Endianness,
    data: R,
) -> object::read::Result<BTreeSet<String>> {
    let table = sections.dynamic_table(endian, data)?;
    let needed = table.iter().filter(|entry| entry.tag == DT_NEEDED);
    needed.map(|entry| table.string(entry).map(text)).collect()
}

/// Lists the versioned symbols of glibc. A version that is only weakly required does not keep the
/// loader from starting the program, so its symbols are left out.
fn glibc_symbols<'data, R: ReadRef<'data>>(
    sections: &SectionTable<'data, Header, R>,
    endian: Endianness,
    data: R,
) -> object::read::Result<BTreeSet<(GlibcVersion, String)>> {
    let Some(versions) = sections.versions(endian, data)? else { return Ok(BTreeSet::new()) };
    let weak = weak_versions(sections, endian, data)?;
    let table = sections.symbols(endian, data, SHT_DYNSYM)?;
    let mut found = BTreeSet::new();
    for (index, symbol) in table.enumerate() {
        let Some(version) = versions.version(versions.version_index(endian, index).index())? else {
            continue;
        };
        let version = text(version.name());
        let glibc = version.strip_prefix("GLIBC_").and_then(GlibcVersion::parse);
        if let Some(glibc) = glibc.filter(|_| !weak.contains(&version)) {
            found.insert((glibc, format!("{}@{version}", text(table.symbol_name(endian, symbol)?))));
        }
    }
    Ok(found)
}

fn weak_versions<'data, R: ReadRef<'data>>(
    sections: &SectionTable<'data, Header, R>,
    endian: Endianness,
    data: R,
) -> object::read::Result<BTreeSet<String>> {
    let mut weak = BTreeSet::new();
    let Some((mut libraries, link)) = sections.gnu_verneed(endian, data)? else { return Ok(weak) };
    let strings = sections.strings(endian, data, link)?;
    while let Some((_, mut versions)) = libraries.next()? {
        while let Some(version) = versions.next()? {
            if version.vna_flags.get(endian).0 & VER_FLG_WEAK.0 != 0 {
                weak.insert(text(version.name(endian, strings)?));
            }
        }
    }
    Ok(weak)
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    const AL2023: Loader = Loader::ProvidedAl2023(Architecture::X86_64);

    fn facts() -> Facts {
        Facts { machine: EM_X86_64.0, ..Facts::default() }
    }

    fn symbol(minor: u16, name: &str) -> (GlibcVersion, String) {
        (GlibcVersion { major: 2, minor }, format!("{name}@GLIBC_2.{minor}"))
    }

    #[test]
    fn text_file_is_not_elf() {
        assert!(matches!(check(b"#!/bin/sh\n", AL2023), Err(LoadError::NotElf(_))));
    }

    #[test]
    fn machine_of_another_architecture_is_refused() {
        let error = facts().check_machine(Architecture::Arm64).unwrap_err();
        assert_eq!(error.to_string(), "it is built for x86_64, the function runs on arm64");
    }

    #[test]
    fn newer_glibc_is_refused_with_its_symbols_only() {
        let symbols =
            [symbol(34, "__libc_start_main"), symbol(38, "__isoc23_strtol"), symbol(36, "arc4random")].into();
        let error = Facts { symbols, ..facts() }.check_glibc().unwrap_err();
        let LoadError::GlibcTooNew { needed, symbols, .. } = error else { panic!("{error:?}") };
        assert_eq!(needed.to_string(), "2.38");
        assert_eq!(symbols, ["arc4random@GLIBC_2.36", "__isoc23_strtol@GLIBC_2.38"]);
    }

    #[test]
    fn glibc_of_the_runtime_itself_passes() {
        let symbols = [symbol(34, "__libc_start_main"), symbol(4, "gai_strerror")].into();
        assert!(Facts { symbols, ..facts() }.check_glibc().is_ok());
    }

    #[test]
    fn library_that_the_runtime_lacks_is_refused() {
        let libraries = ["libc.so.6", "libssl.so.3"].map(str::to_owned).into();
        let error = Facts { libraries, ..facts() }.check_libraries().unwrap_err();
        assert!(matches!(error, LoadError::MissingLibraries { libraries } if libraries == ["libssl.so.3"]));
    }

    #[test]
    fn loader_from_a_nix_store_is_refused_and_a_static_binary_passes() {
        let nix = Some("/nix/store/x-glibc/lib/ld-linux-x86-64.so.2".to_owned());
        assert!(Facts { interpreter: nix, ..facts() }.check_loader(Architecture::X86_64).is_err());
        assert!(facts().check_loader(Architecture::X86_64).is_ok());
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn program_of_this_machine_is_read() {
        let facts = Facts::read(&std::fs::read(std::env::current_exe().unwrap()).unwrap()).unwrap();
        assert!(facts.libraries.contains("libc.so.6"));
        assert!(facts.symbols.iter().any(|(_, symbol)| symbol.starts_with("__libc_start_main@GLIBC_2.")));
    }
}
