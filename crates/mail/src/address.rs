//! Mail addresses.

use crate::InvalidMessage;
use serde::{Deserialize, Serialize};
use std::fmt;

/// The longest address that SMTP can carry (RFC 5321, 4.5.3.1, with the brackets of a path taken off).
const LONGEST: usize = 254;
/// The longest part before the @ (RFC 5321, 4.5.3.1.1).
const LONGEST_LOCAL: usize = 64;

/// A mail address: what HTML's `<input type=email>` takes (and so GoTrue), in ASCII. Internationalised domains are given in
/// their `xn--` form.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Address(String);

impl Address {
    /// The address that the text is; `None` when it is none.
    pub fn parse(text: &str) -> Option<Address> {
        let (local, domain) = text.split_once('@')?;
        let local_is = !local.is_empty()
            && local.len() <= LONGEST_LOCAL
            && local.bytes().all(|b| b.is_ascii_alphanumeric() || b".!#$%&'*+/=?^_`{|}~-".contains(&b));
        let domain_is = domain.split('.').all(|label| {
            (1..=63).contains(&label.len())
                && label.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-')
                && !label.starts_with('-')
                && !label.ends_with('-')
        });
        (text.len() <= LONGEST && local_is && domain_is).then(|| Address(text.to_owned()))
    }

    /// Its text.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// What stands behind the @.
    pub fn domain(&self) -> &str {
        self.0.rsplit_once('@').map_or("", |(_, domain)| domain)
    }
}

impl fmt::Display for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl TryFrom<String> for Address {
    type Error = InvalidMessage;

    fn try_from(text: String) -> Result<Address, InvalidMessage> {
        Address::parse(&text).ok_or(InvalidMessage("an address is none"))
    }
}

impl From<Address> for String {
    fn from(address: Address) -> String {
        address.0
    }
}

/// An address with the name of whose it is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Mailbox {
    /// The name that is shown; none is fine.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// The address.
    pub address: Address,
}

impl Mailbox {
    /// An address without a name.
    pub fn new(address: Address) -> Mailbox {
        Mailbox { name: None, address }
    }

    /// The same with a name; an empty one is none.
    pub fn named(address: Address, name: &str) -> Mailbox {
        Mailbox { name: Some(name.trim().to_owned()).filter(|name| !name.is_empty()), address }
    }
}

impl fmt::Display for Mailbox {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.name {
            Some(name) => write!(f, "{name} <{}>", self.address),
            None => self.address.fmt(f),
        }
    }
}
