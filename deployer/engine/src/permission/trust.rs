//! Who may take on a role.

use serde_json::{Value, json};

use crate::permission::place::Place;

/// A CI system that proves by OpenID Connect which job it runs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Job {
    /// GitHub Actions.
    GitHub {
        /// `owner/repository`.
        repository: String,
        /// What follows it in the subject, for example `ref:refs/heads/main` or `environment:prod`.
        subject: String,
    },
    /// GitLab CI on gitlab.com.
    GitLab {
        /// `group/project`.
        project: String,
        /// What follows it in the subject, for example `ref_type:branch:ref:main`.
        subject: String,
    },
}

impl Job {
    /// Reads `owner/repository[:subject]`; without a subject only the branch `main` is meant.
    /// `None` when it has no owner.
    #[must_use]
    pub fn github(text: &str) -> Option<Self> {
        let (repository, subject) = split(text, "ref:refs/heads/main")?;
        Some(Self::GitHub { repository, subject })
    }

    /// Reads `group/project[:subject]`; without a subject only the branch `main` is meant. `None` when
    /// it has no group.
    #[must_use]
    pub fn gitlab(text: &str) -> Option<Self> {
        let (project, subject) = split(text, "ref_type:branch:ref:main")?;
        Some(Self::GitLab { project, subject })
    }

    /// Issuer without its scheme.
    fn issuer(&self) -> &'static str {
        match self {
            Self::GitHub { .. } => "token.actions.githubusercontent.com",
            Self::GitLab { .. } => "gitlab.com",
        }
    }

    fn audience(&self) -> &'static str {
        match self {
            Self::GitHub { .. } => "sts.amazonaws.com",
            Self::GitLab { .. } => "https://gitlab.com",
        }
    }

    fn subject(&self) -> String {
        match self {
            Self::GitHub { repository, subject } => format!("repo:{repository}:{subject}"),
            Self::GitLab { project, subject } => format!("project_path:{project}:{subject}"),
        }
    }
}

/// A name of its own on both sides of the first slash; a wildcard there would let strangers in.
fn split(text: &str, default: &str) -> Option<(String, String)> {
    let (name, subject) = text.split_once(':').unwrap_or((text, default));
    let (owner, rest) = name.split_once('/')?;
    let is_name = |part: &str| !part.is_empty() && !part.contains(['*', '?', '$']);
    (is_name(owner) && is_name(rest) && !subject.is_empty()).then(|| (name.to_owned(), subject.to_owned()))
}

/// Lets the CI jobs in, or, when there are none, whom the account itself allows.
///
/// Source: GitHub documentation, "Configuring OpenID Connect in Amazon Web Services"; GitLab
/// documentation, "Configure OpenID Connect in AWS".
#[must_use]
pub fn of_deployer(jobs: &[Job], place: &Place) -> Value {
    if jobs.is_empty() {
        let root = place.arn("iam::${Account}:root", "");
        return document(vec![
            json!({"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": {"AWS": root}}),
        ]);
    }
    document(jobs.iter().map(|job| of_job(job, place)).collect())
}

fn of_job(job: &Job, place: &Place) -> Value {
    let issuer = job.issuer();
    let subject = job.subject();
    let compare = if subject.contains(['*', '?']) { "StringLike" } else { "StringEquals" };
    let mut condition = json!({"StringEquals": {format!("{issuer}:aud"): job.audience()}});
    condition[compare][format!("{issuer}:sub")] = json!(subject);
    json!({
        "Effect": "Allow",
        "Action": "sts:AssumeRoleWithWebIdentity",
        "Principal": {"Federated": place.arn("iam::${Account}:oidc-provider/${Name}", issuer)},
        "Condition": condition,
    })
}

/// Lets CloudFormation in, for one stack of the account.
///
/// Source: IAM user guide, "The confused deputy problem".
#[must_use]
pub fn of_execution(stack: &str, place: &Place) -> Value {
    let arn = place.arn("cloudformation:${Region}:${Account}:stack/${Name}/*", stack);
    document(vec![json!({
        "Effect": "Allow",
        "Action": "sts:AssumeRole",
        "Principal": {"Service": "cloudformation.amazonaws.com"},
        "Condition": {
            "StringEquals": {"aws:SourceAccount": place.account},
            "ArnLike": {"aws:SourceArn": arn},
        },
    })])
}

fn document(statements: Vec<Value>) -> Value {
    json!({"Version": "2012-10-17", "Statement": statements})
}

#[cfg(test)]
mod tests {
    use super::*;

    fn place() -> Place {
        Place::of("111122223333", "eu-west-1")
    }

    #[test]
    fn job_without_a_subject_is_the_main_branch_of_one_repository() {
        let trust = of_deployer(&[Job::github("acme/shop").expect("a job")], &place());
        let statement = &trust["Statement"][0];
        assert_eq!(
            statement["Condition"]["StringEquals"],
            json!({
                "token.actions.githubusercontent.com:aud": "sts.amazonaws.com",
                "token.actions.githubusercontent.com:sub": "repo:acme/shop:ref:refs/heads/main",
            })
        );
        let provider = "arn:aws:iam::111122223333:oidc-provider/token.actions.githubusercontent.com";
        assert_eq!(statement["Principal"]["Federated"], provider);
    }

    #[test]
    fn pattern_in_the_subject_is_compared_as_one() {
        let trust = of_deployer(&[Job::gitlab("acme/shop:ref_type:tag:ref:v*").expect("a job")], &place());
        let condition = &trust["Statement"][0]["Condition"];
        assert_eq!(
            condition["StringLike"],
            json!({"gitlab.com:sub": "project_path:acme/shop:ref_type:tag:ref:v*"})
        );
        assert_eq!(condition["StringEquals"], json!({"gitlab.com:aud": "https://gitlab.com"}));
    }

    #[test]
    fn repository_must_be_named_in_full() {
        assert_eq!([Job::github("acme"), Job::github("acme/*"), Job::github("*/shop")], [None, None, None]);
    }
}
