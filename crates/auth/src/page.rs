//! The page to which a browser returns, with what it is told in query and fragment.

use crate::error::{AuthError, Result};
use axum::body::Body;
use axum::response::Response;
use http::{HeaderValue, StatusCode, header};
use url::Url;
use url::form_urlencoded::Serializer;

/// Pairs as a query or a fragment holds them.
pub(crate) fn encoded(pairs: &[(&str, &str)]) -> String {
    Serializer::new(String::new()).extend_pairs(pairs).finish()
}

/// The URL with this fragment in place of its own.
pub(crate) fn with_fragment(page: &str, fragment: &str) -> String {
    let page = page.split('#').next().unwrap_or_default();
    format!("{page}#{fragment}")
}

/// The URL with these parameters in its query, in place of those of the same name.
pub(crate) fn with_query(page: &str, pairs: &[(&str, &str)]) -> String {
    // Where a browser may be sent is a URL.
    let Ok(mut url) = Url::parse(page) else { return page.to_owned() };
    let others: Vec<(String, String)> = url
        .query_pairs()
        .into_owned()
        .filter(|(name, _)| !pairs.iter().any(|(replaced, _)| replaced == name))
        .collect();
    url.query_pairs_mut().clear().extend_pairs(others).extend_pairs(pairs);
    url.into()
}

/// Sends a browser there. Nobody keeps the answer, and the page that comes is not told where it came from.
///
/// # Errors
/// When the address cannot stand in a header.
pub(crate) fn redirect(status: StatusCode, target: &str) -> Result<Response> {
    let mut location = HeaderValue::from_str(&in_ascii(target)).map_err(AuthError::internal)?;
    location.set_sensitive(true);
    let mut response = Response::new(Body::empty());
    *response.status_mut() = status;
    let headers = response.headers_mut();
    headers.insert(header::LOCATION, location);
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    headers.insert(header::REFERRER_POLICY, HeaderValue::from_static("no-referrer"));
    Ok(response)
}

/// The URL as a header holds it (RFC 3986, 2.1): what is not ASCII is encoded.
fn in_ascii(url: &str) -> String {
    let mut encoded = String::with_capacity(url.len());
    for byte in url.bytes() {
        if byte.is_ascii() {
            encoded.push(char::from(byte));
        } else {
            encoded.push_str(&format!("%{byte:02X}"));
        }
    }
    encoded
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_keeps_its_query_and_loses_its_fragment() {
        assert_eq!(with_fragment("https://a.example/x?y=1#old", "sb="), "https://a.example/x?y=1#sb=");
        assert_eq!(
            with_query("https://a.example/x?y=1&code=old", &[("code", "a b")]),
            "https://a.example/x?y=1&code=a+b"
        );
        assert_eq!(with_query("app.example://in", &[("code", "1")]), "app.example://in?code=1");
    }
    #[test]
    fn any_page_stands_in_a_header() {
        let answer = redirect(StatusCode::FOUND, "https://a.example/\u{fc}?y=1").expect("a redirect");
        assert_eq!(answer.headers()["location"], "https://a.example/%C3%BC?y=1");
        assert!(redirect(StatusCode::FOUND, "https://a.example/\r\nx: y").is_err());
    }
}
