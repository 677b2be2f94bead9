//! Where a stack is, for the ARNs of its resources.

/// Partition, Region and account; each a value, or the pseudo parameter for a template.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Place {
    /// Partition, for example `aws`.
    pub partition: String,
    /// Region, for example `eu-west-1`.
    pub region: String,
    /// Account ID, 12 digits.
    pub account: String,
    /// End of the Region's service names, for example `amazonaws.com`.
    pub url_suffix: String,
}

impl Place {
    /// The place of whatever stack a template is deployed to, in the notation of `Fn::Sub`.
    #[must_use]
    pub fn of_template() -> Self {
        Self {
            partition: "${AWS::Partition}".to_owned(),
            region: "${AWS::Region}".to_owned(),
            account: "${AWS::AccountId}".to_owned(),
            url_suffix: "${AWS::URLSuffix}".to_owned(),
        }
    }

    /// A place of its own; the partition follows from the Region.
    #[must_use]
    pub fn of(account: &str, region: &str) -> Self {
        let (partition, url_suffix) = match region {
            _ if region.starts_with("cn-") => ("aws-cn", "amazonaws.com.cn"),
            _ if region.starts_with("us-gov-") => ("aws-us-gov", "amazonaws.com"),
            _ if region.starts_with("eusc-") => ("aws-eusc", "amazonaws.eu"),
            _ => ("aws", "amazonaws.com"),
        };
        Self {
            partition: partition.to_owned(),
            region: region.to_owned(),
            account: account.to_owned(),
            url_suffix: url_suffix.to_owned(),
        }
    }

    /// Completes an ARN pattern such as `sqs:${Region}:${Account}:${Name}`.
    #[must_use]
    pub(crate) fn arn(&self, pattern: &str, name: &str) -> String {
        // The name goes last: it may hold pseudo parameters itself.
        let rest = pattern
            .replace("${Region}", &self.region)
            .replace("${Account}", &self.account)
            .replace("${Name}", name);
        format!("arn:{}:{rest}", self.partition)
    }

    /// Returns the value of a pseudo parameter, if it is one of a place.
    pub(crate) fn pseudo(&self, name: &str) -> Option<&str> {
        match name {
            "AWS::Partition" => Some(&self.partition),
            "AWS::Region" => Some(&self.region),
            "AWS::AccountId" => Some(&self.account),
            "AWS::URLSuffix" => Some(&self.url_suffix),
            _ => None,
        }
    }
}
