//! Passwords of imported accounts, through the whole server.

use super::{on_both_engines, refusal};
use serde_json::json;
use server::configuration::Settings;

/// Argon2 with 4 GiB.
const HUGE: &str =
    "$argon2id$v=19$m=4194304,t=1,p=1$c2FsdHNhbHRzYWx0c2FsdA$S7E3yrRX9+7oG4M5dlLqjJ7njlTZdMj5Y5GmOu6SpeU";

/// A hash that would take gigabytes is not computed; the client sees a wrong password, the log the reason.
#[tokio::test]
async fn a_hash_beyond_the_bounds_signs_nobody_in() {
    on_both_engines(Settings::default(), async |accounts| {
        let id = accounts.import_user("ada@example.com", "unused").await;
        accounts.sql("update auth.users set encrypted_password = $1 where id = $2::uuid", &[HUGE, &id]).await;
        let body = json!({"email": "ada@example.com", "password": "correct horse"});
        let refused = accounts.post("/token?grant_type=password", &body).await;
        assert_eq!(
            refused.json(),
            json!({"code": 400, "error_code": "invalid_credentials", "msg": "Invalid login credentials"})
        );
        let log = accounts.server.log();
        assert!(log.contains("the stored password hash takes more memory or time than is allowed"), "{log}");
        assert!(!log.contains("argon2id"), "{log}");
    })
    .await;
}
