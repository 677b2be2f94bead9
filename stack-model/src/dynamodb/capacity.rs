//! Read and write capacity: provisioned, on demand with a ceiling, and warm.

use serde::Serialize;

use crate::unit::{PerSecond, ranged};
use crate::value::Value;

ranged!(
    /// Strongly consistent reads of 4 KB a second before DynamoDB throttles.
    ///
    /// AWS names no upper end; the quota of a table is 40,000 unless raised.
    /// Source: AWS::DynamoDB::Table, ProvisionedThroughput.
    ReadCapacityUnits(PerSecond, "ReadCapacityUnits", 1..=4_294_967_295)
);
ranged!(
    /// Writes of 1 KB a second before DynamoDB throttles.
    ///
    /// AWS names no upper end; the quota of a table is 40,000 unless raised.
    /// Source: AWS::DynamoDB::Table, ProvisionedThroughput.
    WriteCapacityUnits(PerSecond, "WriteCapacityUnits", 1..=4_294_967_295)
);
ranged!(
    /// Ceiling of reads in on-demand mode. To lift a ceiling, remove the property.
    ///
    /// AWS names no upper end. Source: AWS::DynamoDB::Table, OnDemandThroughput.
    MaxReadRequestUnits(PerSecond, "MaxReadRequestUnits", 1..=4_294_967_295)
);
ranged!(
    /// Ceiling of writes in on-demand mode. To lift a ceiling, remove the property.
    ///
    /// AWS names no upper end. Source: AWS::DynamoDB::Table, OnDemandThroughput.
    MaxWriteRequestUnits(PerSecond, "MaxWriteRequestUnits", 1..=4_294_967_295)
);
ranged!(
    /// Reads that the table can serve at once, without growing first.
    ///
    /// AWS names no upper end. Source: AWS::DynamoDB::Table, WarmThroughput.
    ReadUnitsPerSecond(PerSecond, "ReadUnitsPerSecond", 1..=4_294_967_295)
);
ranged!(
    /// Writes that the table can serve at once, without growing first.
    ///
    /// AWS names no upper end. Source: AWS::DynamoDB::Table, WarmThroughput.
    WriteUnitsPerSecond(PerSecond, "WriteUnitsPerSecond", 1..=4_294_967_295)
);

/// Capacity paid for by the hour, used or not: for [`super::BillingMode::Provisioned`] only.
///
/// Source: AWS::DynamoDB::Table, ProvisionedThroughput.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct ProvisionedThroughput {
    /// Reads a second.
    pub read_capacity_units: Value<ReadCapacityUnits>,
    /// Writes a second.
    pub write_capacity_units: Value<WriteCapacityUnits>,
}

/// Ceilings in on-demand mode, one or both: for [`super::BillingMode::PayPerRequest`] only.
///
/// Source: AWS::DynamoDB::Table, OnDemandThroughput.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct OnDemandThroughput {
    /// Most read request units a second; no ceiling when absent.
    pub max_read_request_units: Option<Value<MaxReadRequestUnits>>,
    /// Most write request units a second; no ceiling when absent.
    pub max_write_request_units: Option<Value<MaxWriteRequestUnits>>,
}

/// Capacity that is there from the start, one or both; it can be raised and never lowered.
///
/// Source: AWS::DynamoDB::Table, WarmThroughput.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct WarmThroughput {
    /// Reads a second.
    pub read_units_per_second: Option<Value<ReadUnitsPerSecond>>,
    /// Writes a second.
    pub write_units_per_second: Option<Value<WriteUnitsPerSecond>>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn capacity_starts_at_one() {
        assert!(ReadCapacityUnits::new(PerSecond(0)).is_err());
        assert!(ReadCapacityUnits::new(PerSecond(1)).is_ok());
        assert!(WriteCapacityUnits::new(PerSecond(0)).is_err());
        assert!(WriteCapacityUnits::new(PerSecond(1)).is_ok());
    }

    #[test]
    fn on_demand_ceiling_starts_at_one() {
        assert!(MaxReadRequestUnits::new(PerSecond(0)).is_err());
        assert!(MaxReadRequestUnits::new(PerSecond(1)).is_ok());
        assert!(MaxWriteRequestUnits::new(PerSecond(0)).is_err());
        assert!(MaxWriteRequestUnits::new(PerSecond(1)).is_ok());
    }

    #[test]
    fn warm_throughput_starts_at_one() {
        assert!(ReadUnitsPerSecond::new(PerSecond(0)).is_err());
        assert!(ReadUnitsPerSecond::new(PerSecond(1)).is_ok());
        assert!(WriteUnitsPerSecond::new(PerSecond(0)).is_err());
        assert!(WriteUnitsPerSecond::new(PerSecond(1)).is_ok());
    }
}
