//! Least-privilege permissions that follow from use: what a function may do with a construct.
//!
//! Each grant names exact actions and exact ARNs. The only `*` inside an ARN is the end of an object key, because
//! S3 has no other way to name the objects of a bucket. With a customer managed key the grant carries the calls to
//! KMS that the use needs.

use crate::handle::{AnyQueue, BucketHandle, FunctionHandle, TableHandle, TopicHandle};
use crate::iam::Statement;
use crate::value::Value;

/// Statements for the role of whoever uses a construct.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Grant {
    statements: Vec<Statement>,
}

impl Grant {
    /// A grant of `actions` on `resources`.
    #[must_use]
    pub fn new(actions: &[&str], resources: Vec<Value<String>>) -> Self {
        Self { statements: vec![Statement::allow(actions, resources)] }
    }

    /// Both grants.
    #[must_use]
    pub fn and(mut self, other: Self) -> Self {
        self.statements.extend(other.statements);
        self
    }

    /// Its statements.
    #[must_use]
    pub fn statements(&self) -> &[Statement] {
        &self.statements
    }

    /// Adds the calls to KMS, when the construct has a key of the customer's.
    fn with_key(self, key: Option<&Value<String>>, actions: &[&str]) -> Self {
        match key {
            Some(key) => self.and(Self::new(actions, vec![key.clone()])),
            None => self,
        }
    }
}

const DECRYPT: [&str; 1] = ["kms:Decrypt"];
const ENCRYPT: [&str; 2] = ["kms:Decrypt", "kms:GenerateDataKey"];

impl AnyQueue {
    /// Sends messages.
    #[must_use]
    pub fn send(&self) -> Grant {
        Grant::new(&["sqs:SendMessage"], vec![self.arn()]).with_key(self.kms_key.as_ref(), &ENCRYPT)
    }

    /// Receives messages and counts them, without deleting: what a look into a dead-letter queue needs.
    #[must_use]
    pub fn receive(&self) -> Grant {
        let actions = ["sqs:GetQueueAttributes", "sqs:ReceiveMessage"];
        Grant::new(&actions, vec![self.arn()]).with_key(self.kms_key.as_ref(), &DECRYPT)
    }

    /// Receives and deletes messages: what an event source mapping needs.
    #[must_use]
    pub fn consume(&self) -> Grant {
        let actions = ["sqs:DeleteMessage", "sqs:GetQueueAttributes", "sqs:ReceiveMessage"];
        Grant::new(&actions, vec![self.arn()]).with_key(self.kms_key.as_ref(), &DECRYPT)
    }
}

impl BucketHandle {
    /// Reads objects and their versions whose keys start with `prefix` (all when empty).
    #[must_use]
    pub fn read(&self, prefix: &str) -> Grant {
        Grant::new(&["s3:GetObject", "s3:GetObjectVersion"], vec![self.object_arn(prefix)])
            .with_key(self.kms_key.as_ref(), &DECRYPT)
    }

    /// Lists keys; without it S3 answers 403 in place of 404 for a missing object.
    #[must_use]
    pub fn list(&self) -> Grant {
        Grant::new(&["s3:ListBucket"], vec![self.arn()])
    }

    /// Puts objects whose keys start with `prefix` (all when empty), also in parts.
    #[must_use]
    pub fn write(&self, prefix: &str) -> Grant {
        Grant::new(&["s3:AbortMultipartUpload", "s3:PutObject"], vec![self.object_arn(prefix)])
            .with_key(self.kms_key.as_ref(), &ENCRYPT)
    }

    /// Deletes objects whose keys start with `prefix` (all when empty); versions stay.
    #[must_use]
    pub fn delete(&self, prefix: &str) -> Grant {
        Grant::new(&["s3:DeleteObject"], vec![self.object_arn(prefix)])
    }
}

/// An action on the items of a table.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum TableAction {
    /// `dynamodb:BatchGetItem`.
    BatchGetItem,
    /// `dynamodb:BatchWriteItem`.
    BatchWriteItem,
    /// `dynamodb:ConditionCheckItem`: a check inside a transaction.
    ConditionCheckItem,
    /// `dynamodb:DeleteItem`.
    DeleteItem,
    /// `dynamodb:GetItem`.
    GetItem,
    /// `dynamodb:PutItem`.
    PutItem,
    /// `dynamodb:Query`: also on indexes.
    Query,
    /// `dynamodb:Scan`: also on indexes.
    Scan,
    /// `dynamodb:UpdateItem`.
    UpdateItem,
}

impl TableAction {
    /// Every action with its name in IAM.
    pub const ALL: [(&'static str, Self); 9] = [
        ("dynamodb:BatchGetItem", Self::BatchGetItem),
        ("dynamodb:BatchWriteItem", Self::BatchWriteItem),
        ("dynamodb:ConditionCheckItem", Self::ConditionCheckItem),
        ("dynamodb:DeleteItem", Self::DeleteItem),
        ("dynamodb:GetItem", Self::GetItem),
        ("dynamodb:PutItem", Self::PutItem),
        ("dynamodb:Query", Self::Query),
        ("dynamodb:Scan", Self::Scan),
        ("dynamodb:UpdateItem", Self::UpdateItem),
    ];
    /// What reads.
    pub const READ: [Self; 5] =
        [Self::BatchGetItem, Self::ConditionCheckItem, Self::GetItem, Self::Query, Self::Scan];
    /// What writes.
    pub const WRITE: [Self; 4] = [Self::BatchWriteItem, Self::DeleteItem, Self::PutItem, Self::UpdateItem];

    /// The action of that name, with or without `dynamodb:`.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        let known = Self::ALL.into_iter().find(|(known, _)| *known == name || known.get(9..) == Some(name));
        known.map(|(_, action)| action)
    }

    /// Its name in IAM.
    #[must_use]
    pub fn name(self) -> &'static str {
        Self::ALL.into_iter().find(|(_, action)| *action == self).map_or("", |(name, _)| name)
    }

    fn reaches_indexes(self) -> bool {
        matches!(self, Self::Query | Self::Scan)
    }
}

impl TableHandle {
    /// Reads items, of the table and its indexes.
    #[must_use]
    pub fn read(&self) -> Grant {
        self.actions(&TableAction::READ)
    }

    /// Writes items.
    #[must_use]
    pub fn write(&self) -> Grant {
        self.actions(&TableAction::WRITE)
    }

    /// Reads and writes items.
    #[must_use]
    pub fn read_write(&self) -> Grant {
        self.read().and(self.write())
    }

    /// Just these actions; those that work on indexes are granted there too, and no other is.
    #[must_use]
    pub fn actions(&self, actions: &[TableAction]) -> Grant {
        let mut actions = actions.to_vec();
        actions.sort_unstable();
        actions.dedup();
        let names: Vec<_> = actions.iter().map(|action| action.name()).collect();
        let on_indexes: Vec<_> =
            actions.iter().filter(|action| action.reaches_indexes()).map(|action| action.name()).collect();
        let mut grant = Grant::new(&names, vec![self.arn()]);
        if !on_indexes.is_empty() && !self.indexes.is_empty() {
            grant = grant.and(Grant::new(&on_indexes, self.index_arns()));
        }
        // DynamoDB checks the caller for the key of its table, also for writes of single items.
        grant.with_key(self.kms_key.as_ref(), &["kms:Decrypt", "kms:DescribeKey", "kms:Encrypt"])
    }
}

impl TopicHandle {
    /// Publishes messages.
    #[must_use]
    pub fn publish(&self) -> Grant {
        Grant::new(&["sns:Publish"], vec![self.arn()]).with_key(self.kms_key.as_ref(), &ENCRYPT)
    }
}

impl FunctionHandle {
    /// Invokes the function.
    #[must_use]
    pub fn invoke(&self) -> Grant {
        Grant::new(&["lambda:InvokeFunction"], vec![self.arn()])
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::LogicalId;

    fn table() -> TableHandle {
        TableHandle {
            id: LogicalId::new("RecordsTable").unwrap(),
            name: "records".to_owned(),
            indexes: vec!["by-source".to_owned()],
            kms_key: None,
        }
    }

    fn actions(grant: &Grant) -> Vec<Vec<String>> {
        grant.statements().iter().map(|statement| statement.action.clone()).collect()
    }

    #[test]
    fn write_grant_reaches_no_index() {
        let grant = table().write();
        assert_eq!(grant.statements().len(), 1);
        assert_eq!(grant.statements()[0].resource, vec![table().arn()]);
    }

    #[test]
    fn query_reaches_the_exact_index() {
        let grant = table().actions(&[TableAction::Query, TableAction::GetItem]);
        assert_eq!(actions(&grant), [vec!["dynamodb:GetItem", "dynamodb:Query"], vec!["dynamodb:Query"]]);
        assert_eq!(grant.statements()[1].resource, vec![Value::sub("${RecordsTable.Arn}/index/by-source")]);
    }

    #[test]
    fn action_is_found_with_and_without_its_service() {
        assert_eq!(TableAction::from_name("PutItem"), Some(TableAction::PutItem));
        assert_eq!(TableAction::from_name("dynamodb:PutItem"), Some(TableAction::PutItem));
        assert_eq!(TableAction::from_name("DeleteTable"), None);
    }

    #[test]
    fn customer_key_adds_the_calls_to_kms() {
        let queue = AnyQueue {
            id: LogicalId::new("Q").unwrap(),
            name: "q".to_owned(),
            fifo: false,
            kms_key: Some("arn:aws:kms:::key/k".into()),
        };
        assert_eq!(
            actions(&queue.send()),
            [vec!["sqs:SendMessage"], vec!["kms:Decrypt", "kms:GenerateDataKey"]]
        );
    }
}
