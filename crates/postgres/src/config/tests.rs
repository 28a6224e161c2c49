//! URLs.

use super::{Config, Host, Password, TlsMode};

#[test]
fn a_url_with_everything() {
    let config = Config::from_url(
        "postgresql://me%40x:p%3Ass@db.example:6543,[::1]/app%20one?sslmode=verify-full&application_name=a&connect_timeout=3&pgbouncer=true&pool_size=4",
    )
    .unwrap();
    assert_eq!(config.user, "me@x");
    assert_eq!(config.password, Some(Password("p:ss".into())));
    assert_eq!(
        config.hosts,
        [Host::Tcp { host: "db.example".into(), port: 6543 }, Host::Tcp { host: "::1".into(), port: 5432 }]
    );
    assert_eq!(config.database, "app one");
    assert_eq!(config.tls, TlsMode::VerifyFull);
    assert!(!config.prepared_statements);
    assert_eq!(config.pool_size, 4);
    assert_eq!(config.connect_timeout.as_secs(), 3);
}

#[test]
fn unix_sockets() {
    let config = Config::from_url("postgres://me@/app?host=/run/postgresql&port=5433").unwrap();
    assert_eq!(config.hosts, [Host::Unix { directory: "/run/postgresql".into(), port: 5433 }]);
    let config = Config::from_url("postgres://me@%2Frun%2Fpostgresql/").unwrap();
    assert_eq!(config.hosts, [Host::Unix { directory: "/run/postgresql".into(), port: 5432 }]);
    assert_eq!(config.database, "me");
}

#[test]
fn what_is_wrong_is_named_and_the_password_is_not() {
    for (url, part) in [
        ("mysql://me:secret@x/y", "postgres://"),
        ("postgres://me:secret@x:many/y", "port"),
        ("postgres://me:secret@/y", "host"),
        ("postgres://me:secret@x/y?sslmode=maybe", "sslmode"),
        ("postgres://me:secret@x/y?shape=round", "shape"),
        ("postgres://:secret@x/y", "user"),
        ("postgres://me:secret%zz@x/y", "password"),
    ] {
        let error = Config::from_url(url).unwrap_err();
        assert!(error.message().contains(part), "{url}: {error}");
        assert!(!format!("{error:?}").contains("secret"), "{url}: {error:?}");
    }
    let config = Config::from_url("postgres://me:secret@x/y").unwrap();
    assert!(!format!("{config:?}").contains("secret"));
}
