//! The kinds of problems that a request can meet.

use pipectl_invocation::problem::{
    CONTENT_TOO_LARGE, INTERNAL_ERROR, INVALID_PARAMETER, MALFORMED_CONTENT, ProblemType,
    SERVICE_UNAVAILABLE, UNSUPPORTED_MEDIA_TYPE,
};

/// The content is JSON, but no feedback.
pub const INVALID_FEEDBACK: ProblemType =
    ProblemType { status: 400, name: "invalid-feedback", title: "The feedback is not as described" };

/// The problems of a request with the right method.
pub const OF_SUBMISSION: [ProblemType; 7] = [
    MALFORMED_CONTENT,
    INVALID_FEEDBACK,
    INVALID_PARAMETER,
    CONTENT_TOO_LARGE,
    UNSUPPORTED_MEDIA_TYPE,
    INTERNAL_ERROR,
    SERVICE_UNAVAILABLE,
];
