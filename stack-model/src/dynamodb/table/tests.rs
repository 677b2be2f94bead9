use serde_json::json;

use super::super::*;
use super::*;
use crate::iam::PolicyDocument;
use crate::resource::{assert_properties_match, properties};
use crate::unit::{Count, Days, PerSecond};

fn on_demand_ceiling() -> OnDemandThroughput {
    OnDemandThroughput {
        max_read_request_units: Some(MaxReadRequestUnits::new(PerSecond(100)).unwrap().into()),
        max_write_request_units: Some(MaxWriteRequestUnits::new(PerSecond(50)).unwrap().into()),
    }
}

fn warm() -> WarmThroughput {
    WarmThroughput {
        read_units_per_second: Some(ReadUnitsPerSecond::new(PerSecond(12_000)).unwrap().into()),
        write_units_per_second: None,
    }
}

fn throttled_keys() -> ContributorInsightsSpecification {
    ContributorInsightsSpecification {
        enabled: true.into(),
        mode: Some(ContributorInsightsMode::ThrottledKeys.into()),
    }
}

fn provisioned() -> ProvisionedThroughput {
    ProvisionedThroughput {
        read_capacity_units: ReadCapacityUnits::new(PerSecond(5)).unwrap().into(),
        write_capacity_units: WriteCapacityUnits::new(PerSecond(2)).unwrap().into(),
    }
}

fn import() -> ImportSourceSpecification {
    let csv = Csv { delimiter: Some(";".into()), header_list: Some(vec!["id".into()]) };
    ImportSourceSpecification {
        input_compression_type: Some(InputCompressionType::Gzip.into()),
        input_format: InputFormat::DynamodbJson.into(),
        input_format_options: Some(InputFormatOptions { csv: Some(csv) }),
        s3_bucket_source: S3BucketSource {
            s3_bucket: "source".into(),
            s3_bucket_owner: Some("111122223333".into()),
            s3_key_prefix: Some("export/".into()),
        },
    }
}

fn vector_index() -> VectorIndex {
    VectorIndex {
        dimensions: Dimensions::new(Count(1_024)).unwrap().into(),
        distance_function: DistanceFunction::DotProduct,
        index_name: "by-meaning".into(),
        projection: Projection::KeysOnly,
        search_schema: Some(vec![SearchSchemaElement {
            attribute_name: "source".into(),
            search_schema_element_type: SearchSchemaElementType::InlineFilter,
        }]),
        vector_attribute: VectorAttribute { attribute_name: "embedding".into() },
    }
}

/// Every property set, though DynamoDB would refuse some of them together.
fn full_table() -> Table {
    let policy = || ResourcePolicy { policy_document: PolicyDocument::new(vec![]) };
    Table {
        attribute_definitions: Some(vec![AttributeDefinition::new("id", AttributeType::S)]),
        billing_mode: Some(BillingMode::PayPerRequest.into()),
        contributor_insights_specification: Some(throttled_keys()),
        deletion_protection_enabled: Some(true.into()),
        global_secondary_indexes: Some(vec![GlobalSecondaryIndex {
            contributor_insights_specification: Some(throttled_keys()),
            on_demand_throughput: Some(on_demand_ceiling()),
            provisioned_throughput: Some(provisioned()),
            warm_throughput: Some(warm()),
            ..GlobalSecondaryIndex::new(
                "by-source",
                vec![KeySchema::partition_key("source"), KeySchema::sort_key("id")],
                Projection::All,
            )
        }]),
        import_source_specification: Some(import()),
        key_schema: vec![KeySchema::partition_key("id")],
        kinesis_stream_specification: Some(KinesisStreamSpecification {
            approximate_creation_date_time_precision: Some(TimestampPrecision::Microsecond.into()),
            stream_arn: "stream-arn".into(),
        }),
        local_secondary_indexes: Some(vec![LocalSecondaryIndex {
            index_name: "by-time".into(),
            key_schema: vec![KeySchema::partition_key("id"), KeySchema::sort_key("at")],
            projection: Projection::KeysOnly,
        }]),
        on_demand_throughput: Some(on_demand_ceiling()),
        point_in_time_recovery_specification: Some(PointInTimeRecoverySpecification {
            point_in_time_recovery_enabled: true.into(),
            recovery_period_in_days: Some(RecoveryPeriodInDays::new(Days(7)).unwrap().into()),
        }),
        provisioned_throughput: Some(provisioned()),
        resource_policy: Some(policy()),
        sse_specification: Some(SseSpecification {
            kms_master_key_id: Some("alias/k".into()),
            sse_enabled: true.into(),
            sse_type: Some(SseType::Kms.into()),
        }),
        stream_specification: Some(StreamSpecification {
            resource_policy: Some(policy()),
            stream_view_type: StreamViewType::NewAndOldImages.into(),
            tags: Some(vec![Tag { key: "k".to_owned(), value: "v".into() }]),
        }),
        table_class: Some(TableClass::StandardInfrequentAccess.into()),
        table_name: Some("records".into()),
        tags: Some(vec![Tag { key: "k".to_owned(), value: "v".into() }]),
        time_to_live_specification: Some(TimeToLiveSpecification {
            attribute_name: Some("expires_at".into()),
            enabled: true.into(),
        }),
        vector_indexes: Some(vec![vector_index()]),
        warm_throughput: Some(warm()),
    }
}

#[test]
fn properties_list_matches_the_fields() {
    assert_properties_match(&full_table());
}

#[test]
fn full_table_renders_aws_names() {
    let policy = json!({"PolicyDocument": {"Version": "2012-10-17", "Statement": []}});
    let on_demand = json!({"MaxReadRequestUnits": 100, "MaxWriteRequestUnits": 50});
    let insights = json!({"Enabled": true, "Mode": "THROTTLED_KEYS"});
    let provisioned = json!({"ReadCapacityUnits": 5, "WriteCapacityUnits": 2});
    let warm = json!({"ReadUnitsPerSecond": 12_000});
    let expected = json!({
        "AttributeDefinitions": [{"AttributeName": "id", "AttributeType": "S"}],
        "BillingMode": "PAY_PER_REQUEST",
        "ContributorInsightsSpecification": insights,
        "DeletionProtectionEnabled": true,
        "GlobalSecondaryIndexes": [{
            "ContributorInsightsSpecification": insights,
            "IndexName": "by-source",
            "KeySchema": [
                {"AttributeName": "source", "KeyType": "HASH"}, {"AttributeName": "id", "KeyType": "RANGE"},
            ],
            "OnDemandThroughput": on_demand,
            "Projection": {"ProjectionType": "ALL"},
            "ProvisionedThroughput": provisioned,
            "WarmThroughput": warm,
        }],
        "ImportSourceSpecification": {
            "InputCompressionType": "GZIP",
            "InputFormat": "DYNAMODB_JSON",
            "InputFormatOptions": {"Csv": {"Delimiter": ";", "HeaderList": ["id"]}},
            "S3BucketSource": {
                "S3Bucket": "source", "S3BucketOwner": "111122223333", "S3KeyPrefix": "export/",
            },
        },
        "KeySchema": [{"AttributeName": "id", "KeyType": "HASH"}],
        "KinesisStreamSpecification": {
            "ApproximateCreationDateTimePrecision": "MICROSECOND", "StreamArn": "stream-arn",
        },
        "LocalSecondaryIndexes": [{
            "IndexName": "by-time",
            "KeySchema": [
                {"AttributeName": "id", "KeyType": "HASH"}, {"AttributeName": "at", "KeyType": "RANGE"},
            ],
            "Projection": {"ProjectionType": "KEYS_ONLY"},
        }],
        "OnDemandThroughput": on_demand,
        "PointInTimeRecoverySpecification": {"PointInTimeRecoveryEnabled": true, "RecoveryPeriodInDays": 7},
        "ProvisionedThroughput": provisioned,
        "ResourcePolicy": policy,
        "SSESpecification": {"KMSMasterKeyId": "alias/k", "SSEEnabled": true, "SSEType": "KMS"},
        "StreamSpecification": {
            "ResourcePolicy": policy, "StreamViewType": "NEW_AND_OLD_IMAGES",
            "Tags": [{"Key": "k", "Value": "v"}],
        },
        "TableClass": "STANDARD_INFREQUENT_ACCESS",
        "TableName": "records",
        "Tags": [{"Key": "k", "Value": "v"}],
        "TimeToLiveSpecification": {"AttributeName": "expires_at", "Enabled": true},
        "VectorIndexes": [{
            "Dimensions": 1_024, "DistanceFunction": "DOT_PRODUCT", "IndexName": "by-meaning",
            "Projection": {"ProjectionType": "KEYS_ONLY"},
            "SearchSchema": [{"AttributeName": "source", "SearchSchemaElementType": "INLINE_FILTER"}],
            "VectorAttribute": {"AttributeName": "embedding"},
        }],
        "WarmThroughput": warm,
    });
    assert_eq!(properties(&full_table()), expected);
}

#[test]
fn table_with_a_key_only_renders_nothing_else() {
    let table = Table::new(vec![KeySchema::partition_key("id")]);
    let expected = json!({"KeySchema": [{"AttributeName": "id", "KeyType": "HASH"}]});
    assert_eq!(properties(&table), expected);
}
