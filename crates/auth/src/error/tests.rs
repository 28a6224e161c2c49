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

/// With `UPDATE_EXPECT=1` the page is written instead of compared.
#[test]
fn the_reference_page_is_current() {
    let path =
        std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/reference/account-errors.md");
    let mut page = "# Errors of the accounts\n\nEvery refusal under `/auth/v1` has one of these codes, in the header `x-sb-error-code` and in the body: \
        `{\"code\",\"message\"}` for requests with `X-Supabase-Api-Version: 2024-01-01` or later, else `{\"code\",\"error_code\",\"msg\"}` with the status as `code`.\n\n\
        | code | meaning |\n|---|---|\n"
        .to_owned();
    for (code, meaning) in ErrorCode::ALL {
        page.push_str(&format!("| `{}` | {meaning} |\n", code.as_str()));
    }
    if std::env::var_os("UPDATE_EXPECT").is_some() {
        std::fs::write(&path, &page).expect("a page");
    }
    let found = std::fs::read_to_string(&path).unwrap_or_default();
    assert!(
        found == page,
        "docs/reference/account-errors.md is out of date: run this test with UPDATE_EXPECT=1"
    );
}
