//! OAuth 1.0a (RFC 5849), which is what Twitter's first sign-in speaks: three requests signed with HMAC-SHA1.

use super::flow::{Authorization, CallbackParameters, random_secret};
use super::table::{At, Source};
use super::{ExternalIdentity, Provider, ProviderError, Result};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use fetch::Request;
use hmac::{Hmac, Mac as _};
use http::{Method, header};
use sha1::Sha1;
use std::collections::BTreeMap;
use std::time::{SystemTime, UNIX_EPOCH};
use url::Url;
use url::form_urlencoded;

/// A token and its secret.
struct Token {
    token: String,
    secret: String,
}

impl Provider<'_> {
    /// Asks for a request token and gives the page that asks somebody for consent. What is kept is the token with its secret.
    pub(super) async fn signed_authorization(
        &self,
        callback: &str,
        request: At,
        authenticate: At,
    ) -> Result<Authorization> {
        let address = request.address(self.base());
        let signed = self.signed(Method::POST, &address, None, &[("oauth_callback", callback)])?;
        let token = self.token(signed).await?;
        let mut url = Url::parse(&authenticate.address(self.base()))
            .map_err(|_| ProviderError::Unsupported("the provider's URL is no address".to_owned()))?;
        url.query_pairs_mut().append_pair("oauth_token", &token.token);
        Ok(Authorization { url: url.into(), secret: format!("{} {}", token.token, token.secret) })
    }

    /// Turns the consent into an access token, and that into who somebody is.
    pub(super) async fn signed_completion(
        &self,
        answer: &CallbackParameters,
        kept: &str,
        access: At,
    ) -> Result<ExternalIdentity> {
        let (token, secret) = kept.split_once(' ').unwrap_or_default();
        let verifier = answer.oauth_verifier.as_deref().unwrap_or_default();
        if token.is_empty() || verifier.is_empty() || answer.oauth_token.as_deref() != Some(token) {
            return Err(ProviderError::MixUp);
        }
        let held = Token { token: token.to_owned(), secret: secret.to_owned() };
        let address = access.address(self.base());
        let signed = self.signed(Method::POST, &address, Some(&held), &[("oauth_verifier", verifier)])?;
        let token = self.token(signed).await?;
        let Some(Source::Requests(requests)) = self.known.map(|known| known.source) else {
            return Err(ProviderError::Unsupported(format!("{} has no profile", self.name)));
        };
        let mut answers = Vec::new();
        for address in requests.addresses {
            let address = address.address(self.base());
            let response =
                self.providers.fetch.fetch(self.signed(Method::GET, &address, Some(&token), &[])?).await?;
            answers.push(super::discovery::json(&response, &address)?);
        }
        let issuer = self.api_issuer(&requests);
        let site = super::profile::Site { issuer: &issuer, one_tenant: false };
        let profile = self.present((requests.read)(&answers, &site))?;
        Ok(self.identity(profile, token.token, String::new()))
    }

    /// A request with its signature.
    fn signed(
        &self,
        method: Method,
        address: &str,
        token: Option<&Token>,
        own: &[(&str, &str)],
    ) -> Result<Request> {
        let now = SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_secs());
        let (now, once) = (now.to_string(), random_secret()?);
        let mut parameters = vec![
            ("oauth_consumer_key", self.client_id()),
            ("oauth_nonce", &once),
            ("oauth_signature_method", "HMAC-SHA1"),
            ("oauth_timestamp", &now),
            ("oauth_version", "1.0"),
        ];
        parameters.extend(token.map(|token| ("oauth_token", token.token.as_str())));
        parameters.extend_from_slice(own);
        let secrets = (self.settings.secret.expose(), token.map_or("", |token| token.secret.as_str()));
        let value = authorization_header(&method, address, &parameters, secrets)?;
        let mut request = Request::new(method, address);
        request.headers.insert(header::AUTHORIZATION, super::flow::secret_header(&value)?);
        Ok(request)
    }

    async fn token(&self, request: Request) -> Result<Token> {
        let response = self.providers.fetch.fetch(request).await?;
        if !response.status.is_success() {
            let status = response.status.as_u16();
            return Err(ProviderError::Refused(format!(
                "{} answered {status} instead of a token",
                self.name
            )));
        }
        let fields: BTreeMap<_, _> = form_urlencoded::parse(&response.body).into_owned().collect();
        let field =
            |name: &str| fields.get(name).filter(|text| !text.is_empty() && !text.contains(' ')).cloned();
        match (field("oauth_token"), field("oauth_token_secret")) {
            (Some(token), Some(secret)) => Ok(Token { token, secret }),
            _ => Err(ProviderError::Malformed(format!("{} answered no token", self.name))),
        }
    }
}

/// `Authorization: OAuth …` with the signature of RFC 5849, 3.4.
pub(super) fn authorization_header(
    method: &Method,
    address: &str,
    parameters: &[(&str, &str)],
    (client_secret, token_secret): (&str, &str),
) -> Result<String> {
    let unusable = || ProviderError::Unsupported("the request cannot be signed".to_owned());
    let mut url = Url::parse(address).map_err(|_| unusable())?;
    let mut all: Vec<(String, String)> =
        parameters.iter().map(|(name, value)| (encoded(name), encoded(value))).collect();
    all.extend(url.query_pairs().map(|(name, value)| (encoded(&name), encoded(&value))));
    all.sort();
    let all: Vec<String> = all.into_iter().map(|(name, value)| format!("{name}={value}")).collect();
    url.set_query(None);
    let base = format!("{method}&{}&{}", encoded(url.as_str()), encoded(&all.join("&")));
    let key = format!("{}&{}", encoded(client_secret), encoded(token_secret));
    let mut signature = Hmac::<Sha1>::new_from_slice(key.as_bytes()).map_err(|_| unusable())?;
    signature.update(base.as_bytes());
    let signature = STANDARD.encode(signature.finalize().into_bytes());
    let fields = parameters.iter().copied().chain([("oauth_signature", signature.as_str())]);
    let fields: Vec<String> = fields.map(|(name, value)| format!("{name}=\"{}\"", encoded(value))).collect();
    Ok(format!("OAuth {}", fields.join(", ")))
}

/// RFC 5849, 3.6: all but the unreserved characters.
fn encoded(text: &str) -> String {
    let mut encoded = String::with_capacity(text.len());
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
            encoded.push(char::from(byte));
        } else {
            encoded.push_str(&format!("%{byte:02X}"));
        }
    }
    encoded
}
