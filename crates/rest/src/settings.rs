//! What of the data API is set.

use catalog::Catalog;

/// How transactions end, and whether the client may choose.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub enum TransactionEndPolicy {
    /// COMMIT.
    #[default]
    Commit,
    /// COMMIT, unless the client prefers otherwise.
    CommitUnlessAsked,
    /// ROLLBACK.
    Rollback,
    /// ROLLBACK, unless the client prefers otherwise.
    RollbackUnlessAsked,
}

impl TransactionEndPolicy {
    /// Whether `Prefer: tx=…` is heard.
    pub fn client_may_choose(self) -> bool {
        matches!(self, TransactionEndPolicy::CommitUnlessAsked | TransactionEndPolicy::RollbackUnlessAsked)
    }

    /// Whether nothing stays when nobody chooses.
    pub fn rolls_back(self) -> bool {
        matches!(self, TransactionEndPolicy::Rollback | TransactionEndPolicy::RollbackUnlessAsked)
    }
}

/// What the root answers with.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub enum OpenApi {
    /// The document of what the role may do.
    #[default]
    FollowPrivileges,
    /// The document of all that there is.
    IgnorePrivileges,
    /// Nothing.
    Disabled,
}

/// What errors tell.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub enum ErrorVerbosity {
    /// Code, message, details and hint.
    #[default]
    Verbose,
    /// Code and message.
    Minimal,
}

const HOISTED: [&str; 3] =
    ["statement_timeout", "plan_filter.statement_cost_limit", "default_transaction_isolation"];

/// The settings.
#[derive(Clone, Debug, PartialEq)]
pub struct Settings {
    /// The schemas that requests may name, the default one first.
    pub schemas: Vec<String>,
    /// Schemas that are searched for functions and types after the request's.
    pub extra_search_path: Vec<String>,
    /// Rows that a read gives at most, at each level.
    pub max_rows: Option<i64>,
    /// Whether `select` may aggregate.
    pub aggregates_enabled: bool,
    /// Whether the database's plan of a request may be asked for.
    pub plan_enabled: bool,
    /// What the root answers with.
    pub openapi: OpenApi,
    /// Whether the document says that a token is wanted.
    pub openapi_security: bool,
    /// Where the API is for others, as the document says; else where the request went.
    pub openapi_server: Option<String>,
    /// Whether answers tell how long each stage took (`Server-Timing`).
    pub server_timing: bool,
    /// What errors tell.
    pub error_verbosity: ErrorVerbosity,
    /// Whether an embed with an alias answers to its target's name in filters, too, with a warning.
    pub legacy_target_names: bool,
    /// Settings of functions that must hold before their statement begins.
    pub hoisted_settings: Vec<String>,
    /// Whether `pgrst.…` settings of the role `authenticator` come before these.
    pub in_database: bool,
    /// A function that says how the API is served, as schema and name: it is called when the catalog changed, and sets `pgrst.…` in
    /// its transaction. Only with `in_database`.
    pub pre_config: Option<(String, String)>,
    /// How transactions end.
    pub transaction_end: TransactionEndPolicy,
    /// A function that runs first in each request, as schema and name.
    pub pre_request: Option<(String, String)>,
    /// Settings of every request's transaction, as `app.settings.…`.
    pub app_settings: Vec<(String, String)>,
    /// Relations, as `schema.name` or `name`, that are open although only default grants open them; `*` is all.
    pub open_tables: Vec<String>,
    /// Whether the answer is only there for relations that are open (rule 10 of the design).
    pub exposure_enforced: bool,
    /// Embedded resources in one request.
    pub embeds_max: usize,
    /// Conditions and sort keys in one request.
    pub conditions_max: usize,
    /// Requests in one batch.
    pub batch_max: usize,
}

impl Default for Settings {
    fn default() -> Settings {
        Settings {
            schemas: vec!["public".to_owned()],
            extra_search_path: vec!["public".to_owned(), "extensions".to_owned()],
            max_rows: Some(1000),
            aggregates_enabled: false,
            plan_enabled: false,
            openapi: OpenApi::default(),
            openapi_security: false,
            openapi_server: None,
            server_timing: false,
            error_verbosity: ErrorVerbosity::default(),
            legacy_target_names: true,
            hoisted_settings: HOISTED.map(str::to_owned).to_vec(),
            in_database: true,
            pre_config: None,
            transaction_end: TransactionEndPolicy::default(),
            pre_request: None,
            app_settings: Vec::new(),
            open_tables: Vec::new(),
            exposure_enforced: true,
            embeds_max: 64,
            conditions_max: 512,
            batch_max: 100,
        }
    }
}

/// The role whose settings are the API's.
pub(crate) const AUTHENTICATOR: &str = "authenticator";

/// What the database may set, by its names after `pgrst.`.
pub(crate) const IN_DATABASE: [&str; 14] = [
    "db_schemas",
    "db_extra_search_path",
    "db_max_rows",
    "db_aggregates_enabled",
    "db_plan_enabled",
    "db_pre_request",
    "db_tx_end",
    "db_hoisted_tx_settings",
    "openapi_mode",
    "openapi_security_active",
    "openapi_server_proxy_uri",
    "server_timing_enabled",
    "client_error_verbosity",
    "url_use_legacy_target_names",
];

impl Settings {
    /// Whether a setting of a function must hold before its statement begins.
    pub(crate) fn is_hoisted(&self, name: &str) -> bool {
        self.hoisted_settings.iter().any(|hoisted| hoisted == name)
    }

    /// These, and before them what the database says: what the function of `pre_config` set, ALTER DATABASE … SET, then ALTER ROLE
    /// authenticator SET, of settings that begin with `pgrst.`. What is no value of its setting is passed over.
    pub(crate) fn of_database(&self, catalog: &Catalog, configured: &[(&str, String)]) -> Settings {
        let mut settings = self.clone();
        if !self.in_database {
            return settings;
        }
        for (name, value) in configured {
            settings.set(name, value);
        }
        let role = catalog.role(AUTHENTICATOR).map_or(&[][..], |role| role.settings.as_slice());
        for (name, value) in catalog.settings.iter().chain(role) {
            if let Some(name) = name.strip_prefix("pgrst.") {
                settings.set(name, value);
            }
        }
        settings
    }

    fn set(&mut self, name: &str, value: &str) {
        match name {
            "db_schemas" => {
                let schemas = list(value);
                if !schemas.is_empty() && !schemas.iter().any(|schema| is_system_schema(schema)) {
                    self.schemas = schemas;
                }
            }
            "db_extra_search_path" => self.extra_search_path = list(value),
            "db_max_rows" => self.max_rows = value.parse().ok().filter(|rows| *rows >= 0).or(self.max_rows),
            "db_aggregates_enabled" => put(&mut self.aggregates_enabled, truth(value)),
            "db_plan_enabled" => put(&mut self.plan_enabled, truth(value)),
            "db_pre_request" => self.pre_request = function_name(value),
            "db_tx_end" => put(&mut self.transaction_end, TransactionEndPolicy::of(value)),
            "db_hoisted_tx_settings" => self.hoisted_settings = list(value),
            "openapi_mode" => put(&mut self.openapi, OpenApi::of(value)),
            "openapi_security_active" => put(&mut self.openapi_security, truth(value)),
            "openapi_server_proxy_uri" => self.openapi_server = Some(value.to_owned()),
            "server_timing_enabled" => put(&mut self.server_timing, truth(value)),
            "client_error_verbosity" => put(&mut self.error_verbosity, ErrorVerbosity::of(value)),
            "url_use_legacy_target_names" => put(&mut self.legacy_target_names, truth(value)),
            _ if name.starts_with("app.settings.") => {
                self.app_settings.push((name.to_owned(), value.to_owned()));
            }
            _ => {}
        }
    }
}

/// Whether a schema is a system's own and can be served to nobody.
pub fn is_system_schema(name: &str) -> bool {
    name == "bedplate" || name == "information_schema" || name.starts_with("pg_")
}

fn put<T>(slot: &mut T, value: Option<T>) {
    if let Some(value) = value {
        *slot = value;
    }
}

fn truth(text: &str) -> Option<bool> {
    match text.to_ascii_lowercase().as_str() {
        "true" | "on" | "yes" | "1" => Some(true),
        "false" | "off" | "no" | "0" => Some(false),
        _ => None,
    }
}

fn list(text: &str) -> Vec<String> {
    text.split(',')
        .map(|part| part.trim().trim_matches('"').to_owned())
        .filter(|part| !part.is_empty())
        .collect()
}

/// `schema.name`; without a schema it is one of `public`.
pub fn function_name(text: &str) -> Option<(String, String)> {
    let plain = |part: &str| part.trim().trim_matches('"').to_owned();
    match text.split_once('.') {
        _ if text.trim().is_empty() => None,
        Some((schema, name)) => Some((plain(schema), plain(name))),
        None => Some(("public".to_owned(), plain(text))),
    }
}

impl TransactionEndPolicy {
    /// By its name.
    pub fn of(name: &str) -> Option<TransactionEndPolicy> {
        match name {
            "commit" => Some(TransactionEndPolicy::Commit),
            "commit-allow-override" => Some(TransactionEndPolicy::CommitUnlessAsked),
            "rollback" => Some(TransactionEndPolicy::Rollback),
            "rollback-allow-override" => Some(TransactionEndPolicy::RollbackUnlessAsked),
            _ => None,
        }
    }
}

impl OpenApi {
    /// By its name.
    pub fn of(name: &str) -> Option<OpenApi> {
        match name {
            "follow-privileges" => Some(OpenApi::FollowPrivileges),
            "ignore-privileges" => Some(OpenApi::IgnorePrivileges),
            "disabled" => Some(OpenApi::Disabled),
            _ => None,
        }
    }
}

impl ErrorVerbosity {
    /// By its name.
    pub fn of(name: &str) -> Option<ErrorVerbosity> {
        match name.to_ascii_lowercase().as_str() {
            "verbose" => Some(ErrorVerbosity::Verbose),
            "minimal" => Some(ErrorVerbosity::Minimal),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use catalog::Role;

    fn with_settings(settings: &[(&str, &str)]) -> Catalog {
        let mut catalog = Catalog::new();
        catalog.put_role(Role {
            oid: 20_000,
            name: AUTHENTICATOR.to_owned(),
            superuser: false,
            bypass_rls: false,
            inherit: false,
            login: true,
            create_role: false,
            create_db: false,
            settings: settings.iter().map(|(name, value)| ((*name).into(), (*value).into())).collect(),
            comment: None,
        });
        catalog
    }

    #[test]
    fn a_role_s_settings_come_before_a_function_s() {
        let catalog = with_settings(&[("pgrst.db_max_rows", "7")]);
        let configured = [("db_max_rows", "3".to_owned()), ("db_plan_enabled", "true".to_owned())];
        let settings = Settings::default().of_database(&catalog, &configured);
        assert_eq!((settings.max_rows, settings.plan_enabled), (Some(7), true));
    }

    #[test]
    fn every_name_of_the_list_is_a_setting() {
        for name in IN_DATABASE {
            let values = ["true", "rollback", "disabled", "minimal", "5", "a.b"];
            let changes = |value: &&str| {
                let mut settings = Settings { legacy_target_names: false, ..Settings::default() };
                settings.set(name, value);
                settings != Settings { legacy_target_names: false, ..Settings::default() }
            };
            assert!(values.iter().any(changes), "{name}");
        }
    }

    #[test]
    fn the_database_may_say_otherwise() {
        let catalog = with_settings(&[
            ("pgrst.db_plan_enabled", "true"),
            ("pgrst.db_tx_end", "commit-allow-override"),
            ("pgrst.db_max_rows", "many"),
            ("pgrst.db_schemas", "api, \"A b\""),
            ("pgrst.db_pre_request", "api.check"),
            ("pgrst.app.settings.color", "red"),
            ("statement_timeout", "1s"),
        ]);
        let own = Settings::default();
        let settings = own.of_database(&catalog, &[]);
        let expected = Settings {
            plan_enabled: true,
            transaction_end: TransactionEndPolicy::CommitUnlessAsked,
            schemas: vec!["api".into(), "A b".into()],
            pre_request: Some(("api".into(), "check".into())),
            app_settings: vec![("app.settings.color".into(), "red".into())],
            ..own.clone()
        };
        assert_eq!(settings, expected);
        assert_eq!(own.of_database(&with_settings(&[("pgrst.db_schemas", "public, bedplate")]), &[]), own);
        let closed = Settings { in_database: false, ..own };
        assert_eq!(closed.of_database(&catalog, &[]), closed);
    }
}
