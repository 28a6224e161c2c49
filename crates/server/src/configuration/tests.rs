use super::*;

/// Reads a file's text under an environment and flags.
fn read_all(
    text: &str,
    environment: &[(&str, &str)],
    flags: Vec<(&'static str, String)>,
) -> Result<Configuration, ConfigurationError> {
    let folder = crate::folder::TemporaryFolder::make().expect("a folder");
    let path = folder.path().join("config.toml");
    std::fs::write(&path, text).expect("a file");
    let environment = environment.iter().map(|(k, v)| ((*k).to_owned(), (*v).to_owned())).collect();
    Sources { file: Some(path), environment, flags }.read()
}

fn read(text: &str, environment: &[(&str, &str)]) -> Configuration {
    read_all(text, environment, Vec::new()).expect("a configuration")
}

fn warnings(configuration: &Configuration) -> Vec<String> {
    configuration.warnings.iter().map(ToString::to_string).collect()
}

#[test]
fn flag_before_environment_before_file_before_default() {
    let file = "[api]\nport = 1\n";
    let listen =
        |configuration: Configuration| (configuration.settings.api_port, configuration.settings.listen);
    assert_eq!(listen(read("", &[])), (54321, None));
    assert_eq!(listen(read(file, &[])).0, 1);
    assert_eq!(listen(read(file, &[("BEDPLATE_API_PORT", "2")])).0, 2);
    let both = read_all(
        "[bedplate]\nlisten = \"127.0.0.1:1\"",
        &[("BEDPLATE_LISTEN", "127.0.0.1:2")],
        vec![("bedplate.listen", "127.0.0.1:3".into())],
    );
    assert_eq!(
        both.expect("a configuration").settings.listen,
        Some("127.0.0.1:3".parse().expect("an address"))
    );
}

#[test]
fn the_supabase_cli_s_file_is_read() {
    let text = r#"
project_id = "app"
[api]
enabled = true
schemas = ["public", "api"]
extra_search_path = ["extensions"]
max_rows = 50
[db]
major_version = 17
[db.seed]
sql_paths = ["./seed.sql", "./seeds/*.sql"]
[studio]
port = 54323
[auth]
jwt_expiry = 60
jwt_secret = "env(APP_SECRET)"
[auth.external.google]
enabled = true
client_id = "env(GOOGLE)"
[storage.buckets.images]
public = false
[functions.hello]
verify_jwt = false
"#;
    let configuration = read(text, &[("APP_SECRET", "0123456789abcdef0123456789abcdef")]);
    let settings = &configuration.settings;
    assert_eq!(settings.api_schemas, ["public", "api"]);
    assert_eq!(settings.api_extra_search_path, ["extensions"]);
    assert_eq!((settings.api_max_rows, settings.jwt_expiry), (50, 60));
    assert_eq!(settings.seed_sql_paths, ["./seed.sql", "./seeds/*.sql"]);
    assert_eq!(settings.jwt_secret, Some(Secret::new("0123456789abcdef0123456789abcdef")));
    assert_eq!(
        warnings(&configuration),
        [
            "config.toml: auth.external.google.client_id asks for env(GOOGLE), which is not set; it is left unset",
            "config.toml: 5 known settings not applied by this release: project_id, db.major_version, studio.port, \
          storage.buckets.images.public, functions.hello.verify_jwt",
            "auth.external.google is enabled and cannot be used: missing OAuth client ID",
        ]
    );
}

#[test]
fn unknown_keys_are_warned_of_by_name() {
    let configuration = read(
        "[api]\nmax_row = 5\nnonsense = true\n[apy]\nport = 1",
        &[("BEDPLATE_PORT", "1"), ("OTHER", "1")],
    );
    assert_eq!(
        warnings(&configuration),
        [
            "config.toml: unknown key api.max_row is ignored; did you mean api.max_rows?",
            "config.toml: unknown key api.nonsense is ignored",
            "config.toml: unknown key apy.port is ignored; did you mean api.port?",
            "environment: unknown variable BEDPLATE_PORT is ignored",
        ]
    );
}

#[test]
fn a_variable_that_is_not_set_leaves_the_setting_unset() {
    let configuration = read("[auth]\njwt_secret = \"env(NOPE)\"", &[]);
    assert_eq!(configuration.settings.jwt_secret, None);
    assert_eq!(
        warnings(&configuration),
        ["config.toml: auth.jwt_secret asks for env(NOPE), which is not set; it is left unset"]
    );
}

#[test]
fn secrets_are_neither_shown_nor_taken_from_files_in_silence() {
    let configuration =
        read("[auth]\nsecret_key = \"sb_secret_hush\"", &[("BEDPLATE_DATABASE", "postgres://u:hush@h/d")]);
    assert!(!format!("{configuration:?}").contains("hush"));
    assert!(!warnings(&configuration).concat().contains("hush"));
    assert_eq!(configuration.warnings, [Warning::SecretInFile("auth.secret_key".into())]);
    for description in descriptions().iter().filter(|description| description.secret) {
        assert!(description.flag.is_none() || description.key == "bedplate.database", "{}", description.key);
    }
}

#[test]
fn the_sealing_key_is_read_from_the_environment_only() {
    assert!(read_all("[bedplate]\nsecret_key = \"x\"", &[], Vec::new()).is_err());
    assert!(read("", &[("BEDPLATE_SECRET_KEY", "x")]).settings.sealing_key.is_some());
}

#[test]
fn what_may_not_be_said_is_refused_by_name() {
    let refused = |text: &str| read_all(text, &[], Vec::new()).expect_err(text).to_string();
    assert_eq!(refused("[api]\nport = 70000"), "config.toml: api.port: expected a number from 0 to 65535");
    assert_eq!(refused("[api]\nschemas = 1"), "config.toml: api.schemas: expected a list of text");
    assert_eq!(
        refused("[api]\nschemas = [\"bedplate\"]"),
        "api.schemas: schema bedplate is a system's own and cannot be served"
    );
    assert_eq!(refused("[api]\nschemas = []"), "api.schemas: at least one schema is needed");
    assert_eq!(
        refused("[api]\napp_settings = [\"a b=c\"]"),
        "api.app_settings: expected NAME=value instead of a b=c"
    );
    assert_eq!(
        refused("[api]\npre_request = \" \""),
        "api.pre_request: expected the name of a function instead of \" \""
    );
    assert_eq!(
        refused("[api]\npre_config = \" \""),
        "api.pre_config: expected the name of a function instead of \" \""
    );
    assert_eq!(
        refused("[api]\njwt_role_claim_key = \"role\""),
        "config.toml: api.jwt_role_claim_key: expected a path such as $.role, not \"role\""
    );
    assert_eq!(
        refused("[api]\nopenapi_mode = \"all\""),
        "config.toml: api.openapi_mode: expected one of: follow-privileges ignore-privileges disabled"
    );
    assert_eq!(
        refused("[bedplate]\nengine = \"mysql\""),
        "config.toml: bedplate.engine: expected one of: sqlite postgres"
    );
    assert_eq!(
        refused("[auth]\njwt_secret = \"short\""),
        "auth.jwt_secret: a secret of at least 32 bytes is needed"
    );
    assert!(refused("[api\n").contains("is not valid TOML"));
    let both =
        read_all("", &[("BEDPLATE_DATABASE", "postgres://h/d"), ("BEDPLATE_EPHEMERAL", "1")], Vec::new());
    assert!(both.is_err());
}

#[test]
fn durations_and_sizes_have_units() {
    let span = |text: &str| Span::from_text(text).map(|span| span.0.as_millis());
    assert_eq!(span("90"), Ok(90_000));
    assert_eq!(span("1h30m"), Ok(5_400_000));
    assert_eq!(span("250ms"), Ok(250));
    assert_eq!(span("7d"), Ok(604_800_000));
    for text in ["", "1x", "h", "1h5", "-1s", "1.5s"] {
        assert!(span(text).is_err(), "{text}");
    }
    let size = |text: &str| Size::from_text(text).map(|size| size.0);
    assert_eq!(size("16MiB"), Ok(16 << 20));
    assert_eq!(size("500 KB"), Ok(500_000));
    assert_eq!(size("7"), Ok(7));
    for text in ["", "MB", "1TB", "-1", "99999999999999999999"] {
        assert!(size(text).is_err(), "{text}");
    }
}

#[test]
fn environment_names_follow_from_keys_and_differ() {
    assert_eq!(environment_name("api.max_rows"), "BEDPLATE_API_MAX_ROWS");
    assert_eq!(environment_name("bedplate.listen"), "BEDPLATE_LISTEN");
    let mut names: Vec<String> = descriptions().iter().map(Description::environment).collect();
    names.sort();
    names.dedup();
    assert_eq!(names.len(), descriptions().len());
}

/// With `UPDATE_EXPECT=1` the page is written instead of compared.
#[test]
fn the_reference_page_is_current() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/reference/configuration.md");
    let page = reference();
    if std::env::var_os("UPDATE_EXPECT").is_some() {
        std::fs::create_dir_all(path.parent().expect("a folder")).expect("a folder");
        std::fs::write(&path, &page).expect("a page");
    }
    let found = std::fs::read_to_string(&path).unwrap_or_default();
    assert!(
        found == page,
        "docs/reference/configuration.md is out of date: run this test with UPDATE_EXPECT=1"
    );
}

#[test]
fn providers_are_read_by_their_names() {
    let text = r#"
[auth.external.apple]
enabled = false
client_id = ""
secret = "env(APPLE)"
redirect_uri = ""
url = ""
skip_nonce_check = false
email_optional = false
[auth.external.google]
enabled = true
client_id = "web, ios ,android"
secret = "env(GOOGLE_SECRET)"
skip_nonce_check = true
[auth.external."custom:acme"]
enabled = true
client_id = "app"
secret = "written"
issuer = "https://id.acme.example"
scopes = ["openid", "groups"]
[auth.external.nobody]
enabled = true
client_id = "app"
nonsense = 1
"#;
    let environment = [
        ("GOOGLE_SECRET", "hush"),
        ("BEDPLATE_AUTH_EXTERNAL_GITHUB_ENABLED", "true"),
        ("BEDPLATE_AUTH_EXTERNAL_GITHUB_CLIENT_ID", "gh"),
        ("BEDPLATE_AUTH_EXTERNAL_LINKEDIN_OIDC_CLIENT_ID", "li"),
        ("BEDPLATE_AUTH_EXTERNAL_GOOGLE_SKIP_NONCE_CHECK", "false"),
        ("BEDPLATE_AUTH_EXTERNAL_CLIENT_ID", "x"),
    ];
    let configuration = read(text, &environment);
    let external = &configuration.settings.auth_external;
    let google = &external["google"];
    assert_eq!(google.client_ids, ["web", "ios", "android"]);
    assert!(google.enabled && !google.skip_nonce_check);
    assert_eq!((&external["apple"].url, &external["apple"].redirect_uri), (&None, &None));
    let acme = &external["custom:acme"];
    assert_eq!(acme.url.as_deref(), Some("https://id.acme.example"));
    assert_eq!(acme.scopes, ["openid", "groups"]);
    assert!(external["github"].enabled);
    assert_eq!(
        (&external["github"].client_ids, &external["linkedin_oidc"].client_ids),
        (&vec!["gh".into()], &vec!["li".into()])
    );
    let shown = format!("{configuration:?}");
    assert!(!shown.contains("hush") && !shown.contains("written"), "{shown}");
    assert_eq!(
        warnings(&configuration),
        [
            "config.toml: auth.external.apple.secret asks for env(APPLE), which is not set; it is left unset",
            "config.toml: auth.external.custom:acme.secret is a secret written in a file; write env(NAME) and set the variable instead",
            "config.toml: unknown key auth.external.nobody.nonsense is ignored",
            "environment: unknown variable BEDPLATE_AUTH_EXTERNAL_CLIENT_ID is ignored",
            "auth.external.nobody is enabled and cannot be used: the provider nobody has no issuer",
        ]
    );
    assert!(read_all("[auth.external.google]\nenabled = 7", &[], Vec::new()).is_err());
    assert!(read_all("[bedplate]\noutgoing_hosts = [\"ftp://x\"]", &[], Vec::new()).is_err());
}
