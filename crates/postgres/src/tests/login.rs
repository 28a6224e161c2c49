//! Logging in over TCP: passwords, encryption, refusals.

use super::superuser;
use crate::{Config, DATABASE, Host, Password, PostgresDatabase, PrivateCluster, SUPERUSER, TlsMode};
use database::{Database, DatabaseError, Statement, Value, Work};
use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, IsCa, KeyPair};
use std::os::unix::fs::{MetadataExt, PermissionsExt, chown};
use std::time::Duration;

/// A server on an address of the loopback network, with a certificate for it that an authority of its own signed.
struct Server {
    cluster: PrivateCluster,
    address: String,
    /// Where it listens too.
    other_address: String,
}

const RULES: &str = "local all all trust
hostssl all sealed all scram-sha-256
hostnossl all sealed all reject
host all scrammed all scram-sha-256
host all digested all md5
host all plain all password
";

impl Server {
    async fn new(test: u8) -> Server {
        // Every test has an address of its own, so that each can have the usual port.
        let [high, low] = (std::process::id() as u16).to_be_bytes();
        let address = format!("127.{high}.{low}.{test}");
        let other_address = format!("127.{high}.{low}.{}", test + 100);
        let listen = format!("listen_addresses={address},{other_address}");
        let cluster = PrivateCluster::start_ephemeral_with(&[&listen], &|_| {}).await.unwrap();
        let server = Server { cluster, address, other_address };
        server.configure();
        let database = PostgresDatabase::connect(server.cluster.config(SUPERUSER, DATABASE)).await.unwrap();
        let script = [
            "create role scrammed login password 'scrämble %'",
            "create role sealed login password 'seal'",
            "create role plain login password 'plain'",
            "set password_encryption = md5",
            "create role digested login password 'md5 pass'",
            "select pg_reload_conf()",
        ];
        database.run(&superuser(), Work::script(script.map(Statement::new))).await.unwrap();
        // The postmaster reads its files when the signal reaches it.
        tokio::time::sleep(Duration::from_millis(500)).await;
        server
    }

    fn configure(&self) {
        let mut authority = CertificateParams::new(Vec::new()).unwrap();
        authority.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        let authority = CertifiedIssuer::self_signed(authority, KeyPair::generate().unwrap()).unwrap();
        let key = KeyPair::generate().unwrap();
        let certificate =
            CertificateParams::new([self.address.clone()]).unwrap().signed_by(&key, &authority).unwrap();
        self.write("authority.crt", &authority.pem());
        self.write("server.crt", &certificate.pem());
        self.write("server.key", &key.serialize_pem());
        self.write("pg_hba.conf", RULES);
        let settings = std::fs::read_to_string(self.cluster.folder().join("postgresql.conf")).unwrap();
        self.write("postgresql.conf", &format!("{settings}\nssl = on\n"));
    }

    fn write(&self, name: &str, text: &str) {
        let folder = std::fs::metadata(self.cluster.folder()).unwrap();
        let file = self.cluster.folder().join(name);
        std::fs::write(&file, text).unwrap();
        std::fs::set_permissions(&file, std::fs::Permissions::from_mode(0o600)).unwrap();
        chown(&file, Some(folder.uid()), Some(folder.gid())).unwrap();
    }

    fn config(&self, user: &str, password: &str, tls: TlsMode) -> Config {
        let mut config = Config::new(Host::Tcp { host: self.address.clone(), port: 5432 }, user, DATABASE);
        config.password = Some(Password(password.into()));
        config.tls = tls;
        config.connect_timeout = Duration::from_secs(20);
        config
    }

    /// Whether the connection is encrypted.
    async fn connect(&self, config: Config) -> Result<Value, DatabaseError> {
        let mut session = superuser();
        session.role = config.user.as_str().into();
        let database = PostgresDatabase::connect(config).await?;
        let question = "select ssl from pg_stat_ssl where pid = pg_backend_pid()";
        let outcomes = database.run(&session, Work::one(Statement::new(question))).await?;
        Ok(outcomes[0].result.rows[0][0].clone())
    }

    async fn refusal(&self, config: Config) -> String {
        self.connect(config).await.unwrap_err().to_string().replace(&self.address, "HOST")
    }
}

#[tokio::test]
async fn passwords() {
    let server = Server::new(1).await;
    for (user, password) in [("scrammed", "scrämble %"), ("digested", "md5 pass")] {
        let config = server.config(user, password, TlsMode::Disable);
        assert_eq!(server.connect(config).await.unwrap(), Value::Bool(false));
        let refused = server.refusal(server.config(user, "wrong", TlsMode::Disable)).await;
        assert_eq!(refused, format!("28P01: password authentication failed for user \"{user}\""));
        let none = Config { password: None, ..server.config(user, "", TlsMode::Disable) };
        assert!(server.refusal(none).await.starts_with("28P01: the server asks for a password"));
    }
    // In the clear only where nobody listens.
    let config = server.config("plain", "plain", TlsMode::Disable);
    assert!(server.refusal(config).await.ends_with("the password in the clear on an unencrypted connection"));
    assert_eq!(
        server.connect(server.config("plain", "plain", TlsMode::Require)).await.unwrap(),
        Value::Bool(true)
    );
    let refused = server.refusal(server.config("nobody_here", "x", TlsMode::Disable)).await;
    assert_eq!(refused, "28000: no pg_hba.conf entry for host \"HOST\", user \"nobody_here\", database \"postgres\", no encryption".replace("host \"HOST\"", "host \"127.0.0.1\""));
    let refused = server
        .refusal(Config {
            database: "nowhere".into(),
            ..server.config("scrammed", "scrämble %", TlsMode::Disable)
        })
        .await;
    assert_eq!(refused, "3D000: database \"nowhere\" does not exist");
    let closed = Config {
        hosts: vec![Host::Tcp { host: "127.0.0.1".into(), port: 9 }],
        ..server.config("x", "secret", TlsMode::Disable)
    };
    let error = server.connect(closed).await.unwrap_err();
    assert_eq!(error.code(), sqlstate::CONNECTION_FAILURE);
    assert!(error.message().starts_with("the database cannot be reached at 127.0.0.1:9: "), "{error}");
    assert!(!format!("{error:?}").contains("secret"));
}

#[tokio::test]
async fn encryption() {
    let server = Server::new(2).await;
    let authority = server.cluster.folder().join("authority.crt");
    for tls in [TlsMode::Prefer, TlsMode::Require] {
        assert_eq!(server.connect(server.config("sealed", "seal", tls)).await.unwrap(), Value::Bool(true));
    }
    assert!(server.refusal(server.config("sealed", "seal", TlsMode::Disable)).await.starts_with("28000: "));
    // The authority is not one of the well-known.
    for tls in [TlsMode::VerifyCa, TlsMode::VerifyFull] {
        let refused = server.refusal(server.config("sealed", "seal", tls)).await;
        assert!(
            refused.starts_with("08006: the connection to the database at HOST cannot be encrypted: "),
            "{refused}"
        );
        let trusting =
            Config { root_certificates: Some(authority.clone()), ..server.config("sealed", "seal", tls) };
        assert_eq!(server.connect(trusting).await.unwrap(), Value::Bool(true));
    }
    // The certificate is for one of the server's addresses: only verify-full minds.
    let other_address = |tls| {
        let config = server.config("sealed", "seal", tls);
        let hosts = vec![Host::Tcp { host: server.other_address.clone(), port: 5432 }];
        Config { hosts, root_certificates: Some(authority.clone()), ..config }
    };
    assert_eq!(server.connect(other_address(TlsMode::VerifyCa)).await.unwrap(), Value::Bool(true));
    let refused = server.refusal(other_address(TlsMode::VerifyFull)).await;
    assert!(refused.contains("not valid for name"), "{refused}");
    server.cluster.stop().await.unwrap();
}
