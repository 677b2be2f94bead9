use stack_model::LogicalId;
use stack_model::grant::Grant;
use stack_model::handle::TableHandle;

fn write(id: LogicalId) -> Grant {
    let table = TableHandle { id, name: "records".to_owned(), indexes: Vec::new(), kms_key: None };
    table.write()
}

fn main() {
    let _ = write;
}
