//! The kinds of problems that a request can meet.

use pipectl_invocation::problem::ProblemType;

/// The content is no JSON.
pub const MALFORMED_CONTENT: ProblemType =
    ProblemType { status: 400, name: "malformed-content", title: "The content is no JSON" };

/// The content is JSON, but no feedback.
pub const INVALID_FEEDBACK: ProblemType =
    ProblemType { status: 400, name: "invalid-feedback", title: "The feedback is not as described" };

/// A header is not as described.
pub const INVALID_PARAMETER: ProblemType =
    ProblemType { status: 400, name: "invalid-parameter", title: "A parameter is not as described" };

/// Feedback can only be posted.
pub const METHOD_NOT_ALLOWED: ProblemType =
    ProblemType { status: 405, name: "method-not-allowed", title: "The path does not know this method" };

/// The content is too large.
pub const CONTENT_TOO_LARGE: ProblemType =
    ProblemType { status: 413, name: "content-too-large", title: "The content is too large" };

/// The content is not announced as JSON.
pub const UNSUPPORTED_MEDIA_TYPE: ProblemType =
    ProblemType { status: 415, name: "unsupported-media-type", title: "The content must be JSON" };

/// The function failed.
pub const INTERNAL_ERROR: ProblemType =
    ProblemType { status: 500, name: "internal-error", title: "The request failed for no fault of its own" };

/// The queue is too busy, or did not answer.
pub const SERVICE_UNAVAILABLE: ProblemType =
    ProblemType { status: 503, name: "service-unavailable", title: "The service is too busy" };

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
