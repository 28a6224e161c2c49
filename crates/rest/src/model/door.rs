//! What of the catalog is open to a role (rule 10): tables that nobody opened are not there for anybody.

use super::{Model, Relationship, Table};
use crate::model::Cardinality;
use catalog::Oid;
use catalog::exposure::{Exposure, relation_exposure};
use std::collections::HashSet;
use std::sync::{Arc, PoisonError};

/// The view of one role.
#[derive(Clone, Debug)]
pub(crate) struct Door {
    hidden: Arc<HashSet<Oid>>,
    /// Whether anything can be hidden at all: then what is absent is told in the same words.
    pub(crate) hides: bool,
}

impl Door {
    /// Whether a relation is there. Whether the role may do anything with it is the database's to say.
    pub(crate) fn shows(&self, table: &Table) -> bool {
        !self.hidden.contains(&table.oid)
    }

    /// Whether all that a relationship goes through is there.
    pub(crate) fn shows_all_of(&self, relationship: &Relationship) -> bool {
        let via = match &relationship.cardinality {
            Cardinality::ManyToMany(junction) => self.shows(&junction.table),
            _ => true,
        };
        via && self.shows(&relationship.target)
    }
}

impl Model {
    /// What the role sees; found out once for each state of the catalog.
    pub(crate) fn door(&self, role: &Arc<str>) -> Door {
        let settings = &self.settings;
        if !settings.exposure_enforced {
            return Door { hidden: Arc::default(), hides: false };
        }
        let mut known = self.hidden.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(hidden) = known.get(role) {
            return Door { hidden: Arc::clone(hidden), hides: true };
        }
        let hidden = Arc::new(self.hidden_from(role, &settings.open_tables));
        // Only roles that there are: a token may name any number of others.
        if self.catalog.role(role).is_some() {
            known.insert(Arc::clone(role), Arc::clone(&hidden));
        }
        Door { hidden, hides: true }
    }

    fn hidden_from(&self, role: &str, open_tables: &[String]) -> HashSet<Oid> {
        let role = self.catalog.role(role).map_or(0, |role| role.oid);
        let hidden = self.catalog.relations.values().filter(|relation| {
            match relation_exposure(&self.catalog, role, relation, open_tables) {
                Exposure::NotOpened | Exposure::NotOffered => true,
                Exposure::Shown | Exposure::NotGranted => false,
            }
        });
        hidden.map(|relation| relation.oid).collect()
    }
}
