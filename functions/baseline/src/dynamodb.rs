//! A function that does nothing but `dynamodb:UpdateItem`.

mod order;

use std::sync::Mutex;

use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::operation::update_item::builders::UpdateItemFluentBuilder;
use aws_sdk_dynamodb::types::{AttributeValue, ReturnValue, ReturnValuesOnConditionCheckFailure};
use lambda_runtime::Error;
use pipectl_invocation::client;
use pipectl_invocation::environment::process_variable;
use serde_json::Value;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    let client = Client::new(&client::settings(process_variable)?);
    let request = Mutex::new(client.update_item());
    order::run(async |order| {
        let template = {
            let mut request = request.lock().map_err(|_| "a call has panicked")?;
            if let Some(sample) = &order.sample {
                *request = like(sample, client.update_item());
            }
            request.clone()
        };
        order::repeat(&order, || {
            let request = template.clone();
            async move { Ok(request.send().await.map(drop)?) }
        })
        .await
    })
    .await
}

/// The request with all that `sample` has.
fn like(sample: &Value, mut request: UpdateItemFluentBuilder) -> UpdateItemFluentBuilder {
    let text = |name: &str| sample[name].as_str().map(ToOwned::to_owned);
    for (name, value) in members(&sample["Key"]) {
        request = request.key(name, attribute(value));
    }
    for (name, value) in members(&sample["ExpressionAttributeNames"]) {
        request = request.expression_attribute_names(name, value.as_str().unwrap_or_default());
    }
    for (name, value) in members(&sample["ExpressionAttributeValues"]) {
        request = request.expression_attribute_values(name, attribute(value));
    }
    request
        .set_table_name(text("TableName"))
        .set_update_expression(text("UpdateExpression"))
        .set_condition_expression(text("ConditionExpression"))
        .set_return_values(text("ReturnValues").map(|wish| ReturnValue::from(wish.as_str())))
        .set_return_values_on_condition_check_failure(
            text("ReturnValuesOnConditionCheckFailure")
                .map(|wish| ReturnValuesOnConditionCheckFailure::from(wish.as_str())),
        )
}

fn members(value: &Value) -> impl Iterator<Item = (&String, &Value)> {
    value.as_object().into_iter().flatten()
}

/// The attribute value that `value` writes.
fn attribute(value: &Value) -> AttributeValue {
    let Some((kind, value)) = members(value).next() else { return AttributeValue::Null(true) };
    let text = || value.as_str().unwrap_or_default().to_owned();
    match kind.as_str() {
        "S" => AttributeValue::S(text()),
        "N" => AttributeValue::N(text()),
        "BOOL" => AttributeValue::Bool(value.as_bool().unwrap_or_default()),
        "M" => AttributeValue::M(members(value).map(|(name, it)| (name.clone(), attribute(it))).collect()),
        "L" => AttributeValue::L(value.as_array().into_iter().flatten().map(attribute).collect()),
        _ => AttributeValue::Null(true),
    }
}
