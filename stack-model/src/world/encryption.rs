//! The keys of queues and topics, and whom they let in.

use super::access::service_may;
use super::graph::{Answer, Found, Graph, find};
use super::intrinsic::to_text;
use crate::template::TemplateResource;

/// What a queue or topic is encrypted with.
pub(crate) enum Encryption<'a> {
    /// Nothing, or keys that the service holds for itself: everyone who may send may do so.
    Open,
    /// A key that AWS manages, by its alias, which no other service may use.
    AwsManaged(&'static str),
    /// A key of the template.
    Own(TemplateResource<'a>),
    /// A key that the template does not tell.
    Unknown,
}

/// The aliases of keys that AWS manages for queues and topics.
const AWS_MANAGED: [&str; 2] = ["alias/aws/sns", "alias/aws/sqs"];

impl Graph {
    /// What `KmsMasterKeyId` says, by the key's ID, ARN or alias.
    pub(crate) fn encryption(&self, resource: TemplateResource<'_>) -> Encryption<'_> {
        let key = match find(resource, "KmsMasterKeyId") {
            Found::Absent => return Encryption::Open,
            Found::Unknown => return Encryption::Unknown,
            Found::Value(key) => key,
        };
        let text = to_text(key).unwrap_or_default();
        if let Some(alias) =
            AWS_MANAGED.iter().find(|alias| text == **alias || text.ends_with(&format!(":{alias}")))
        {
            return Encryption::AwsManaged(alias);
        }
        let named = self.named(key).and_then(|named| match named.resource_type() {
            "AWS::KMS::Alias" => self.named(named.property("TargetKeyId")?),
            _ => Some(named),
        });
        match named.filter(|it| it.resource_type() == "AWS::KMS::Key") {
            Some(key) => Encryption::Own(key),
            None => Encryption::Unknown,
        }
    }

    /// The key that keeps a service from sending to the resource, in words; `None` when it may, or nobody knows.
    pub(crate) fn key_that_refuses(&self, resource: TemplateResource<'_>, service: &str) -> Option<String> {
        match self.encryption(resource) {
            Encryption::AwsManaged(alias) => {
                Some(format!("the key `{alias}`, which AWS closes to other services"))
            }
            Encryption::Own(key) => {
                let needed = ["kms:Decrypt", "kms:GenerateDataKey"].into_iter();
                let answers = needed.map(|action| service_may(key.property("KeyPolicy"), service, action));
                let refuses = answers.into_iter().any(|answer| answer == Answer::No);
                refuses.then(|| {
                    format!("the key `{}`, whose policy does not let `{service}` use it", key.logical_id)
                })
            }
            Encryption::Open | Encryption::Unknown => None,
        }
    }
}
