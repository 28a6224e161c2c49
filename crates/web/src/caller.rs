//! Who asks.

use serde_json::{Map, Value};
use std::sync::Arc;

/// Who asks. There is no default and no "nobody": what is not proven is [`Caller::Anonymous`], and the only way to
/// [`Caller::Service`] is a verified key ([`crate::Keys::identify`]).
#[derive(Clone, Debug, PartialEq)]
pub enum Caller {
    /// No token, the publishable key, or a token that names no role.
    Anonymous(Claims),
    /// A verified token that names a role.
    User(User),
    /// The secret key, or a verified token of the service role.
    Service(Service),
}

/// A caller with a verified token.
#[derive(Clone, Debug, PartialEq)]
pub struct User {
    claims: Claims,
}

/// A caller that proved to be the operator's own server. Its field is private: only this crate makes one.
#[derive(Clone, Debug, PartialEq)]
pub struct Service {
    claims: Claims,
}

/// The role in effect and the token's claims, as a policy reads them.
#[derive(Clone, Debug, PartialEq)]
pub struct Claims {
    role: Arc<str>,
    json: Arc<str>,
    map: Arc<Map<String, Value>>,
}

impl Claims {
    /// The claims under a role; the role is filled in as the claim `role`.
    pub(crate) fn new(role: Arc<str>, mut map: Map<String, Value>) -> Claims {
        map.insert("role".to_owned(), Value::String(role.to_string()));
        let json = Value::Object(map.clone()).to_string().into();
        Claims { role, json, map: Arc::new(map) }
    }

    /// The role in effect.
    pub fn role(&self) -> &Arc<str> {
        &self.role
    }

    /// All claims as a JSON object: the setting `request.jwt.claims`.
    pub fn json(&self) -> &Arc<str> {
        &self.json
    }

    /// One claim.
    pub fn get(&self, name: &str) -> Option<&Value> {
        self.map.get(name)
    }
}

impl Caller {
    pub(crate) fn user(claims: Claims) -> Caller {
        Caller::User(User { claims })
    }

    pub(crate) fn service(claims: Claims) -> Caller {
        Caller::Service(Service { claims })
    }

    /// The claims; an anonymous caller has one, its role.
    pub fn claims(&self) -> &Claims {
        match self {
            Caller::Anonymous(claims) => claims,
            Caller::User(user) => &user.claims,
            Caller::Service(service) => &service.claims,
        }
    }

    /// The database role to act as.
    pub fn role(&self) -> &Arc<str> {
        self.claims().role()
    }

    /// Whether nobody signed in: a refusal is then 401, not 403.
    pub fn is_anonymous(&self) -> bool {
        matches!(self, Caller::Anonymous(_))
    }

    /// A database session of this caller, with `request.jwt.claims` set.
    pub fn session(&self) -> database::Session {
        let claims = self.claims();
        database::Session::new(Arc::clone(&claims.role))
            .with_setting("request.jwt.claims", Arc::clone(&claims.json))
    }
}
