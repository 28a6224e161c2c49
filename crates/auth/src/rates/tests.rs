use super::*;
use async_trait::async_trait;
use axum::response::IntoResponse as _;
use database::DatabaseError;
use limits::InMemory;

fn rates(settings: RateSettings) -> Rates {
    Rates::new(Arc::new(InMemory::default()), settings)
}

fn client(address: &str) -> Client {
    Client { address: Some(address.parse().expect("an address")), user_agent: None }
}

/// How many are let through before the first is not.
async fn allowed(rates: &Rates, limit: Limit, client: &Client, account: Option<&str>) -> u32 {
    let mut count = 0;
    while count < 1000 && rates.take(limit, client, account).await.is_ok() {
        count += 1;
    }
    count
}

#[tokio::test]
async fn the_defaults_are_gotrues() {
    let rates = rates(RateSettings::default());
    let mut counts = Vec::new();
    for limit in Limit::ALL {
        counts.push(allowed(&rates, *limit, &client("192.0.2.1"), None).await);
    }
    assert_eq!(counts, [150, 30, 30, 30, 30, 30, 30, 30, 30, 150]);
}

#[tokio::test]
async fn a_refusal_is_429_with_the_time_to_wait() {
    let settings = RateSettings { anonymous_users: 1, ..RateSettings::default() };
    let rates = rates(settings);
    let client = client("192.0.2.1");
    assert_eq!(allowed(&rates, Limit::AnonymousSignIn, &client, None).await, 1);
    let refused = rates.take(Limit::AnonymousSignIn, &client, None).await.expect_err("none is left");
    assert_eq!(refused.code(), ErrorCode::OVER_REQUEST_RATE_LIMIT);
    assert_eq!(refused.message(), "Request rate limit reached");
    let response = refused.into_response();
    assert_eq!(response.status(), 429);
    let header =
        |name: &str| response.headers().get(name).and_then(|value| value.to_str().ok()).unwrap_or("");
    let wait: u32 = header("retry-after").parse().expect("seconds");
    assert!((3590..=3600).contains(&wait), "{wait}");
    assert_eq!(header("ratelimit-policy"), "\"anonymous\";q=1;w=3600");
    assert!(header("ratelimit").starts_with("\"anonymous\";r=0;t="), "{}", header("ratelimit"));
}

#[tokio::test]
async fn many_addresses_guess_no_more_of_one_account() {
    let rates = rates(RateSettings::default());
    let mut guesses = 0;
    for number in 0..200 {
        let client = client(&format!("198.51.100.{number}"));
        guesses += u32::from(rates.take(Limit::Token, &client, Some("ann@example.com")).await.is_ok());
    }
    assert_eq!(guesses, 30);
    let elsewhere = client("203.0.113.1");
    assert!(rates.take(Limit::Token, &elsewhere, Some("ANN@example.com")).await.is_err());
    assert!(rates.take(Limit::Token, &elsewhere, Some("bob@example.com")).await.is_ok());
    // A refresh names no account.
    assert!(rates.take(Limit::Token, &elsewhere, None).await.is_ok());
}

#[tokio::test]
async fn a_setting_of_more_than_30_may_be_used_at_once() {
    let settings = RateSettings { sign_in_sign_ups: 100, ..RateSettings::default() };
    assert_eq!(allowed(&rates(settings), Limit::SignUp, &client("192.0.2.1"), None).await, 100);
    let settings = RateSettings { sign_in_sign_ups: 0, ..RateSettings::default() };
    assert_eq!(allowed(&rates(settings), Limit::SignUp, &client("192.0.2.1"), None).await, 0);
}

#[tokio::test]
async fn this_machine_is_counted_unless_the_setting_says_no() {
    for address in ["127.0.0.1", "::1", "::ffff:127.0.0.1"] {
        let counted = rates(RateSettings::default());
        assert_eq!(allowed(&counted, Limit::SignUp, &client(address), None).await, 30);
        let not_counted = rates(RateSettings { count_loopback: false, ..RateSettings::default() });
        assert_eq!(allowed(&not_counted, Limit::SignUp, &client(address), None).await, 1000);
        assert_eq!(allowed(&not_counted, Limit::SignUp, &client("192.0.2.1"), None).await, 30);
    }
}

#[tokio::test]
async fn whose_address_is_unknown_is_counted_too() {
    let rates = rates(RateSettings { count_loopback: false, ..RateSettings::default() });
    assert_eq!(allowed(&rates, Limit::SignUp, &Client::default(), None).await, 30);
}

struct Broken;

#[async_trait]
impl Limiter for Broken {
    async fn take(&self, _: &Bucket, _: &str) -> Result<Decision, DatabaseError> {
        Err(DatabaseError::new(sqlstate::CONNECTION_FAILURE, "gone"))
    }
}

#[tokio::test]
async fn when_it_cannot_be_known_nothing_is_allowed() {
    let rates = Rates::new(Arc::new(Broken), RateSettings::default());
    let refused = rates.take(Limit::Token, &client("192.0.2.1"), None).await.expect_err("no leave");
    assert_eq!(refused.status(), 503);
}
