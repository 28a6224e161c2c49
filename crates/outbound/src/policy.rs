//! What the operator allows beyond the public network.

use crate::address::Reach;
use url::{Host, Url};

/// What may be reached. The default is the public network over https.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Policy {
    /// Whether `localhost` and loopback addresses may be reached, also over http: for development.
    pub loopback: bool,
    /// Hosts that may be in a private network.
    pub hosts: Vec<AllowedHost>,
}

/// A host that the operator names: it may be of a private network or this machine.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AllowedHost {
    host: Host<String>,
    port: Option<u16>,
    plain: bool,
}

impl AllowedHost {
    /// Reads `host`, `host:port`, or with a scheme: `http://host:port` also allows http.
    ///
    /// # Errors
    /// What is expected instead.
    pub fn parse(text: &str) -> Result<AllowedHost, String> {
        let expected =
            || format!("{text:?}: expected a host, host:port, or http://host:port to allow it unencrypted");
        let (plain, absolute) = match text.split_once("://") {
            Some(("http", _)) => (true, text.to_owned()),
            Some(("https", _)) => (false, text.to_owned()),
            Some(_) => return Err(expected()),
            None => (false, format!("https://{text}")),
        };
        let url = Url::parse(&absolute).map_err(|_| expected())?;
        let bare = url.path() == "/"
            && url.query().is_none()
            && url.fragment().is_none()
            && url.username().is_empty()
            && url.password().is_none();
        // The parser forgets a port that is the scheme's own, so it is read from the text.
        let port = absolute.trim_end_matches('/').rsplit_once(':').and_then(|(_, port)| port.parse().ok());
        let host = url.host().filter(|_| bare).ok_or_else(expected)?.to_owned();
        Ok(AllowedHost { host, port, plain })
    }

    fn is(&self, host: &Host<&str>, port: u16) -> bool {
        let same = match (&self.host, host) {
            (Host::Domain(one), Host::Domain(other)) => {
                one.trim_end_matches('.') == other.trim_end_matches('.')
            }
            (Host::Ipv4(one), Host::Ipv4(other)) => one == other,
            (Host::Ipv6(one), Host::Ipv6(other)) => one == other,
            _ => false,
        };
        same && self.port.is_none_or(|own| own == port)
    }
}

/// What is allowed of one host.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Permission {
    /// Whether its addresses may be of this machine.
    loopback: bool,
    /// Whether its addresses may be of a private network.
    private: bool,
    /// Whether it may be asked without encryption.
    plain: Plain,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Plain {
    Never,
    OnLoopback,
    Always,
}

impl Policy {
    pub(crate) fn of(&self, host: &Host<&str>, port: u16) -> Permission {
        let mut named = self.hosts.iter().filter(|allowed| allowed.is(host, port)).peekable();
        if named.peek().is_some() {
            let plain = if named.any(|allowed| allowed.plain) { Plain::Always } else { Plain::OnLoopback };
            return Permission { loopback: true, private: true, plain };
        }
        let loopback = self.loopback && names_this_machine(host);
        let plain = if loopback { Plain::OnLoopback } else { Plain::Never };
        Permission { loopback, private: false, plain }
    }
}

/// Whether the name itself says that it is this machine: where a name merely leads is its owner's to change.
fn names_this_machine(host: &Host<&str>) -> bool {
    match host {
        Host::Domain(name) => {
            let name = name.trim_end_matches('.');
            name == "localhost" || name.ends_with(".localhost")
        }
        Host::Ipv4(address) => address.is_loopback(),
        Host::Ipv6(address) => address.is_loopback(),
    }
}

impl Permission {
    /// Whether http can be allowed at all, before any name is resolved.
    pub(crate) fn may_be_plain(self) -> bool {
        self.plain != Plain::Never
    }

    /// Whether all of the addresses may be reached: one that may not is enough to refuse.
    pub(crate) fn allows(self, reaches: &[Reach]) -> bool {
        !reaches.is_empty()
            && reaches.iter().all(|reach| match reach {
                Reach::Public => true,
                Reach::Loopback => self.loopback,
                Reach::Private => self.private,
                Reach::Never => false,
            })
    }

    /// Whether http is allowed to these addresses.
    pub(crate) fn allows_plain(self, reaches: &[Reach]) -> bool {
        match self.plain {
            Plain::Always => true,
            Plain::OnLoopback => reaches.iter().all(|reach| *reach == Reach::Loopback),
            Plain::Never => false,
        }
    }
}
