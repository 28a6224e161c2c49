//! Every setting, declared once: its key, type, default and meaning. The reader of `config.toml`, the environment's names,
//! the help, the reference page and the warnings are made from this table.

use super::value::{
    EngineChoice, ErrorVerbosity, LogFormat, OpenApiMode, PasswordRequirements, RoleClaim, Secret,
    SettingValue, Size, SmtpTls, Span, TransactionEnd,
};
use std::net::SocketAddr;
use std::path::PathBuf;
use std::time::Duration;

/// Where a setting may be given.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Source {
    /// `config.toml` and the environment (and its flag, where it has one).
    FileAndEnvironment,
    /// The environment only.
    EnvironmentOnly,
}

/// What the table knows of a setting.
#[derive(Clone, Debug)]
pub struct Description {
    /// Its key in `config.toml`.
    pub key: &'static str,
    /// What it may hold.
    pub kind: &'static str,
    /// Whether it is a secret.
    pub secret: bool,
    /// Its default, as the reference shows it.
    pub default: String,
    /// Its flag of `bedplate serve`.
    pub flag: Option<&'static str>,
    /// Where it may be given.
    pub source: Source,
    /// What it means.
    pub documentation: String,
}

impl Description {
    /// The name of its environment variable: the key in capitals after `BEDPLATE_`; `bedplate.` is not said twice.
    pub fn environment(&self) -> String {
        environment_name(self.key)
    }
}

/// The environment variable of a key.
pub fn environment_name(key: &str) -> String {
    let key = key.strip_prefix("bedplate.").unwrap_or(key);
    format!("BEDPLATE_{}", key.replace('.', "_").to_ascii_uppercase())
}

/// What reads one setting: a given value is parsed and put into its field.
pub(super) enum Given<'a> {
    Text(&'a str),
    Toml(&'a toml::Value),
}

macro_rules! settings {
    ($($(#[doc = $doc:literal])+ $key:literal $field:ident: $type:ty = $default:expr $(, flag $flag:literal)? $(; only $source:ident)?;)+) => {
        /// The settings in effect.
        #[derive(Clone, Debug, PartialEq)]
        pub struct Settings {
            $($(#[doc = $doc])+ pub $field: $type,)+
            /// Sign-in with providers, by their names.
            pub auth_external: super::External,
        }

        impl Default for Settings {
            fn default() -> Settings {
                Settings { $($field: $default,)+ auth_external: super::External::new() }
            }
        }

        impl Settings {
            /// Reads the setting of this key; `None` when there is none.
            pub(super) fn put(&mut self, key: &str, given: &Given<'_>) -> Option<Result<(), String>> {
                match key {
                    $($key => Some(match given {
                        Given::Text(text) => <$type>::from_text(text),
                        Given::Toml(value) => <$type>::from_toml(value),
                    }.map(|value| self.$field = value)),)+
                    _ => None,
                }
            }

            /// The setting of this key as the reference would show it.
            pub fn show(&self, key: &str) -> Option<String> {
                match key {
                    $($key => Some(self.$field.show()),)+
                    _ => None,
                }
            }
        }

        /// The table, in the order of the reference.
        pub fn descriptions() -> Vec<Description> {
            let defaults = Settings::default();
            vec![$(Description {
                key: $key,
                kind: <$type>::KIND.trim_end(),
                secret: <$type>::SECRET,
                default: defaults.$field.show(),
                flag: settings!(@flag $($flag)?),
                source: settings!(@source $($source)?),
                documentation: [$($doc.trim()),+].join(" "),
            },)+]
        }
    };
    (@flag) => { None };
    (@flag $flag:literal) => { Some($flag) };
    (@source) => { Source::FileAndEnvironment };
    (@source environment) => { Source::EnvironmentOnly };
}

fn texts(items: &[&str]) -> Vec<String> {
    items.iter().map(|&item| item.to_owned()).collect()
}

settings! {
    /// Whether the data API is served at `/rest/v1`.
    "api.enabled" api_enabled: bool = true;
    /// The port, unless `bedplate.listen` or `--listen` says more.
    "api.port" api_port: u16 = 54321;
    /// Where the API is for others, when it is not where it listens (`https://api.example.com`): links in mails and tokens begin with it. A request's `Host` never changes it.
    "api.external_url" api_external_url: Option<String> = None;
    /// The schemas that the data API serves; the first is the default. Bedplate's own and PostgreSQL's system schemas are refused.
    "api.schemas" api_schemas: Vec<String> = texts(&["public", "graphql_public"]);
    /// Schemas that every request's search path has besides the one it asks for.
    "api.extra_search_path" api_extra_search_path: Vec<String> = texts(&["public", "extensions"]);
    /// The most rows that a read or a function call returns; 0 is no limit.
    "api.max_rows" api_max_rows: u32 = 1000;
    /// Tables that are served although their row security is off and nobody granted them explicitly (`"notes"` or `"schema.notes"`; `"*"` for all, the old way of Supabase projects).
    "api.open_tables" api_open_tables: Vec<String> = Vec::new();
    /// Whether `select` may hold aggregate functions.
    "api.aggregates_enabled" api_aggregates_enabled: bool = false;
    /// How a request's transaction ends, and whether `Prefer: tx=…` may change it.
    "api.tx_end" api_tx_end: TransactionEnd = TransactionEnd::Commit;
    /// Whether the database's plan of a request may be asked for by `Accept: application/vnd.pgrst.plan`.
    "api.plan_enabled" api_plan_enabled: bool = false;
    /// A function, `schema.name`, that runs first in each request's transaction and may refuse it.
    "api.pre_request" api_pre_request: Option<String> = None;
    /// Settings of each request's transaction, `NAME=value`, that SQL reads as `current_setting('app.settings.NAME')`.
    "api.app_settings" api_app_settings: Vec<String> = Vec::new();
    /// Settings of functions that must hold before the function's statement begins.
    "api.hoisted_settings" api_hoisted_settings: Vec<String> = texts(&["statement_timeout", "plan_filter.statement_cost_limit", "default_transaction_isolation"]);
    /// What `/rest/v1/` answers with: the OpenAPI document of what the role may do, of all that there is, or nothing.
    "api.openapi_mode" api_openapi_mode: OpenApiMode = OpenApiMode::FollowPrivileges;
    /// Whether the OpenAPI document says that a token goes with requests.
    "api.openapi_security" api_openapi_security: bool = false;
    /// Where the data API is for others, as the OpenAPI document says (`https://api.example.com/rest/v1`). Not set: where the request went.
    "api.openapi_server" api_openapi_server: Option<String> = None;
    /// Whether the data API tells in `Server-Timing` how long each stage of a request took.
    "api.server_timing" api_server_timing: bool = false;
    /// What the data API's errors tell: code, message, details and hint, or the first two only.
    "api.error_verbosity" api_error_verbosity: ErrorVerbosity = ErrorVerbosity::Verbose;
    /// Whether an embedded resource with an alias answers to its relation's name in filters and orders, too (with a `Warning`).
    "api.legacy_target_names" api_legacy_target_names: bool = true;
    /// Whether `ALTER ROLE authenticator SET pgrst.…` (and `ALTER DATABASE … SET pgrst.…`) comes before these settings: `db_schemas`, `db_extra_search_path`, `db_max_rows`, `db_aggregates_enabled`, `db_plan_enabled`, `db_pre_request`, `db_tx_end`, `db_hoisted_tx_settings`, `openapi_mode`, `openapi_security_active`, `openapi_server_proxy_uri`, `server_timing_enabled`, `client_error_verbosity`, `url_use_legacy_target_names`, `app.settings.…`. It holds at once.
    "api.database_config" api_database_config: bool = true;
    /// A function, `schema.name`, that is called as `authenticator` whenever the database's definitions changed, and says by `set_config('pgrst.…', …, true)` how the data API is served: the same settings, before those of `ALTER ROLE authenticator SET pgrst.…`.
    "api.pre_config" api_pre_config: Option<String> = None;
    /// Whom tokens must be meant for: a token that names an audience (`aud`, a text or a list of them) is refused unless this one is among them. Tokens of the accounts say `authenticated`. Not set: any.
    "api.jwt_aud" api_jwt_aud: Option<String> = None;
    /// Where a token's role stands, as a path of JSONPath: `$.name`, `["name"]`, `[0]`, `[*]`, and among the members of an array `[?@ == "text"]`, `[?@ != "text"]` or `[?search(@, "^text")]`; the first value found is the role. PostgREST's older form is read, too. It counts for every token, the keys `anon` and `service_role` in the old form among them.
    "api.jwt_role_claim_key" api_jwt_role_claim_key: RoleClaim = RoleClaim::default();
    /// Origins whose pages may read answers; `"*"` is any (no cookies are used, so a page needs a key or token of its own).
    "api.cors_origins" api_cors_origins: Vec<String> = texts(&["*"]);

    /// Whether pending migrations are applied when serving starts.
    "db.migrations.enabled" migrations_enabled: bool = true;
    /// Whether a new database is seeded after its migrations.
    "db.seed.enabled" seed_enabled: bool = true;
    /// The seed files in their order, relative to the folder of `config.toml`; `*` stands for any part of a file's name.
    "db.seed.sql_paths" seed_sql_paths: Vec<String> = texts(&["./seed.sql"]);

    /// Whether accounts are served at `/auth/v1`.
    "auth.enabled" auth_enabled: bool = true;
    /// Where the app is: browsers return to it, and it is the default of every redirect.
    "auth.site_url" auth_site_url: String = "http://127.0.0.1:3000".into();
    /// Further places to which a browser may be sent. `*` stands for anything but `.` and `/`, `**` for anything.
    "auth.additional_redirect_urls" auth_additional_redirect_urls: Vec<String> = Vec::new();
    /// Whether new users are accepted.
    "auth.enable_signup" auth_enable_signup: bool = true;
    /// Whether anonymous users are accepted.
    "auth.enable_anonymous_sign_ins" auth_enable_anonymous_sign_ins: bool = false;
    /// Whether a user may link further identities by hand.
    "auth.enable_manual_linking" auth_enable_manual_linking: bool = false;
    /// Whether a refresh token that is shown a second time ends the tokens of its session.
    "auth.enable_refresh_token_rotation" auth_enable_refresh_token_rotation: bool = true;
    /// For how many seconds a used refresh token may be shown again.
    "auth.refresh_token_reuse_interval" auth_refresh_token_reuse_interval: u32 = 10;
    /// How many bytes a new password must have at least; less than 6 counts as 6.
    "auth.minimum_password_length" auth_minimum_password_length: u32 = 6;
    /// What a new password must contain: nothing, `letters_digits`, `lower_upper_letters_digits`, `lower_upper_letters_digits_symbols`, or sets of characters separated by `:`.
    "auth.password_requirements" auth_password_requirements: PasswordRequirements = PasswordRequirements::default();
    /// How many mails are sent in an hour, all together. Mail that is caught instead of sent is not counted.
    "auth.rate_limit.email_sent" auth_rate_limit_email_sent: u32 = 30;
    /// How many anonymous users an address may make in an hour.
    "auth.rate_limit.anonymous_users" auth_rate_limit_anonymous_users: u32 = 30;
    /// How many tokens an address may have in five minutes, whatever the proof.
    "auth.rate_limit.token_refresh" auth_rate_limit_token_refresh: u32 = 150;
    /// How many sign-ups, mailed codes and changes of a user an address may ask for in five minutes, each; and how often it may be tried to sign in to one account by password.
    "auth.rate_limit.sign_in_sign_ups" auth_rate_limit_sign_in_sign_ups: u32 = 30;
    /// How many codes and links an address may have verified in five minutes.
    "auth.rate_limit.token_verifications" auth_rate_limit_token_verifications: u32 = 30;
    /// Whether one may sign up and in by e-mail.
    "auth.email.enable_signup" auth_email_enable_signup: bool = true;
    /// Whether an address must be confirmed before its user may sign in. Not set: yes, but with `--dev` no, as the Supabase CLI does locally.
    "auth.email.enable_confirmations" auth_email_enable_confirmations: Option<bool> = None;
    /// Whether the present and the new address must both confirm a change.
    "auth.email.double_confirm_changes" auth_email_double_confirm_changes: bool = true;
    /// Whether a new password needs a sign-in of the last 24 hours or a mailed code.
    "auth.email.secure_password_change" auth_email_secure_password_change: bool = false;
    /// Whether a new password needs the present one.
    "auth.email.require_current_password" auth_email_require_current_password: bool = false;
    /// The least time between two mails to one user.
    "auth.email.max_frequency" auth_email_max_frequency: Span = Span(Duration::from_secs(60));
    /// How many digits a mailed code has, 6 to 10.
    "auth.email.otp_length" auth_email_otp_length: u32 = 6;
    /// For how many seconds mailed codes and links are valid.
    "auth.email.otp_expiry" auth_email_otp_expiry: u32 = 3600;
    /// Whether mail is sent by SMTP. Without it, and with `--dev`, mail is caught and shown at `/_bedplate/inbox`.
    "auth.email.smtp.enabled" smtp_enabled: bool = false;
    /// The mail server's name or address.
    "auth.email.smtp.host" smtp_host: Option<String> = None;
    /// The mail server's port: 587 or 25 with STARTTLS, 465 with TLS from the start.
    "auth.email.smtp.port" smtp_port: u16 = 587;
    /// The user to sign in as; not set is no sign-in.
    "auth.email.smtp.user" smtp_user: Option<String> = None;
    /// The password to sign in with.
    "auth.email.smtp.pass" smtp_pass: Option<Secret> = None;
    /// The address that mail comes from.
    "auth.email.smtp.admin_email" smtp_admin_email: String = "no-reply@localhost".into();
    /// The name that mail comes from.
    "auth.email.smtp.sender_name" smtp_sender_name: Option<String> = None;
    /// How the connection is protected. `auto` is `implicit` on port 465, `none` on this machine, else `starttls`. A password is never sent to another machine without TLS.
    "auth.email.smtp.tls" smtp_tls: SmtpTls = SmtpTls::Auto;
    /// A file of certificates (PEM) of authorities to trust besides the system's.
    "auth.email.smtp.ca_path" smtp_ca_path: Option<PathBuf> = None;
    /// The subject of the mail that confirms a sign-up, a template. Not set: ours.
    "auth.email.template.confirmation.subject" letter_confirmation_subject: Option<String> = None;
    /// The file with the HTML of the mail that confirms a sign-up, a template; relative to the project's folder, or to that of `config.toml`. Not set: ours.
    "auth.email.template.confirmation.content_path" letter_confirmation_content: Option<PathBuf> = None;
    /// The subject of an invitation, a template. Not set: ours.
    "auth.email.template.invite.subject" letter_invite_subject: Option<String> = None;
    /// The file with the HTML of an invitation, a template; relative to the project's folder, or to that of `config.toml`. Not set: ours.
    "auth.email.template.invite.content_path" letter_invite_content: Option<PathBuf> = None;
    /// The subject of the mail of a forgotten password, a template. Not set: ours.
    "auth.email.template.recovery.subject" letter_recovery_subject: Option<String> = None;
    /// The file with the HTML of the mail of a forgotten password, a template; relative to the project's folder, or to that of `config.toml`. Not set: ours.
    "auth.email.template.recovery.content_path" letter_recovery_content: Option<PathBuf> = None;
    /// The subject of the mail that signs in, a template. Not set: ours.
    "auth.email.template.magic_link.subject" letter_magic_link_subject: Option<String> = None;
    /// The file with the HTML of the mail that signs in, a template; relative to the project's folder, or to that of `config.toml`. Not set: ours.
    "auth.email.template.magic_link.content_path" letter_magic_link_content: Option<PathBuf> = None;
    /// The subject of the mail that confirms a change of address, a template. Not set: ours.
    "auth.email.template.email_change.subject" letter_email_change_subject: Option<String> = None;
    /// The file with the HTML of the mail that confirms a change of address, a template; relative to the project's folder, or to that of `config.toml`. Not set: ours.
    "auth.email.template.email_change.content_path" letter_email_change_content: Option<PathBuf> = None;
    /// The subject of the mail with a code before something sensitive, a template. Not set: ours.
    "auth.email.template.reauthentication.subject" letter_reauthentication_subject: Option<String> = None;
    /// The file with the HTML of the mail with a code before something sensitive, a template; relative to the project's folder, or to that of `config.toml`. Not set: ours.
    "auth.email.template.reauthentication.content_path" letter_reauthentication_content: Option<PathBuf> = None;
    /// Whether a mail says that a password was changed.
    "auth.email.notification.password_changed.enabled" letter_password_changed_enabled: bool = false;
    /// Its subject, a template. Not set: ours.
    "auth.email.notification.password_changed.subject" letter_password_changed_subject: Option<String> = None;
    /// The file with its HTML, a template; relative to the project's folder, or to that of `config.toml`. Not set: ours.
    "auth.email.notification.password_changed.content_path" letter_password_changed_content: Option<PathBuf> = None;
    /// Whether a mail says that an address was changed (to the old one).
    "auth.email.notification.email_changed.enabled" letter_email_changed_enabled: bool = false;
    /// Its subject, a template. Not set: ours.
    "auth.email.notification.email_changed.subject" letter_email_changed_subject: Option<String> = None;
    /// The file with its HTML, a template; relative to the project's folder, or to that of `config.toml`. Not set: ours.
    "auth.email.notification.email_changed.content_path" letter_email_changed_content: Option<PathBuf> = None;
    /// Whether a mail says that a phone number was changed.
    "auth.email.notification.phone_changed.enabled" letter_phone_changed_enabled: bool = false;
    /// Its subject, a template. Not set: ours.
    "auth.email.notification.phone_changed.subject" letter_phone_changed_subject: Option<String> = None;
    /// The file with its HTML, a template; relative to the project's folder, or to that of `config.toml`. Not set: ours.
    "auth.email.notification.phone_changed.content_path" letter_phone_changed_content: Option<PathBuf> = None;
    /// Whether a mail says that a way to sign in was added.
    "auth.email.notification.identity_linked.enabled" letter_identity_linked_enabled: bool = false;
    /// Its subject, a template. Not set: ours.
    "auth.email.notification.identity_linked.subject" letter_identity_linked_subject: Option<String> = None;
    /// The file with its HTML, a template; relative to the project's folder, or to that of `config.toml`. Not set: ours.
    "auth.email.notification.identity_linked.content_path" letter_identity_linked_content: Option<PathBuf> = None;
    /// Whether a mail says that a way to sign in was removed.
    "auth.email.notification.identity_unlinked.enabled" letter_identity_unlinked_enabled: bool = false;
    /// Its subject, a template. Not set: ours.
    "auth.email.notification.identity_unlinked.subject" letter_identity_unlinked_subject: Option<String> = None;
    /// The file with its HTML, a template; relative to the project's folder, or to that of `config.toml`. Not set: ours.
    "auth.email.notification.identity_unlinked.content_path" letter_identity_unlinked_content: Option<PathBuf> = None;
    /// Whether a mail says that a second factor was added.
    "auth.email.notification.mfa_factor_enrolled.enabled" letter_mfa_factor_enrolled_enabled: bool = false;
    /// Its subject, a template. Not set: ours.
    "auth.email.notification.mfa_factor_enrolled.subject" letter_mfa_factor_enrolled_subject: Option<String> = None;
    /// The file with its HTML, a template; relative to the project's folder, or to that of `config.toml`. Not set: ours.
    "auth.email.notification.mfa_factor_enrolled.content_path" letter_mfa_factor_enrolled_content: Option<PathBuf> = None;
    /// Whether a mail says that a second factor was removed.
    "auth.email.notification.mfa_factor_unenrolled.enabled" letter_mfa_factor_unenrolled_enabled: bool = false;
    /// Its subject, a template. Not set: ours.
    "auth.email.notification.mfa_factor_unenrolled.subject" letter_mfa_factor_unenrolled_subject: Option<String> = None;
    /// The file with its HTML, a template; relative to the project's folder, or to that of `config.toml`. Not set: ours.
    "auth.email.notification.mfa_factor_unenrolled.content_path" letter_mfa_factor_unenrolled_content: Option<PathBuf> = None;
    /// How long a session lasts at most.
    "auth.sessions.timebox" auth_sessions_timebox: Option<Span> = None;
    /// How long a session lasts without being renewed.
    "auth.sessions.inactivity_timeout" auth_sessions_inactivity_timeout: Option<Span> = None;
    /// Whether a user has one session only: the one that was renewed last.
    "auth.sessions.single_per_user" auth_sessions_single_per_user: bool = false;
    /// How long an access token is valid, in seconds.
    "auth.jwt_expiry" jwt_expiry: u32 = 3600;
    /// The issuer (`iss`) of tokens; not set is the external URL of the API with `/auth/v1`.
    "auth.jwt_issuer" jwt_issuer: Option<String> = None;
    /// Signs and checks tokens (HS256), at least 32 bytes. Not set: made at the first start and kept sealed.
    "auth.jwt_secret" jwt_secret: Option<Secret> = None;
    /// Whether tokens signed with the secret are accepted. Off, only the signing keys count: the keys `anon` and `service_role` in the old form are refused.
    "auth.jwt_secret_accepted" jwt_secret_accepted: bool = true;
    /// The file of the signing keys, relative to the folder of `config.toml`: a JSON array of private JWKs, as `supabase gen signing-key` writes it. The first whose `key_ops` has `sign` signs, the others are accepted. A secret (`oct`, HS256, with a `kid`) may be among them; it is not published. Not set: an ES256 key is made at the first start and kept sealed; `bedplate keys rotate` replaces it.
    "auth.signing_keys_path" signing_keys_path: Option<PathBuf> = None;
    /// The anonymous key in the old form (a JWT). Not set: signed with the secret.
    "auth.anon_key" anon_key: Option<Secret> = None;
    /// The service key in the old form (a JWT). Not set: signed with the secret.
    "auth.service_role_key" service_role_key: Option<Secret> = None;
    /// The publishable key (`sb_publishable_…`). Not set: made at the first start.
    "auth.publishable_key" publishable_key: Option<Secret> = None;
    /// The secret key (`sb_secret_…`). Not set: made at the first start and kept sealed.
    "auth.secret_key" secret_key: Option<Secret> = None;

    /// What keeps the data: the embedded engine, or a private PostgreSQL cluster under the data folder.
    "bedplate.engine" engine: EngineChoice = EngineChoice::Sqlite, flag "--engine";
    /// The URL of a PostgreSQL to use instead of a database of our own. With a password it belongs in the environment, never on the command line.
    "bedplate.database" database: Option<Secret> = None, flag "--database";
    /// The folder of PostgreSQL's programs (`initdb`, `postgres`), when they are neither on the path nor in the usual places.
    "bedplate.pg_bin" pg_bin: Option<PathBuf> = None;
    /// Address and port to listen on. `127.0.0.1` and `localhost` also listen on `::1` where the machine has it. Not set: `127.0.0.1` with `api.port`.
    "bedplate.listen" listen: Option<SocketAddr> = None, flag "--listen";
    /// The data folder. Not set: `.bedplate` in the project's folder.
    "bedplate.data" data: Option<PathBuf> = None, flag "--data";
    /// Development: the Supabase CLI's well-known local keys when listening on loopback, and the page at `/` shows the keys to callers on this machine.
    "bedplate.dev" dev: bool = false, flag "--dev";
    /// Keeps nothing: a fresh database that ends with the process.
    "bedplate.ephemeral" ephemeral: bool = false, flag "--ephemeral";
    /// How the log is written: a readable line or a JSON object for each event.
    "bedplate.log" log: LogFormat = LogFormat::Text, flag "--log";
    /// Address and port of `/metrics` (Prometheus' text form). Not set: no metrics are served.
    "bedplate.metrics" metrics: Option<SocketAddr> = None, flag "--metrics";
    /// The largest request body.
    "bedplate.body_limit" body_limit: Size = Size(16 << 20);
    /// How long a request may take, its body included, before it is answered with 504.
    "bedplate.request_timeout" request_timeout: Span = Span(Duration::from_secs(60));
    /// How long running requests may take to end once the server was told to stop.
    "bedplate.shutdown_timeout" shutdown_timeout: Span = Span(Duration::from_secs(10));
    /// Hosts of private networks that may be asked: where a provider of identities is at home there. `host`, `host:port`, or `http://host:port` to allow it unencrypted too. Not listed, no private address is reached; with `--dev` this machine is.
    "bedplate.outgoing_hosts" outgoing_hosts: Vec<String> = Vec::new();
    /// Whether new passwords that everybody tries first are refused. Not set: yes, but with `--dev` no, as the Supabase CLI does locally.
    "bedplate.password_block_list" password_block_list: Option<bool> = None;
    /// A file with further passwords that are refused, one a line.
    "bedplate.password_block_file" password_block_file: Option<PathBuf> = None;
    /// How much memory the hash of a password takes (Argon2id).
    "bedplate.password_hash_memory" password_hash_memory: Size = Size(19 << 20);
    /// How many passes over that memory the hash of a password takes.
    "bedplate.password_hash_passes" password_hash_passes: u32 = 2;
    /// How many threads hash passwords; 0 is one for each processor.
    "bedplate.password_hash_threads" password_hash_threads: u32 = 0;
    /// Proxies (addresses, or ranges such as `10.0.0.0/8`) whose `X-Forwarded-For` is believed. From anyone else it is ignored.
    "bedplate.trusted_proxies" trusted_proxies: Vec<String> = Vec::new();
    /// The key that seals our secrets: 32 bytes in base64 or hexadecimal. Not set: the file `secret.key` of the data folder (mode 0600), made at the first start.
    "bedplate.secret_key" sealing_key: Option<Secret> = None; only environment;
}
