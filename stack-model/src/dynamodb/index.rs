//! Secondary and vector indexes, and what they copy from the table.

use serde::Serialize;

use super::capacity::{OnDemandThroughput, ProvisionedThroughput, WarmThroughput};
use super::key::KeySchema;
use super::setting::ContributorInsightsSpecification;
use crate::unit::{Count, ranged};
use crate::value::Value;

/// Attributes that an index holds besides its keys; fixed once the index exists.
///
/// Source: AWS::DynamoDB::Table, Projection.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(tag = "ProjectionType", rename_all_fields = "PascalCase")]
#[non_exhaustive]
pub enum Projection {
    /// Every attribute of the item.
    #[serde(rename = "ALL")]
    All,
    /// The keys of index and table, and the attributes named.
    #[serde(rename = "INCLUDE")]
    Include {
        /// Attributes to copy: `1..=255` characters each, 100 in all indexes of a table together.
        non_key_attributes: Vec<Value<String>>,
    },
    /// The keys of index and table only.
    #[serde(rename = "KEYS_ONLY")]
    KeysOnly,
}

/// An index with a partition key of its own, eventually consistent with the table.
///
/// In one update of the stack, one index can be added or one removed; throughput and contributor insights change
/// in place, and nothing else of an index can change.
/// Source: AWS::DynamoDB::Table, GlobalSecondaryIndex.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct GlobalSecondaryIndex {
    /// Contributor insights of the index; off when absent.
    pub contributor_insights_specification: Option<ContributorInsightsSpecification>,
    /// Name, unique on the table: `3..=255` of letters, digits, `_`, `.` and `-`.
    pub index_name: Value<String>,
    /// The index's key: up to four partition key attributes, then up to four sort key attributes.
    pub key_schema: Vec<KeySchema>,
    /// Ceilings of an on-demand table's index; none when absent.
    pub on_demand_throughput: Option<OnDemandThroughput>,
    /// Attributes the index holds.
    pub projection: Projection,
    /// Capacity of a provisioned table's index, and required for it.
    pub provisioned_throughput: Option<ProvisionedThroughput>,
    /// Capacity that is there from the start.
    pub warm_throughput: Option<WarmThroughput>,
}

impl GlobalSecondaryIndex {
    /// An index with what AWS requires, and everything else absent.
    pub fn new(
        index_name: impl Into<Value<String>>,
        key_schema: Vec<KeySchema>,
        projection: Projection,
    ) -> Self {
        Self {
            contributor_insights_specification: None,
            index_name: index_name.into(),
            key_schema,
            on_demand_throughput: None,
            projection,
            provisioned_throughput: None,
            warm_throughput: None,
        }
    }
}

/// An index with the table's partition key and another sort key; made and deleted with the table only.
///
/// It limits the items of one partition key to 10 GB.
/// Source: AWS::DynamoDB::Table, LocalSecondaryIndex.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct LocalSecondaryIndex {
    /// Name, unique on the table: `3..=255` of letters, digits, `_`, `.` and `-`.
    pub index_name: Value<String>,
    /// The table's partition key, then the index's sort key.
    pub key_schema: Vec<KeySchema>,
    /// Attributes the index holds.
    pub projection: Projection,
}

ranged!(
    /// Numbers in each vector of a vector index.
    ///
    /// Source: AWS::DynamoDB::Table, VectorIndex.
    Dimensions(Count, "Dimensions", 1..=4_096)
);

/// How a vector index measures the distance of two vectors.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
#[non_exhaustive]
pub enum DistanceFunction {
    /// By angle.
    Cosine,
    /// By dot product.
    DotProduct,
    /// By straight line.
    Euclidean,
}

/// Part that an attribute plays in a search of a vector index.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
#[non_exhaustive]
pub enum SearchSchemaElementType {
    /// Partition key of the index.
    Hash,
    /// Filter applied during the search.
    InlineFilter,
}

/// An attribute that searches of a vector index can be narrowed by.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct SearchSchemaElement {
    /// The attribute's name.
    pub attribute_name: Value<String>,
    /// Its part in the search.
    pub search_schema_element_type: SearchSchemaElementType,
}

/// The attribute that holds an item's vector.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct VectorAttribute {
    /// The attribute's name, `1..=255` characters.
    pub attribute_name: Value<String>,
}

/// An index that finds the items whose vectors are nearest to a given one.
///
/// Source: AWS::DynamoDB::Table, VectorIndex.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct VectorIndex {
    /// Numbers in each vector.
    pub dimensions: Value<Dimensions>,
    /// How distance is measured.
    pub distance_function: DistanceFunction,
    /// Name, unique on the table: `3..=255` of letters, digits, `_`, `.` and `-`.
    pub index_name: Value<String>,
    /// Attributes the index holds.
    pub projection: Projection,
    /// Attributes to narrow a search by, one at least; no narrowing when absent.
    pub search_schema: Option<Vec<SearchSchemaElement>>,
    /// The attribute that holds the vector.
    pub vector_attribute: VectorAttribute,
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::value::to_json;

    #[test]
    fn projection_names_attributes_for_include_only() {
        let include = Projection::Include { non_key_attributes: vec!["body".into()] };
        let expected = json!({"ProjectionType": "INCLUDE", "NonKeyAttributes": ["body"]});
        assert_eq!(to_json(&include), expected);
        assert_eq!(to_json(&Projection::All), json!({"ProjectionType": "ALL"}));
        assert_eq!(to_json(&Projection::KeysOnly), json!({"ProjectionType": "KEYS_ONLY"}));
    }

    #[test]
    fn vector_has_1_to_4096_dimensions() {
        assert!(Dimensions::new(Count(0)).is_err());
        assert!(Dimensions::new(Count(1)).is_ok());
        assert!(Dimensions::new(Count(4_096)).is_ok());
        assert!(Dimensions::new(Count(4_097)).is_err());
    }
}
