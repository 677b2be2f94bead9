//! What clients can do.

use crate::problem::{Problem, ProblemKind};

/// An operation: a method on a path.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Operation {
    /// `POST /records`
    CreateRecord,
    /// `GET /records`
    ListRecords,
    /// `GET /records/{id}`
    GetRecord,
    /// `PUT /records/{id}`
    ReplaceRecord,
    /// `DELETE /records/{id}`
    DeleteRecord,
}

/// Path of all records.
pub const RECORDS_PATH: &str = "/records";

/// Path of one record.
pub const RECORD_PATH: &str = "/records/{id}";

impl Operation {
    /// All operations.
    pub const ALL: [Self; 5] =
        [Self::CreateRecord, Self::ListRecords, Self::GetRecord, Self::ReplaceRecord, Self::DeleteRecord];

    /// Method in capitals.
    #[must_use]
    pub fn method(self) -> &'static str {
        match self {
            Self::CreateRecord => "POST",
            Self::ListRecords | Self::GetRecord => "GET",
            Self::ReplaceRecord => "PUT",
            Self::DeleteRecord => "DELETE",
        }
    }

    /// Path, with `{id}` for the id.
    #[must_use]
    pub fn path(self) -> &'static str {
        match self {
            Self::CreateRecord | Self::ListRecords => RECORDS_PATH,
            Self::GetRecord | Self::ReplaceRecord | Self::DeleteRecord => RECORD_PATH,
        }
    }

    /// Problems that a request of this operation can meet, besides those of the gateway.
    #[must_use]
    pub fn problems(self) -> &'static [ProblemKind] {
        use ProblemKind as Kind;
        match self {
            Self::CreateRecord => &[
                Kind::MalformedContent,
                Kind::RecordExists,
                Kind::ContentTooLarge,
                Kind::UnsupportedMediaType,
                Kind::InvalidRecord,
                Kind::InternalError,
                Kind::ServiceUnavailable,
            ],
            Self::ListRecords => &[Kind::InvalidParameter, Kind::InternalError, Kind::ServiceUnavailable],
            Self::GetRecord => {
                &[Kind::InvalidParameter, Kind::RecordNotFound, Kind::InternalError, Kind::ServiceUnavailable]
            }
            Self::ReplaceRecord => &[
                Kind::MalformedContent,
                Kind::InvalidParameter,
                Kind::RecordNotFound,
                Kind::PreconditionFailed,
                Kind::ContentTooLarge,
                Kind::UnsupportedMediaType,
                Kind::InvalidRecord,
                Kind::InternalError,
                Kind::ServiceUnavailable,
            ],
            Self::DeleteRecord => &[
                Kind::InvalidParameter,
                Kind::RecordNotFound,
                Kind::PreconditionFailed,
                Kind::InternalError,
                Kind::ServiceUnavailable,
            ],
        }
    }
}

/// Finds the operation for a method on a path without stage, with the path's last segment where that is an id.
///
/// # Errors
/// [`ProblemKind::PathNotFound`], or [`ProblemKind::MethodNotAllowed`] with the operations of the path.
pub fn resolve<'path>(method: &str, path: &'path str) -> Result<(Operation, &'path str), Problem> {
    let (pattern, id) = match path.strip_prefix(RECORDS_PATH) {
        Some("") => (RECORDS_PATH, ""),
        Some(rest) => match rest.strip_prefix('/') {
            Some(id) if !id.is_empty() && !id.contains('/') => (RECORD_PATH, id),
            _ => return Err(Problem::new(ProblemKind::PathNotFound)),
        },
        None => return Err(Problem::new(ProblemKind::PathNotFound)),
    };
    let of_path: Vec<Operation> =
        Operation::ALL.into_iter().filter(|operation| operation.path() == pattern).collect();
    match of_path.iter().find(|operation| operation.method() == method) {
        Some(operation) => Ok((*operation, id)),
        None => Err(Problem { allow: of_path, ..Problem::new(ProblemKind::MethodNotAllowed) }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_operation_is_found_by_its_method_and_path() {
        for operation in Operation::ALL {
            let path = operation.path().replace("{id}", "17");
            assert_eq!(resolve(operation.method(), &path).expect("found").0, operation);
        }
    }

    #[test]
    fn other_paths_are_not_found() {
        for path in ["/", "", "/record", "/recordsx", "/records/", "/records/1/2"] {
            assert_eq!(
                resolve("GET", path).expect_err("not found").kind,
                ProblemKind::PathNotFound,
                "{path}"
            );
        }
    }

    #[test]
    fn other_methods_name_those_that_the_path_knows() {
        let response = resolve("PATCH", "/records/1").expect_err("not allowed").response();
        assert_eq!((response.status_code, response.headers["allow"].as_str()), (405, "GET, PUT, DELETE"));
    }
}
