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

/// The rules became stricter since the password was set: the sign-in succeeds and says so.
#[tokio::test]
async fn a_password_that_is_weak_by_now_is_told_at_sign_in() {
    let settings = Settings { auth_minimum_password_length: 15, ..Settings::default() };
    on_both_engines(settings, async |accounts| {
        accounts.import_user("ada@example.com", "dragon12").await;
        let body = json!({"email": "ada@example.com", "password": "dragon12"});
        let session = accounts.post("/token?grant_type=password", &body).await;
        assert_eq!(session.status, 200, "{session:?}");
        assert_eq!(
            session.json()["weak_password"],
            json!({
                "message": "Password should be at least 15 characters. \
                            Password is known to be weak and easy to guess, please choose a different one.",
                "reasons": ["length", "pwned"]
            })
        );
        let bob = accounts.import_user("bob@example.com", "axbyczdwevfugthsirjq").await;
        let body = json!({"email": "bob@example.com", "password": "axbyczdwevfugthsirjq"});
        let session = accounts.post("/token?grant_type=password", &body).await;
        assert_eq!((session.status, session.json().get("weak_password")), (200, None), "{session:?}");
        // What an administrator changes it to is judged by the same rules.
        let body = json!({"password": "dragon12"});
        let refused = accounts.as_admin("PUT", &format!("/admin/users/{bob}"), &body).await;
        assert_eq!(refusal(&refused), (422, "weak_password".into()));
        assert_eq!(refused.json()["weak_password"], json!({"reasons": ["length", "pwned"]}));
    })
    .await;
}
