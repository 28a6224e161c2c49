//! How often, as the configuration wants it, and where it is counted.

use crate::configuration::Settings;
use crate::keys::ProjectKeys;
use auth::rates::RateSettings;
use database::{Database, Engine, Session, SystemPrivilege};
use limits::{InMemory, Limiter, Shared};
use std::sync::Arc;

/// The embedded engine has one process, which can count for itself. PostgreSQL may have many nodes.
pub(super) fn limiter(database: &Arc<dyn Database>, keys: &ProjectKeys) -> Arc<dyn Limiter> {
    match database.engine() {
        Engine::Embedded => Arc::new(InMemory::default()),
        Engine::Postgres => {
            let session = Session::feature(SystemPrivilege::i_am_the_operator(), "supabase_auth_admin");
            let secret = keys.derived("keys of rate limits");
            Arc::new(Shared::new(Arc::clone(database), session, &secret))
        }
    }
}

/// How often.
pub(super) fn settings(settings: &Settings) -> RateSettings {
    RateSettings {
        // With --dev mail is caught, and an app's own tests come from this machine; the Supabase CLI counts neither.
        email_sent: (!settings.dev).then_some(settings.auth_rate_limit_email_sent),
        anonymous_users: settings.auth_rate_limit_anonymous_users,
        token_refresh: settings.auth_rate_limit_token_refresh,
        sign_in_sign_ups: settings.auth_rate_limit_sign_in_sign_ups,
        token_verifications: settings.auth_rate_limit_token_verifications,
        count_loopback: !settings.dev,
    }
}
