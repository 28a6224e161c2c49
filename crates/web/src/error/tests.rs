use super::*;
use sqlstate::SqlState;

fn status(code: &[u8; 5], message: &str, anonymous: bool) -> u16 {
    status_of(&DatabaseError::new(SqlState::new(code), message), anonymous).0.as_u16()
}

#[test]
fn codes_have_the_protocols_status() {
    assert_eq!(status(b"23505", "", false), 409);
    assert_eq!(status(b"23503", "", false), 409);
    assert_eq!(status(b"23502", "", false), 400);
    assert_eq!(status(b"42501", "", true), 401);
    assert_eq!(status(b"42501", "", false), 403);
    assert_eq!(status(b"42883", "function f() does not exist", false), 404);
    assert_eq!(status(b"42P01", "", false), 404);
    assert_eq!(status(b"25006", "", false), 405);
    assert_eq!(status(b"22023", "role \"x\" does not exist", false), 401);
    assert_eq!(status(b"22023", "invalid value", false), 400);
    assert_eq!(status(b"40001", "", false), 500);
    assert_eq!(status(b"0A000", "", false), 400);
    assert_eq!(status(b"PT402", "Payment Required", false), 402);
    assert_eq!(status(b"PTxyz", "", false), 500);
}

#[test]
fn a_body_has_the_four_keys() {
    let error = ApiError::new(StatusCode::NOT_FOUND, "PGRST205", "no \"t\"").with_hint("look");
    assert_eq!(error.body(), r#"{"code":"PGRST205","message":"no \"t\"","details":null,"hint":"look"}"#);
}

/// Attack 48: what is internal is not in the answer.
#[test]
fn attack_48_internal_causes_stay_out_of_the_body() {
    let error = ApiError::from_database(&DatabaseError::internal("disk /var/secret failed"), false);
    assert_eq!(error.status, StatusCode::INTERNAL_SERVER_ERROR);
    assert!(!error.body().contains("secret"));
    let response = error.into_response();
    assert!(response.extensions().get::<InternalCause>().is_some());
}

#[test]
fn a_raised_answer_says_everything() {
    let error = DatabaseError::new(SqlState::new(b"PGRST"), r#"{"code":"123","message":"m","hint":"h"}"#)
        .with_detail(r#"{"status":332,"status_text":"Own","headers":{"X-A":"b"}}"#);
    let answer = ApiError::from_database(&error, false);
    assert_eq!(answer.status.as_u16(), 332);
    assert_eq!(answer.reason.as_deref(), Some("Own"));
    assert_eq!(answer.headers[0].0.as_str(), "x-a");
    let broken = ApiError::from_database(&DatabaseError::new(SqlState::new(b"PGRST"), "{"), false);
    assert_eq!((broken.status.as_u16(), broken.code.as_ref()), (500, "PGRST121"));
}
