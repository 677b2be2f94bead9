//! W3024: a bucket is open to the public, or may be opened.
//!
//! Source: S3 user guide, blocking public access.

use super::found;
use crate::diagnostic::{Diagnostic, PUBLIC_BUCKET};
use crate::world::graph::{Answer, Graph, flag, is_set, text, value};

const BLOCKS: [&str; 4] =
    ["BlockPublicAcls", "BlockPublicPolicy", "IgnorePublicAcls", "RestrictPublicBuckets"];
const PUBLIC: [&str; 3] = ["AuthenticatedRead", "PublicRead", "PublicReadWrite"];

pub(super) fn check(graph: &Graph) -> Vec<Diagnostic> {
    let mut report = Vec::new();
    for bucket in graph.of_type("AWS::S3::Bucket") {
        let block = "PublicAccessBlockConfiguration";
        // Without the property S3 blocks all public access.
        let open = value(bucket, block)
            .and_then(|_| BLOCKS.iter().find(|name| flag(bucket, &format!("{block}.{name}")) == Answer::No));
        let acl = text(bucket, "AccessControl").filter(|acl| PUBLIC.contains(acl));
        let (path, message) = match (open, acl) {
            (Some(name), _) if is_set(bucket, &format!("{block}.{name}")) == Answer::Yes => {
                (format!("Properties.{block}.{name}"), format!("`{name}` is turned off."))
            }
            (Some(name), _) => {
                let message = format!("`{name}` is not set, so it is off.");
                (format!("Properties.{block}"), message)
            }
            (None, Some(acl)) => ("Properties.AccessControl".to_owned(), format!("Its ACL is `{acl}`.")),
            (None, None) => continue,
        };
        let found = found(&PUBLIC_BUCKET, bucket, message).path(path);
        report.push(found.help("Set all four blocks to true and use no ACL; serve files by CloudFront."));
    }
    report
}

#[cfg(test)]
mod tests {
    use serde_json::{Value as Json, json};

    use super::super::fixture::{NONE, codes_after, found_after};

    #[test]
    fn all_four_blocks_must_be_on() {
        let with = |block| {
            codes_after(
                json!({"Uploads": {"Properties": {"PublicAccessBlockConfiguration": {"BlockPublicPolicy": block}}}}),
            )
        };
        assert_eq!(with(false), ["W3024"]);
        assert_eq!(with(true), NONE);
    }

    #[test]
    fn block_that_is_off_is_told_from_one_that_is_absent() {
        let with = |block: Json| {
            let block = json!({"PublicAccessBlockConfiguration": {"BlockPublicPolicy": block}});
            let found = found_after(json!({"Uploads": {"Properties": block}}));
            (found[0].message.clone(), found[0].path.clone().unwrap())
        };
        let (off, absent) = (with(json!(false)), with(json!(null)));
        assert_eq!(off.0, "`BlockPublicPolicy` is turned off.");
        assert_eq!(off.1, "Properties.PublicAccessBlockConfiguration.BlockPublicPolicy");
        assert_eq!(absent.0, "`BlockPublicPolicy` is not set, so it is off.");
        assert_eq!(absent.1, "Properties.PublicAccessBlockConfiguration");
    }

    #[test]
    fn public_acl_opens_a_bucket() {
        let with = |acl: &str| codes_after(json!({"Uploads": {"Properties": {"AccessControl": acl}}}));
        assert_eq!(with("PublicRead"), ["W3024"]);
        assert_eq!(with("Private"), NONE);
    }
}
