//! The kinds of problems that a request can meet, besides those of any HTTP API.

use pipectl_invocation::problem::ProblemType;

/// No such record.
pub const RECORD_NOT_FOUND: ProblemType =
    ProblemType { status: 404, name: "record-not-found", title: "There is no such record" };

/// No such path.
pub const PATH_NOT_FOUND: ProblemType =
    ProblemType { status: 404, name: "path-not-found", title: "There is no such path" };

/// A record with the id exists.
pub const RECORD_EXISTS: ProblemType =
    ProblemType { status: 409, name: "record-exists", title: "A record with this id exists" };

/// The record is not of the revision that `If-Match` names.
pub const PRECONDITION_FAILED: ProblemType =
    ProblemType { status: 412, name: "precondition-failed", title: "The record has another revision" };

/// The content is JSON, but not as described.
pub const INVALID_RECORD: ProblemType =
    ProblemType { status: 422, name: "invalid-record", title: "The record is not as described" };
