//! How an error is answered: one body, one table from SQLSTATE to status.

use axum::response::{IntoResponse, Response};
use http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header};
use serde_json::Value;
use sqlstate::DatabaseError;
use std::borrow::Cow;

/// An error as a client sees it: `{"code","message","details","hint"}` under a status. What is internal never gets into
/// one; it travels beside it as [`InternalCause`], for the log.
#[derive(Clone, Debug, PartialEq)]
pub struct ApiError {
    /// The status.
    pub status: StatusCode,
    /// The reason phrase, where it is not the status's own.
    pub reason: Option<String>,
    /// A stable code: ours or a SQLSTATE.
    pub code: Cow<'static, str>,
    /// One line.
    pub message: String,
    /// More about it, usually text.
    pub details: Option<Value>,
    /// What to do about it.
    pub hint: Option<String>,
    /// Further headers.
    pub headers: Vec<(HeaderName, HeaderValue)>,
    /// Details and hint stay untold.
    pub brief: bool,
    /// For the log only.
    pub internal: Option<String>,
}

/// Found in a response's extensions: what the log may say of it and the client may not see.
#[derive(Clone, Debug)]
pub struct InternalCause(pub String);

impl ApiError {
    /// An error without details or hint.
    pub fn new(
        status: StatusCode,
        code: impl Into<Cow<'static, str>>,
        message: impl Into<String>,
    ) -> ApiError {
        ApiError {
            status,
            reason: None,
            code: code.into(),
            message: message.into(),
            details: None,
            hint: None,
            headers: Vec::new(),
            brief: false,
            internal: None,
        }
    }

    /// Adds details.
    pub fn with_details(mut self, details: impl Into<Value>) -> ApiError {
        self.details = Some(details.into());
        self
    }

    /// Adds the hint.
    pub fn with_hint(mut self, hint: impl Into<String>) -> ApiError {
        self.hint = Some(hint.into());
        self
    }

    /// Adds a header.
    pub fn with_header(mut self, name: HeaderName, value: &str) -> ApiError {
        if let Ok(value) = HeaderValue::from_str(value) {
            self.headers.push((name, value));
        }
        self
    }

    /// The database's error. `anonymous`: a refusal asks to sign in (401) instead of forbidding (403).
    pub fn from_database(error: &DatabaseError, anonymous: bool) -> ApiError {
        let fields = error.fields();
        if error.code().as_str() == "PGRST" {
            return raised(&fields.message, fields.detail.as_deref());
        }
        let (status, reason) = status_of(error, anonymous);
        let mut answer = ApiError::new(status, error.code().as_str().to_owned(), fields.message.clone());
        answer.reason = reason;
        answer.details = fields.detail.clone().map(Value::String);
        answer.hint = fields.hint.clone();
        answer.internal = fields.internal.clone();
        if status == StatusCode::UNAUTHORIZED {
            answer = answer.with_header(header::WWW_AUTHENTICATE, "Bearer");
        }
        if status == StatusCode::SERVICE_UNAVAILABLE {
            answer = answer.with_header(header::RETRY_AFTER, "1");
        }
        answer
    }

    /// The body.
    pub fn body(&self) -> String {
        let mut body = serde_json::Map::with_capacity(4);
        body.insert("code".into(), Value::String(self.code.to_string()));
        body.insert("message".into(), Value::String(self.message.clone()));
        if self.brief {
            return Value::Object(body).to_string();
        }
        body.insert("details".into(), self.details.clone().unwrap_or(Value::Null));
        body.insert("hint".into(), self.hint.clone().map_or(Value::Null, Value::String));
        Value::Object(body).to_string()
    }
}

impl IntoResponse for ApiError {
    fn into_response(self) -> Response {
        let body = self.body();
        let mut headers = HeaderMap::with_capacity(4);
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json; charset=utf-8"));
        if let Ok(value) = HeaderValue::from_str(&format!("PostgREST; error={}", self.code)) {
            headers.insert(HeaderName::from_static("proxy-status"), value);
        }
        for (name, value) in self.headers {
            headers.insert(name, value);
        }
        let mut response = (self.status, headers, body).into_response();
        if let Some(phrase) = self.reason.and_then(|text| hyper::ext::ReasonPhrase::try_from(text).ok()) {
            response.extensions_mut().insert(phrase);
        }
        if let Some(cause) = self.internal {
            response.extensions_mut().insert(InternalCause(cause));
        }
        response
    }
}

impl From<ApiError> for Response {
    fn from(error: ApiError) -> Response {
        error.into_response()
    }
}

/// The status for a database's error, and the reason phrase where it is the error's own (SQLSTATE `PTnnn`).
pub fn status_of(error: &DatabaseError, anonymous: bool) -> (StatusCode, Option<String>) {
    let code = error.code();
    let code = code.as_str();
    let message = error.message();
    let number = match code {
        "23503" | "23505" => 409,
        "25006" => 405,
        "21000" if message.ends_with("requires a WHERE clause") => 400,
        "21000" => 500,
        "22023" if message.starts_with("role") && message.ends_with("does not exist") => 401,
        "42501" if anonymous => 401,
        "42501" => 403,
        "42883" if message.starts_with("function xmlagg(") => 406,
        "42883" | "42P01" => 404,
        "42P17" => 500,
        "53400" => 500,
        "57P01" => 503,
        "P0001" => 400,
        _ => match &code[..2] {
            "08" | "53" => 503,
            "0L" | "0P" | "28" => 403,
            "09" | "25" | "2D" | "38" | "39" | "3B" | "40" | "54" | "55" | "57" | "58" | "F0" | "HV"
            | "P0" | "XX" => 500,
            "PT" => return own_status(&code[2..], message),
            _ => 400,
        },
    };
    (StatusCode::from_u16(number).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR), None)
}

fn own_status(digits: &str, message: &str) -> (StatusCode, Option<String>) {
    match digits.parse().ok().and_then(|number| StatusCode::from_u16(number).ok()) {
        Some(status) => (status, Some(message.to_owned())),
        None => (StatusCode::INTERNAL_SERVER_ERROR, None),
    }
}

/// `RAISE SQLSTATE 'PGRST'`: MESSAGE and DETAIL are JSON and say everything.
fn raised(message: &str, detail: Option<&str>) -> ApiError {
    let unreadable = |details: String, hint: &str| {
        ApiError::new(
            StatusCode::INTERNAL_SERVER_ERROR,
            "PGRST121",
            "Could not parse JSON in the \"RAISE SQLSTATE 'PGRST'\" error",
        )
        .with_details(details)
        .with_hint(hint)
    };
    const DETAIL_HINT: &str = "DETAIL must be a JSON object with obligatory keys: 'status', 'headers' and optional key: 'status_text'.";
    let Some(said) = Said::read(message) else {
        return unreadable(
            format!("Invalid JSON value for MESSAGE: '{message}'"),
            "MESSAGE must be a JSON object with obligatory keys: 'code', 'message' and optional keys: 'details', 'hint'.",
        );
    };
    let Some(detail) = detail else {
        return unreadable("DETAIL is missing in the RAISE statement".to_owned(), DETAIL_HINT);
    };
    let Some(manner) = Manner::read(detail) else {
        return unreadable(format!("Invalid JSON value for DETAIL: '{detail}'"), DETAIL_HINT);
    };
    let mut error = ApiError::new(manner.status, said.code, said.message);
    error.details = said.details.map(Value::String);
    error.hint = said.hint;
    error.reason = manner.status_text;
    error.headers = manner.headers;
    error
}

struct Said {
    code: String,
    message: String,
    details: Option<String>,
    hint: Option<String>,
}

impl Said {
    fn read(text: &str) -> Option<Said> {
        let value: Value = serde_json::from_str(text).ok()?;
        let field = |name: &str| value.get(name).and_then(Value::as_str).map(str::to_owned);
        Some(Said {
            code: field("code")?,
            message: field("message")?,
            details: field("details"),
            hint: field("hint"),
        })
    }
}

struct Manner {
    status: StatusCode,
    status_text: Option<String>,
    headers: Vec<(HeaderName, HeaderValue)>,
}

impl Manner {
    fn read(text: &str) -> Option<Manner> {
        let value: Value = serde_json::from_str(text).ok()?;
        let number = u16::try_from(value.get("status")?.as_i64()?).ok()?;
        let mut headers = Vec::new();
        for (name, value) in value.get("headers")?.as_object()? {
            headers.push((name.parse().ok()?, HeaderValue::from_str(value.as_str()?).ok()?));
        }
        Some(Manner {
            status: StatusCode::from_u16(number).ok()?,
            status_text: value.get("status_text").and_then(Value::as_str).map(str::to_owned),
            headers,
        })
    }
}

#[cfg(test)]
mod tests;
