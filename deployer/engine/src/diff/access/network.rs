//! Who may connect to whom by the rules of security groups.

use ipnet::IpNet;
use serde_json::Value;

use super::pattern::Pattern;
use super::policy::{inner, many, reference};
use super::{Atom, Permit};
use crate::diff::shown::shown;

/// Lists the rules of a security group, or the rule that stands alone; none for other types.
pub(super) fn atoms(id: &str, kind: &str, properties: &Value) -> Vec<Atom> {
    let rules = |key: &str| many(properties.get(key)).collect::<Vec<_>>();
    match kind {
        "AWS::EC2::SecurityGroup" => {
            let group = reference(id);
            let ingress = rules("SecurityGroupIngress").into_iter().map(|rule| inbound(&group, rule));
            let egress = rules("SecurityGroupEgress").into_iter().map(|rule| outbound(&group, rule));
            let mut found: Vec<Atom> = ingress.chain(egress).collect();
            if properties.get("SecurityGroupEgress").is_none() {
                found.extend(["0.0.0.0/0", "::/0"].map(|to| atom(Pattern::Is(group.clone()), ALL, net(to))));
            }
            found
        }
        "AWS::EC2::SecurityGroupIngress" => vec![inbound(&group_of(properties), properties)],
        "AWS::EC2::SecurityGroupEgress" => vec![outbound(&group_of(properties), properties)],
        _ => Vec::new(),
    }
}

fn inbound(group: &str, rule: &Value) -> Atom {
    let keys =
        ["CidrIp", "CidrIpv6", "SourcePrefixListId", "SourceSecurityGroupId", "SourceSecurityGroupName"];
    atom(peer(rule, &keys), ports(rule), Pattern::Is(group.to_owned()))
}

fn outbound(group: &str, rule: &Value) -> Atom {
    let keys = ["CidrIp", "CidrIpv6", "DestinationPrefixListId", "DestinationSecurityGroupId"];
    atom(Pattern::Is(group.to_owned()), ports(rule), peer(rule, &keys))
}

fn atom(principal: Pattern, action: Pattern, resource: Pattern) -> Atom {
    Atom { permit: Permit::Allow, principal, action, resource, conditions: Default::default() }
}

fn group_of(rule: &Value) -> String {
    let found = ["GroupId", "GroupName"].iter().find_map(|key| rule.get(*key));
    found.map(group).unwrap_or_default()
}

/// `${Group}` and `${Group.GroupId}` are the same group.
fn group(value: &Value) -> String {
    let text = shown(value);
    match inner(&text).and_then(|name| name.strip_suffix(".GroupId")) {
        Some(id) => reference(id),
        None => text,
    }
}

fn peer(rule: &Value, keys: &[&str]) -> Pattern {
    let found = keys.iter().find_map(|key| rule.get(*key));
    net(&found.map(group).unwrap_or_default())
}

/// A range of addresses, or the name of something else.
fn net(text: &str) -> Pattern {
    text.parse::<IpNet>().map_or_else(|_| Pattern::Is(text.to_owned()), |net| Pattern::Net(net.trunc()))
}

const ALL: Pattern = Pattern::Ports { protocol: None, from: 0, to: u16::MAX };

/// Ports that are not known are named as they are written, and cover no others.
fn ports(rule: &Value) -> Pattern {
    let text = |key: &str| rule.get(key).map(shown);
    let protocol = text("IpProtocol").unwrap_or_default().to_lowercase();
    if protocol == "-1" {
        return ALL;
    }
    let protocol = match protocol.as_str() {
        "6" => "tcp".to_owned(),
        "17" => "udp".to_owned(),
        _ => protocol,
    };
    let port = |key: &str, all: u16| match text(key).as_deref() {
        None | Some("-1") => Some(all),
        Some(text) => text.parse().ok(),
    };
    match (port("FromPort", 0), port("ToPort", u16::MAX)) {
        (Some(from), Some(to)) => Pattern::Ports { protocol: Some(protocol), from, to },
        _ => Pattern::Is(format!(
            "connect by {protocol} to {} to {}",
            text("FromPort").unwrap_or_default(),
            text("ToPort").unwrap_or_default()
        )),
    }
}
