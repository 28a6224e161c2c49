//! What the roles mean for sessions: their settings, and which of them a caller may have.

use super::build::split_setting;
use super::rows;
use std::collections::{BTreeMap, BTreeSet, HashSet};
use std::sync::Arc;

/// The settings of each role that its sessions may set themselves.
pub(super) fn settings_of_roles(
    roles: &[rows::Role],
    user_settings: &[rows::Name],
) -> BTreeMap<String, Arc<[(String, String)]>> {
    let known: HashSet<&str> = user_settings.iter().map(|setting| setting.name.as_str()).collect();
    let settable = |(name, _): &(String, String)| name.contains('.') || known.contains(name.as_str());
    roles
        .iter()
        .map(|role| {
            let settings = role.settings.iter().filter_map(|entry| split_setting(entry)).filter(settable);
            (role.name.clone(), settings.collect::<Vec<_>>())
        })
        .filter(|(_, settings)| !settings.is_empty())
        .map(|(role, settings)| (role, settings.into()))
        .collect()
}

/// The role that requests log in as, on Supabase and in our clusters.
const AUTHENTICATOR: &str = "authenticator";

/// The roles that no caller may have, where we log in as somebody who may be more than callers may: all that were not granted
/// to `authenticator`; where there is no such role, superusers.
pub(super) fn closed_roles(roles: &[rows::Role], memberships: &[rows::Membership]) -> BTreeSet<String> {
    let Some(authenticator) = roles.iter().find(|role| role.name == AUTHENTICATOR) else {
        return roles.iter().filter(|role| role.superuser).map(|role| role.name.clone()).collect();
    };
    let mut open = BTreeSet::from([authenticator.oid]);
    loop {
        let granted = memberships.iter().filter(|entry| open.contains(&entry.member)).map(|entry| entry.role);
        let more: Vec<u32> = granted.filter(|role| !open.contains(role)).collect();
        if more.is_empty() {
            break;
        }
        open.extend(more);
    }
    roles.iter().filter(|role| !open.contains(&role.oid)).map(|role| role.name.clone()).collect()
}
