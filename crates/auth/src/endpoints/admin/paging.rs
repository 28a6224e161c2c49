//! Pages in queries and headers, as GoTrue has them.

use crate::State;
use crate::administration::DEFAULT_PER_PAGE;
use crate::error::{AuthError, Result};
use crate::request::Query;
use axum::response::Response;
use http::{HeaderValue, header};

/// The n-th page of so many entries each.
#[derive(Clone, Copy)]
pub(super) struct Numbered {
    pub(super) page: u64,
    pub(super) per_page: u64,
}

impl Numbered {
    /// What the query asks for.
    ///
    /// # Errors
    /// 400 for what is no number.
    pub(super) fn asked(query: &Query) -> Result<Numbered> {
        Ok(Numbered {
            page: number(query, "page")?.unwrap_or(1).max(1),
            per_page: number(query, "per_page")?.unwrap_or(DEFAULT_PER_PAGE),
        })
    }

    /// Says how many entries there are, and where the next and the last page are.
    pub(super) fn describe(
        self,
        response: &mut Response,
        state: &State,
        path: &str,
        query: &Query,
        total: u64,
    ) {
        let last = total.div_ceil(self.per_page.max(1));
        let mut links = String::new();
        if last > self.page {
            links = format!(
                "<{}>; rel=\"next\", ",
                url(state, path, query, "page", &(self.page + 1).to_string())
            );
        }
        links.push_str(&format!("<{}>; rel=\"last\"", url(state, path, query, "page", &last.to_string())));
        set(response, &links);
        response.headers_mut().insert("x-total-count", HeaderValue::from(total));
    }
}

/// Says where the page behind a cursor is.
pub(super) fn describe_next(response: &mut Response, state: &State, path: &str, query: &Query, cursor: &str) {
    set(response, &format!("<{}>; rel=\"next\"", url(state, path, query, "cursor", cursor)));
}

fn set(response: &mut Response, links: &str) {
    if let Ok(links) = HeaderValue::from_str(links) {
        response.headers_mut().insert(header::LINK, links);
    }
}

/// The same request for another page. What names the page comes first: clients of Supabase look there.
fn url(state: &State, path: &str, query: &Query, name: &str, value: &str) -> String {
    let mut pairs = url::form_urlencoded::Serializer::new(String::new());
    pairs.append_pair(name, value);
    let others = query.0.iter().filter(|(key, _)| key != name && key != "page" && key != "cursor");
    pairs.extend_pairs(others);
    format!("{}{path}?{}", state.settings.external_url, pairs.finish())
}

/// A whole number of the query.
///
/// # Errors
/// 400 for what is none.
pub(super) fn number(query: &Query, name: &str) -> Result<Option<u64>> {
    let refused = || AuthError::invalid(format!("Bad Pagination Parameters: {name} is not a number"));
    query
        .get(name)
        .map(|text| {
            // A sign is none of a page's number, though Rust would take one.
            let digits = text.bytes().all(|byte| byte.is_ascii_digit());
            if digits { text.parse().map_err(|_| refused()) } else { Err(refused()) }
        })
        .transpose()
}
