use super::*;

#[test]
fn codes_are_distinct_and_explained() {
    let mut seen = std::collections::BTreeSet::new();
    for (code, meaning) in ErrorCode::ALL {
        assert!(seen.insert(code.as_str()), "{} twice", code.as_str());
        assert!(meaning.ends_with('.'), "{meaning}");
    }
}

#[test]
fn only_dates_from_2024_on_ask_for_the_newer_form() {
    for version in ["2024-01-01", "2025-12-31"] {
        assert!(is_newer(version), "{version}");
    }
    for version in ["", "2023-12-31", "latest", "2024-1-1", "9999-99-9x"] {
        assert!(!is_newer(version), "{version}");
    }
}

#[test]
fn what_is_internal_is_for_the_log_only() {
    let response = AuthError::internal("secret cause").into_response();
    assert_eq!(
        response.extensions().get::<InternalCause>().map(|cause| cause.0.as_str()),
        Some("secret cause")
    );
    assert_eq!(response.status(), StatusCode::INTERNAL_SERVER_ERROR);
}
