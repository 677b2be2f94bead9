//! The properties whose change replaces a resource.

/// "Update requires: Replacement", by type. Source: CloudFormation template reference (read
/// 2026-11-23). Written down anew and not taken from the stack model, which this double judges.
const REPLACING: &[(&str, &[&str])] = &[
    ("AWS::ApiGatewayV2::Api", &["ProtocolType"]),
    ("AWS::ApiGatewayV2::Integration", &["ApiId"]),
    ("AWS::ApiGatewayV2::Route", &["ApiId"]),
    ("AWS::ApiGatewayV2::Stage", &["ApiId", "StageName"]),
    ("AWS::CloudWatch::Alarm", &["AlarmName"]),
    ("AWS::CloudWatch::Dashboard", &["DashboardName"]),
    ("AWS::DynamoDB::Table", &["TableName"]),
    ("AWS::IAM::Role", &["Path", "RoleName"]),
    ("AWS::Lambda::EventInvokeConfig", &["FunctionName", "Qualifier"]),
    ("AWS::Lambda::EventSourceMapping", &["EventSourceArn"]),
    ("AWS::Lambda::Function", &["FunctionName", "PackageType"]),
    ("AWS::Lambda::Permission", &["Action", "FunctionName", "Principal", "SourceAccount", "SourceArn"]),
    ("AWS::Logs::LogGroup", &["LogGroupName"]),
    ("AWS::S3::Bucket", &["BucketName", "BucketNamePrefix", "BucketNamespace"]),
    ("AWS::S3::BucketPolicy", &["Bucket"]),
    ("AWS::SNS::Topic", &["FifoTopic", "TopicName"]),
    ("AWS::SQS::Queue", &["FifoQueue", "QueueName"]),
    // On no page of AWS's: it stands for a replacement that pages and schemas do not tell of.
    ("AWS::SSM::Parameter", &["DataType"]),
    ("AWS::WAFv2::WebACL", &["Name", "Scope"]),
];

/// True when a change of the property makes a new physical resource.
pub(super) fn replaces(resource_type: &str, property: &str) -> bool {
    REPLACING.iter().any(|(name, properties)| *name == resource_type && properties.contains(&property))
}
