//! What clients can do.

use pipectl_invocation::problem::{
    CONTENT_TOO_LARGE, INTERNAL_ERROR, INVALID_PARAMETER, MALFORMED_CONTENT, Problem, ProblemType,
    SERVICE_UNAVAILABLE, UNSUPPORTED_MEDIA_TYPE,
};

use crate::problem::{INVALID_RECORD, PATH_NOT_FOUND, PRECONDITION_FAILED, RECORD_EXISTS, RECORD_NOT_FOUND};

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
    pub fn problems(self) -> &'static [ProblemType] {
        match self {
            Self::CreateRecord => &[
                MALFORMED_CONTENT,
                RECORD_EXISTS,
                CONTENT_TOO_LARGE,
                UNSUPPORTED_MEDIA_TYPE,
                INVALID_RECORD,
                INTERNAL_ERROR,
                SERVICE_UNAVAILABLE,
            ],
            Self::ListRecords => &[INVALID_PARAMETER, INTERNAL_ERROR, SERVICE_UNAVAILABLE],
            Self::GetRecord => &[INVALID_PARAMETER, RECORD_NOT_FOUND, INTERNAL_ERROR, SERVICE_UNAVAILABLE],
            Self::ReplaceRecord => &[
                MALFORMED_CONTENT,
                INVALID_PARAMETER,
                RECORD_NOT_FOUND,
                PRECONDITION_FAILED,
                CONTENT_TOO_LARGE,
                UNSUPPORTED_MEDIA_TYPE,
                INVALID_RECORD,
                INTERNAL_ERROR,
                SERVICE_UNAVAILABLE,
            ],
            Self::DeleteRecord => &[
                INVALID_PARAMETER,
                RECORD_NOT_FOUND,
                PRECONDITION_FAILED,
                INTERNAL_ERROR,
                SERVICE_UNAVAILABLE,
            ],
        }
    }
}

/// Finds the operation for a method on a path without stage, with the path's last segment where that is an id.
///
/// # Errors
/// [`PATH_NOT_FOUND`], or [`Problem::method_not_allowed`] with the methods of the path.
pub fn resolve<'path>(method: &str, path: &'path str) -> Result<(Operation, &'path str), Problem> {
    let (pattern, id) = match path.strip_prefix(RECORDS_PATH) {
        Some("") => (RECORDS_PATH, ""),
        Some(rest) => match rest.strip_prefix('/') {
            Some(id) if !id.is_empty() && !id.contains('/') => (RECORD_PATH, id),
            _ => return Err(Problem::new(PATH_NOT_FOUND)),
        },
        None => return Err(Problem::new(PATH_NOT_FOUND)),
    };
    let of_path: Vec<Operation> =
        Operation::ALL.into_iter().filter(|operation| operation.path() == pattern).collect();
    match of_path.iter().find(|operation| operation.method() == method) {
        Some(operation) => Ok((*operation, id)),
        None => {
            Err(Problem::method_not_allowed(of_path.iter().map(|operation| operation.method()).collect()))
        }
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
            assert_eq!(resolve("GET", path).expect_err("not found").kind, PATH_NOT_FOUND, "{path}");
        }
    }

    #[test]
    fn other_methods_name_those_that_the_path_knows() {
        let response = resolve("PATCH", "/records/1").expect_err("not allowed").response();
        assert_eq!((response.status_code, response.headers["allow"].as_str()), (405, "GET, PUT, DELETE"));
    }
}
