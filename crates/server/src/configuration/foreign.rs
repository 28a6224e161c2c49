//! Keys of the Supabase CLI's `config.toml` that this release does not apply: known by name, so that they are not taken for
//! spelling mistakes. `*` stands for one part of a key, a last `**` for all that follows.

const KNOWN: &[&str] = &[
    "project_id",
    "api.auto_expose_new_tables",
    "api.tls.enabled",
    "api.tls.cert_path",
    "api.tls.key_path",
    "db.port",
    "db.shadow_port",
    "db.health_timeout",
    "db.major_version",
    "db.root_key",
    "db.migrations.schema_paths",
    "db.network_restrictions.**",
    "db.pooler.**",
    "db.settings.**",
    "db.ssl_enforcement.**",
    "db.vault.*",
    "realtime.enabled",
    "realtime.ip_version",
    "realtime.max_header_length",
    "studio.enabled",
    "studio.port",
    "studio.api_url",
    "studio.openai_api_key",
    "inbucket.**",
    "local_smtp.**",
    "storage.enabled",
    "storage.file_size_limit",
    "storage.analytics.**",
    "storage.buckets.**",
    "storage.image_transformation.**",
    "storage.s3_protocol.**",
    "storage.vector.**",
    "auth.captcha.**",
    "auth.email.template.*.content",
    "auth.email.notification.*.content",
    "auth.hook.**",
    "auth.mfa.**",
    "auth.oauth_server.**",
    "auth.passkey.**",
    "auth.rate_limit.sms_sent",
    "auth.rate_limit.web3",
    "auth.sessions.**",
    "auth.sms.**",
    "auth.third_party.**",
    "auth.web3.**",
    "auth.webauthn.**",
    "edge_runtime.**",
    "functions.**",
    "analytics.**",
    "experimental.**",
    "remotes.**",
];

/// Whether the Supabase CLI knows the key.
pub(super) fn is_known(key: &str) -> bool {
    KNOWN.iter().any(|pattern| matches(pattern, key))
}

/// All patterns, for the reference.
pub(super) fn known() -> &'static [&'static str] {
    KNOWN
}

fn matches(pattern: &str, key: &str) -> bool {
    let (mut pattern, mut key) = (pattern.split('.'), key.split('.'));
    loop {
        match (pattern.next(), key.next()) {
            (Some("**"), Some(_)) | (None, None) => return true,
            (Some("*"), Some(_)) => {}
            (Some(expected), Some(found)) if expected == found => {}
            _ => return false,
        }
    }
}
