//! How long the stages of a request took, for the header `Server-Timing`.

use axum::response::Response;
use http::{HeaderName, HeaderValue};
use std::fmt::Write as _;
use std::time::{Duration, Instant};

/// A stage of the life of a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Stage {
    /// Who asks.
    Token,
    /// What is asked.
    Parse,
    /// What that comes to.
    Plan,
    /// What the database did.
    Transaction,
    /// The answer made of it.
    Response,
}

impl Stage {
    fn name(self) -> &'static str {
        match self {
            Stage::Token => "jwt",
            Stage::Parse => "parse",
            Stage::Plan => "plan",
            Stage::Transaction => "transaction",
            Stage::Response => "response",
        }
    }
}

/// A clock that is looked at when a stage ends; where nobody wants to know it stands still.
#[derive(Debug)]
pub(crate) struct Timing {
    since: Option<Instant>,
    stages: Vec<(Stage, Duration)>,
}

impl Timing {
    /// Begins.
    pub(crate) fn start(wanted: bool) -> Timing {
        Timing { since: wanted.then(Instant::now), stages: Vec::new() }
    }

    /// A stage ends, the next one begins.
    pub(crate) fn end(&mut self, stage: Stage) {
        if let Some(since) = &mut self.since {
            let now = Instant::now();
            self.stages.push((stage, now.duration_since(*since)));
            *since = now;
        }
    }

    /// Says it all in the answer, in milliseconds.
    pub(crate) fn tell(mut self, mut response: Response) -> Response {
        self.end(Stage::Response);
        let mut text = String::new();
        for (stage, took) in &self.stages {
            let separator = if text.is_empty() { "" } else { ", " };
            // Writing to a String cannot fail.
            let _ = write!(text, "{separator}{};dur={:.1}", stage.name(), took.as_secs_f64() * 1000.0);
        }
        if let (false, Ok(value)) = (text.is_empty(), HeaderValue::from_str(&text)) {
            response.headers_mut().insert(HeaderName::from_static("server-timing"), value);
        }
        response
    }
}
