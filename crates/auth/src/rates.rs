//! How often: GoTrue's limiters with its names for the settings, below the routers. The function that does a thing asks here first,
//! whichever route or batch it was reached by.
//!
//! Each limiter counts by the client's address, and where the request names an account, by that account too: many addresses
//! guess no more passwords or codes of one user than one address does. (Whoever does so keeps that user from signing in by
//! password for as long; sessions go on, and mailed links work.)
//!
//! What differs from GoTrue: the limits hold without a header being configured for the client's address; a bucket holds as many
//! at once as the setting allows in its window, at least 30, so that the setting means what it says (GoTrue: 30, whatever is
//! set).

use crate::error::{AuthError, ErrorCode, Result};
use crate::request::Client;
use http::HeaderName;
use limits::{Bucket, Decision, Limiter, account_key, address_key};
use std::sync::Arc;
use std::time::Duration;

const FIVE_MINUTES: Duration = Duration::from_secs(300);
const HOUR: Duration = Duration::from_secs(3600);

/// How often a mailed code may be tried.
const CODE_ATTEMPTS: u32 = 10;

/// What a rested bucket holds at least.
const BURST: u32 = 30;

/// How often, as the Supabase CLI's `[auth.rate_limit]` says it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RateSettings {
    /// Mails in an hour, of all together; `None` is no limit.
    pub email_sent: Option<u32>,
    /// Anonymous users in an hour.
    pub anonymous_users: u32,
    /// Tokens in five minutes, whatever the proof.
    pub token_refresh: u32,
    /// Sign-ups, mailed codes, links and changes in five minutes, each; and password sign-ins of one account.
    pub sign_in_sign_ups: u32,
    /// Codes and links that are verified in five minutes.
    pub token_verifications: u32,
    /// Whether clients on this machine are counted. The Supabase CLI does not count them: an app's own tests sign up many users.
    pub count_loopback: bool,
}

impl Default for RateSettings {
    /// GoTrue's.
    fn default() -> RateSettings {
        RateSettings {
            email_sent: Some(30),
            anonymous_users: 30,
            token_refresh: 150,
            sign_in_sign_ups: 30,
            token_verifications: 30,
            count_loopback: true,
        }
    }
}

/// What is limited.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Limit {
    /// `POST /token`.
    Token,
    /// `/verify`.
    Verify,
    /// `POST /otp`.
    Otp,
    /// `POST /magiclink`.
    MagicLink,
    /// `POST /recover`.
    Recover,
    /// `POST /resend`.
    Resend,
    /// `POST /signup` with an address.
    SignUp,
    /// `POST /signup` without one.
    AnonymousSignIn,
    /// `PUT /user`.
    User,
    /// `GET /authorize`, which keeps something for whoever asks.
    Authorize,
}

impl Limit {
    /// All of them.
    pub const ALL: &[Limit] = &[
        Limit::Token,
        Limit::Verify,
        Limit::Otp,
        Limit::MagicLink,
        Limit::Recover,
        Limit::Resend,
        Limit::SignUp,
        Limit::AnonymousSignIn,
        Limit::User,
        Limit::Authorize,
    ];

    /// The bucket of an address.
    fn of_address(self, settings: &RateSettings) -> Bucket {
        let (name, limit, per) = match self {
            Limit::Token => ("token", settings.token_refresh, FIVE_MINUTES),
            Limit::Verify => ("verify", settings.token_verifications, FIVE_MINUTES),
            Limit::Otp => ("otp", settings.sign_in_sign_ups, FIVE_MINUTES),
            Limit::MagicLink => ("magiclink", settings.sign_in_sign_ups, FIVE_MINUTES),
            Limit::Recover => ("recover", settings.sign_in_sign_ups, FIVE_MINUTES),
            Limit::Resend => ("resend", settings.sign_in_sign_ups, FIVE_MINUTES),
            Limit::SignUp => ("signup", settings.sign_in_sign_ups, FIVE_MINUTES),
            // GoTrue's burst is what the setting says here, even when that is less.
            Limit::AnonymousSignIn => {
                let limit = settings.anonymous_users;
                return Bucket { name: "anonymous", limit, per: HOUR, burst: limit };
            }
            Limit::User => ("user", settings.sign_in_sign_ups, FIVE_MINUTES),
            // GoTrue has none here; whoever signs in so asks for a token too.
            Limit::Authorize => ("authorize", settings.token_refresh, FIVE_MINUTES),
        };
        Bucket { name, limit, per, burst: limit.max(BURST) }
    }

    /// The bucket of an account. A token by password is what an account is limited in, by refresh token it has no name.
    fn of_account(self, settings: &RateSettings) -> Bucket {
        match self {
            Limit::Token => {
                let limit = settings.sign_in_sign_ups;
                Bucket { name: "password", limit, per: FIVE_MINUTES, burst: limit.max(BURST) }
            }
            limit => limit.of_address(settings),
        }
    }
}

/// The limiters.
#[derive(Clone)]
pub(crate) struct Rates {
    limiter: Arc<dyn Limiter>,
    settings: RateSettings,
}

impl Rates {
    pub(crate) fn new(limiter: Arc<dyn Limiter>, settings: RateSettings) -> Rates {
        Rates { limiter, settings }
    }

    /// Asks whether the client may, and whether the account may that the request names: its address as it is stored, so that no other way
    /// to write it is another account.
    ///
    /// # Errors
    /// 429 `over_request_rate_limit`; 5xx when it cannot be known, which is no leave.
    pub(crate) async fn take(&self, limit: Limit, client: &Client, account: Option<&str>) -> Result<()> {
        let is_local = client.address.is_some_and(|address| address.to_canonical().is_loopback());
        if is_local && !self.settings.count_loopback {
            return Ok(());
        }
        // Those whose address nobody knows are one client.
        let address = client.address.map_or_else(|| "address:unknown".to_owned(), address_key);
        let refused =
            || AuthError::too_many(ErrorCode::OVER_REQUEST_RATE_LIMIT, "Request rate limit reached");
        self.take_one(&limit.of_address(&self.settings), &address, refused).await?;
        match account {
            Some(account) => {
                self.take_one(&limit.of_account(&self.settings), &account_key(account), refused).await
            }
            None => Ok(()),
        }
    }

    /// Asks whether one more mail may be sent.
    ///
    /// # Errors
    /// 429 `over_email_send_rate_limit`; 5xx as above.
    pub(crate) async fn take_mail(&self) -> Result<()> {
        let Some(limit) = self.settings.email_sent else { return Ok(()) };
        let bucket = Bucket { name: "mail", limit, per: HOUR, burst: limit };
        let refused =
            || AuthError::too_many(ErrorCode::OVER_EMAIL_SEND_RATE_LIMIT, "email rate limit exceeded");
        self.take_one(&bucket, "all", refused).await
    }

    /// Asks whether one more attempt may be made at a mailed code: it has six digits, so it is worth nothing after a few wrong ones, wherever they
    /// come from. `code` names the code without telling it; `life` is how long it is valid.
    ///
    /// # Errors
    /// 5xx when it cannot be known.
    pub(crate) async fn take_attempt(&self, code: &str, life: Duration) -> Result<bool> {
        let bucket = Bucket { name: "code", limit: CODE_ATTEMPTS, per: life, burst: CODE_ATTEMPTS };
        Ok(self.limiter.take(&bucket, code).await?.allowed)
    }

    /// Asks whether an address may be mailed again for which there is no user whose row says when it last was. The answer is how long to
    /// wait: it must be the one that a user would get, or it would tell that there is none.
    ///
    /// # Errors
    /// 5xx when it cannot be known.
    pub(crate) async fn take_frequency(
        &self,
        name: &'static str,
        address: &str,
        frequency: Duration,
    ) -> Result<Option<Duration>> {
        if frequency.is_zero() {
            return Ok(None);
        }
        let bucket = Bucket { name, limit: 1, per: frequency, burst: 1 };
        let decision = self.limiter.take(&bucket, &account_key(address)).await?;
        Ok((!decision.allowed).then_some(decision.retry_after))
    }

    async fn take_one(&self, bucket: &Bucket, key: &str, refused: impl Fn() -> AuthError) -> Result<()> {
        let decision = self.limiter.take(bucket, key).await?;
        if decision.allowed { Ok(()) } else { Err(with_headers(refused(), bucket, &decision)) }
    }
}

fn with_headers(error: AuthError, bucket: &Bucket, decision: &Decision) -> AuthError {
    limits::headers(bucket, decision)
        .iter()
        .fold(error, |error, (name, value)| error.with_header(HeaderName::from_static(name), value))
}

#[cfg(test)]
mod tests;
