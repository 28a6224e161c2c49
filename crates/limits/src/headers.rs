//! The headers that tell a client its limits. Their syntax changed from draft to draft, so it is written in this one place:
//! draft-ietf-httpapi-ratelimit-headers-11 (structured fields: `"name";q=30;w=300` and `"name";r=29;t=10`), and Retry-After
//! (RFC 9110 section 10.2.3).

use crate::{Bucket, Decision};
use std::time::Duration;

/// Names (lower case) and values. `retry-after` is among them when the action was refused.
pub fn headers(bucket: &Bucket, decision: &Decision) -> Vec<(&'static str, String)> {
    let Bucket { name, limit, per, burst: _ } = bucket;
    let next = if decision.remaining == 0 { decision.retry_after } else { decision.full_after };
    let mut headers = vec![
        ("ratelimit-policy", format!("\"{name}\";q={limit};w={}", whole_seconds(*per))),
        ("ratelimit", format!("\"{name}\";r={};t={}", decision.remaining, whole_seconds(next))),
    ];
    if !decision.allowed {
        headers.push(("retry-after", whole_seconds(decision.retry_after).max(1).to_string()));
    }
    headers
}

/// Rounded up: who comes back then is not too early.
fn whole_seconds(span: Duration) -> u64 {
    span.as_secs() + u64::from(span.subsec_nanos() > 0)
}

#[cfg(test)]
mod tests {
    use super::*;

    const BUCKET: Bucket = Bucket { name: "sign_in", limit: 30, per: Duration::from_secs(300), burst: 30 };

    fn shown(decision: &Decision) -> String {
        let lines: Vec<String> =
            headers(&BUCKET, decision).iter().map(|(name, value)| format!("{name}: {value}")).collect();
        lines.join("\n")
    }

    #[test]
    fn an_allowed_action_shows_what_is_left() {
        let decision = Decision {
            allowed: true,
            remaining: 29,
            retry_after: Duration::ZERO,
            full_after: Duration::from_millis(9500),
        };
        assert_eq!(
            shown(&decision),
            "ratelimit-policy: \"sign_in\";q=30;w=300\nratelimit: \"sign_in\";r=29;t=10"
        );
    }

    #[test]
    fn a_refused_action_says_when_to_come_back() {
        let decision = Decision {
            allowed: false,
            remaining: 0,
            retry_after: Duration::from_millis(1),
            full_after: Duration::from_secs(300),
        };
        assert_eq!(
            shown(&decision),
            "ratelimit-policy: \"sign_in\";q=30;w=300\nratelimit: \"sign_in\";r=0;t=1\nretry-after: 1"
        );
    }
}
