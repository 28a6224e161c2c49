//! The authorization code flow (RFC 6749, RFC 7636, RFC 9207, OpenID Connect Core 3.1) with a provider, and tokens that an app
//! obtained itself.
//!
//! A flow has one secret, 256 random bits that are kept here until the answer comes and used once: the code verifier. The
//! nonce follows from it, so that nothing else needs keeping.

use super::discovery::json;
use super::id_token::{Expected, Nonce, Unverified, check_subject};
use super::profile::{Profile, Site, standard};
use super::table::{Authentication, Endpoints, IdTokens, Issuer, Manner, Requests, Source};
use super::{ExternalIdentity, Provider, ProviderError, Result};
use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use data_encoding::HEXLOWER;
use fetch::Request;
use hmac::{Hmac, Mac as _};
use http::{HeaderName, HeaderValue, header};
use serde_json::{Map, Value};
use sha2::{Digest as _, Sha256};
use std::fmt;
use std::time::SystemTime;
use url::Url;
use url::form_urlencoded::{Serializer, byte_serialize};
use web::identifier::{is_uuid, random};

/// Parameters that are ours: an app cannot set them on its way to the provider.
const RESERVED: &[&str] = &[
    "client_id",
    "client_secret",
    "redirect_uri",
    "response_type",
    "response_mode",
    "state",
    "nonce",
    "code_challenge",
    "code_challenge_method",
    "code_verifier",
    "scope",
    "request",
    "request_uri",
    // Of our own endpoint.
    "provider",
    "scopes",
    "redirect_to",
    "skip_http_redirect",
    "invite_token",
    "apikey",
];

/// How many further parameters an app may send along, and how long all may be.
const PARAMETERS_LIMIT: usize = 32;
const PARAMETERS_LENGTH: usize = 4096;

/// What begins a flow.
pub struct AuthorizationRequest<'a> {
    /// What the provider gives back with its answer.
    pub state: &'a str,
    /// Our own callback, unless the provider's settings name another.
    pub callback: &'a str,
    /// Scopes that the app asks for, separated by commas or spaces.
    pub scopes: &'a str,
    /// All parameters of the app's request; what is ours is left out.
    pub parameters: &'a [(String, String)],
}

/// Where somebody is sent, and what must be kept until they are back.
pub struct Authorization {
    /// The provider's page.
    pub url: String,
    /// The flow's secret, for [`Provider::complete`].
    pub secret: String,
}

impl fmt::Debug for Authorization {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Authorization").finish_non_exhaustive()
    }
}

/// What the provider's answer brings to the callback.
#[derive(Clone, Default)]
pub struct CallbackParameters {
    /// The authorization code.
    pub code: Option<String>,
    /// The issuer that answers (RFC 9207).
    pub issuer: Option<String>,
    /// What Apple sends the first time: the name that somebody chose to give.
    pub user: Option<String>,
    /// OAuth 1.0a.
    pub oauth_token: Option<String>,
    /// OAuth 1.0a.
    pub oauth_verifier: Option<String>,
}

/// The token endpoint's answer.
struct Tokens {
    access_token: String,
    refresh_token: String,
    id_token: Option<String>,
    whole: Value,
}

/// Where this flow goes.
struct Route {
    authorize: String,
    token: String,
    userinfo: Option<String>,
    authentication: Authentication,
    pkce: bool,
    /// The issuer as RFC 9207 would name it, and whether it must.
    issuer: Option<String>,
    names_issuer: bool,
}

impl<'a> Provider<'a> {
    /// Begins a flow.
    ///
    /// # Errors
    /// The provider cannot be asked for its endpoints, or they are none.
    pub async fn authorization(&self, request: &AuthorizationRequest<'_>) -> Result<Authorization> {
        let redirect_uri = self.redirect_uri(request.callback);
        if let Some(Endpoints::Signed { request: token, authenticate, .. }) =
            self.known.map(|known| known.endpoints)
        {
            let callback = format!("{redirect_uri}?{}", encoded(&[("state", request.state)]));
            return self.signed_authorization(&callback, token, authenticate).await;
        }
        let route = self.route().await?;
        let secret = random_secret()?;
        let mut url = Url::parse(&route.authorize)
            .map_err(|_| ProviderError::Malformed("the authorization endpoint is no address".to_owned()))?;
        if !matches!(url.scheme(), "https" | "http") {
            return Err(ProviderError::Malformed("the authorization endpoint is no web address".to_owned()));
        }
        let scopes = self.scopes(request.scopes).join(" ");
        let (nonce, challenge) = (nonce(&secret), challenge(&secret));
        let mut query = url.query_pairs_mut();
        query
            .append_pair("client_id", self.client_id())
            .append_pair("redirect_uri", redirect_uri)
            .append_pair("response_type", "code")
            .append_pair("state", request.state);
        if !scopes.is_empty() {
            query.append_pair("scope", &scopes);
        }
        if self.repeats_nonce() {
            query.append_pair("nonce", &nonce);
        }
        if route.pkce {
            query.append_pair("code_challenge", &challenge).append_pair("code_challenge_method", "S256");
        }
        let fixed = self.known.map_or(&[][..], |known| known.parameters);
        for (name, value) in fixed {
            query.append_pair(name, value);
        }
        for (name, value) in further(request.parameters) {
            if !fixed.iter().any(|(own, _)| own.eq_ignore_ascii_case(name)) {
                query.append_pair(name, value);
            }
        }
        drop(query);
        Ok(Authorization { url: url.into(), secret })
    }

    /// Ends a flow: from the provider's answer to who somebody is there. `secret` is what [`Authorization`] gave.
    ///
    /// # Errors
    /// The answer is not the provider's, or proves nothing.
    pub async fn complete(
        &self,
        answer: &CallbackParameters,
        secret: &str,
        callback: &str,
        now: SystemTime,
    ) -> Result<ExternalIdentity> {
        if let Some(Endpoints::Signed { access, .. }) = self.known.map(|known| known.endpoints) {
            return self.signed_completion(answer, secret, access).await;
        }
        let code = answer.code.as_deref().filter(|code| !code.is_empty());
        let code = code.ok_or_else(|| ProviderError::Refused("the answer has no code".to_owned()))?;
        let route = self.route().await?;
        check_issuer(&route, answer.issuer.as_deref())?;
        let tokens = self.exchange(&route, code, secret, callback).await?;
        let mut profile = self.profile(&route, &tokens, secret, now).await?;
        if self.name == "apple"
            && let Some(user) = &answer.user
        {
            name_from_apple(&mut profile, user);
        }
        Ok(self.identity(profile, tokens.access_token, tokens.refresh_token))
    }

    /// Who the ID token is about that an app obtained from the provider itself.
    ///
    /// # Errors
    /// The provider has no ID tokens, or the token proves nothing.
    pub async fn verify_id_token(
        &self,
        token: &str,
        access_token: Option<&str>,
        nonce: Option<&str>,
        now: SystemTime,
    ) -> Result<ExternalIdentity> {
        let rules = self.id_tokens()?;
        let nonce = if self.settings.skip_nonce_check || !rules.has_nonce {
            Nonce::Skipped
        } else {
            Nonce::Hashed(nonce)
        };
        let claims = self.checked_claims(&rules, token, access_token, nonce, now).await?;
        let profile = self.read_claims(&rules, &claims)?;
        Ok(self.identity(profile, access_token.unwrap_or_default().to_owned(), String::new()))
    }

    /// Where the provider sends people back to.
    fn redirect_uri<'r>(&'r self, callback: &'r str) -> &'r str {
        self.settings.redirect_uri.as_deref().unwrap_or(callback)
    }

    fn scopes(&self, asked: &str) -> Vec<String> {
        let usual: &[&str] = self.known.map_or(&["openid", "email", "profile"], |known| known.scopes);
        let mut scopes: Vec<String> = if self.settings.scopes.is_empty() {
            usual.iter().map(|scope| (*scope).to_owned()).collect()
        } else {
            self.settings.scopes.clone()
        };
        if self.known.is_none_or(|known| known.takes_scopes) {
            scopes.extend(asked.split([',', ' ']).map(str::to_owned));
        }
        // Without this scope there is no ID token to tell who somebody is.
        if self.known.is_none() {
            scopes.insert(0, "openid".to_owned());
        }
        let mut kept: Vec<String> = Vec::new();
        for scope in scopes {
            if !scope.is_empty() && !kept.contains(&scope) {
                kept.push(scope);
            }
        }
        kept
    }

    async fn route(&self) -> Result<Route> {
        let secret = !self.settings.secret.is_empty();
        let Some(known) = self.known else {
            let issuer = self.base().unwrap_or_default();
            let document = self.providers.discovery.document(issuer).await?;
            let methods = document.client_authentication.as_deref();
            let has = |method: &str| methods.is_some_and(|methods| methods.iter().any(|one| one == method));
            let authentication = if !secret {
                Authentication::Public
            } else if methods.is_none() || has("client_secret_basic") {
                Authentication::Basic
            } else if has("client_secret_post") {
                Authentication::Post
            } else {
                let why = "the provider takes no client secret, neither by Basic nor in the form";
                return Err(ProviderError::Unsupported(why.to_owned()));
            };
            return Ok(Route {
                authorize: document.authorization_endpoint.clone(),
                token: document.token_endpoint.clone(),
                userinfo: document.userinfo_endpoint.clone(),
                authentication,
                pkce: document.takes_s256,
                issuer: Some(document.issuer.clone()),
                names_issuer: document.names_issuer,
            });
        };
        let authentication = if secret { known.authentication } else { Authentication::Public };
        match (known.endpoints, known.id_tokens.map(|rules| rules.issuer)) {
            (Endpoints::Discovered, Some(Issuer::Fixed { document, .. })) => {
                let document = self.providers.discovery.document(document).await?;
                Ok(Route {
                    authorize: document.authorization_endpoint.clone(),
                    token: document.token_endpoint.clone(),
                    userinfo: None,
                    authentication,
                    pkce: document.takes_s256,
                    issuer: Some(document.issuer.clone()),
                    names_issuer: document.names_issuer,
                })
            }
            (Endpoints::Fixed { authorize, token }, issuer) => Ok(Route {
                authorize: authorize.address(self.base()),
                token: token.address(self.base()),
                userinfo: None,
                authentication,
                pkce: known.pkce,
                issuer: match issuer {
                    Some(Issuer::Configured) => self.base().map(|base| base.trim_end_matches('/').to_owned()),
                    Some(Issuer::Fixed { .. } | Issuer::AzureTenant) | None => None,
                },
                names_issuer: false,
            }),
            (Endpoints::Discovered | Endpoints::Signed { .. }, _) => {
                Err(ProviderError::Unsupported(format!("{} has no such flow", self.name)))
            }
        }
    }

    async fn exchange(&self, route: &Route, code: &str, secret: &str, callback: &str) -> Result<Tokens> {
        let mut form = vec![
            ("grant_type", "authorization_code"),
            ("code", code),
            ("redirect_uri", self.redirect_uri(callback)),
        ];
        if route.pkce {
            form.push(("code_verifier", secret));
        }
        let client_secret = self.settings.secret.expose();
        match route.authentication {
            Authentication::Basic => {}
            Authentication::Post => {
                form.extend([("client_id", self.client_id()), ("client_secret", client_secret)])
            }
            Authentication::Public => form.push(("client_id", self.client_id())),
        }
        let mut request = Request::form(route.token.clone(), encoded(&form));
        request.headers.insert(header::ACCEPT, HeaderValue::from_static("application/json"));
        if route.authentication == Authentication::Basic {
            // RFC 6749, 2.3.1: both halves are encoded as in a form.
            let encode = |text: &str| byte_serialize(text.as_bytes()).collect::<String>();
            let pair = format!("{}:{}", encode(self.client_id()), encode(client_secret));
            request
                .headers
                .insert(header::AUTHORIZATION, secret_header(&format!("Basic {}", STANDARD.encode(pair)))?);
        }
        let response = self.providers.fetch.fetch(request).await?;
        let refused = response.status.is_client_error() || response.status.is_server_error();
        let whole: Value = match serde_json::from_slice(&response.body) {
            Ok(whole) => whole,
            Err(_) if refused => Value::Null,
            Err(_) => {
                return Err(ProviderError::Malformed("the token endpoint's answer is no JSON".to_owned()));
            }
        };
        let text = |name: &str| whole.get(name).and_then(Value::as_str).map(str::to_owned);
        let access_token = text("access_token").filter(|token| !token.is_empty() && !refused);
        let Some(access_token) = access_token else {
            let error = text("error").unwrap_or_else(|| "no access token".to_owned());
            let description = text("error_description").unwrap_or_default();
            return Err(ProviderError::Refused(format!("the token endpoint refused: {error} {description}")));
        };
        let (refresh_token, id_token) = (text("refresh_token").unwrap_or_default(), text("id_token"));
        Ok(Tokens { access_token, refresh_token, id_token, whole })
    }

    /// Who somebody is, from the tokens.
    async fn profile(
        &self,
        route: &Route,
        tokens: &Tokens,
        secret: &str,
        now: SystemTime,
    ) -> Result<Profile> {
        let source = self.known.map_or(Source::IdToken, |known| known.source);
        match (source, &tokens.id_token) {
            (Source::IdToken | Source::IdTokenOr(_), Some(token)) => {
                let rules = self.id_tokens()?;
                let nonce_sent = nonce(secret);
                let nonce = if rules.repeats_nonce { Nonce::Exact(&nonce_sent) } else { Nonce::Skipped };
                let access_token = Some(tokens.access_token.as_str());
                let claims = self.checked_claims(&rules, token, access_token, nonce, now).await?;
                let profile = self.read_claims(&rules, &claims)?;
                match &route.userinfo {
                    Some(userinfo) if profile.emails.is_empty() => {
                        self.completed_by_userinfo(userinfo, &tokens.access_token, claims).await
                    }
                    Some(_) | None => Ok(profile),
                }
            }
            (Source::IdToken, None) => Err(ProviderError::Malformed("the answer has no ID token".to_owned())),
            (Source::IdTokenOr(requests) | Source::Requests(requests), _) => {
                self.requested(&requests, &tokens.access_token).await
            }
            (Source::Field(name, read), _) => {
                let field = tokens.whole.get(name).cloned().unwrap_or(Value::Null);
                let issuer = route.token.split("/sso/").next().unwrap_or_default();
                self.present(read(&[field], &Site { issuer, one_tenant: false }))
            }
        }
    }

    /// What an OpenID provider keeps out of its ID tokens and tells at its userinfo.
    async fn completed_by_userinfo(
        &self,
        userinfo: &str,
        access_token: &str,
        mut claims: Map<String, Value>,
    ) -> Result<Profile> {
        let told = self.ask(userinfo.to_owned(), access_token, &[]).await?;
        let Value::Object(told) = told else {
            return Err(ProviderError::Malformed("userinfo is no object".to_owned()));
        };
        // OpenID Connect Core 5.3.2: another subject's claims must not be used.
        if check_subject(&told).is_err() || told.get("sub") != claims.get("sub") {
            return Err(ProviderError::Malformed("userinfo is about somebody else".to_owned()));
        }
        for (name, value) in told {
            claims.entry(name).or_insert(value);
        }
        self.present(standard(&claims, &Site { issuer: "", one_tenant: false }))
    }

    /// Asks the provider's API.
    pub(super) async fn requested(&self, requests: &Requests, access_token: &str) -> Result<Profile> {
        let mut answers = Vec::with_capacity(requests.addresses.len());
        for address in requests.addresses {
            let address = address.address(self.api_base(requests.manner).as_deref());
            answers.push(self.ask_in(requests.manner, address, access_token).await?);
        }
        self.present((requests.read)(
            &answers,
            &Site { issuer: &self.api_issuer(requests), one_tenant: false },
        ))
    }

    /// The API's base where the operator named the provider's place.
    pub(super) fn api_base(&self, manner: Manner) -> Option<String> {
        let base = self.base()?.trim_end_matches('/');
        Some(match manner {
            Manner::GithubApi if !base.ends_with("api.github.com") => format!("{base}/api/v3"),
            _ => base.to_owned(),
        })
    }

    /// What is kept as `iss` of somebody whom no ID token describes: where the API is.
    pub(super) fn api_issuer(&self, requests: &Requests) -> String {
        let first = requests.addresses.first().map(|address| address.host).unwrap_or_default();
        let base = self.api_base(requests.manner).unwrap_or_else(|| format!("https://{first}"));
        format!("{base}{}", requests.issuer_path)
    }

    async fn ask_in(&self, manner: Manner, address: String, access_token: &str) -> Result<Value> {
        match manner {
            Manner::Bearer | Manner::GithubApi => self.ask(address, access_token, &[]).await,
            Manner::FacebookProof => {
                let mut proof = Hmac::<Sha256>::new_from_slice(self.settings.secret.expose().as_bytes())
                    .map_err(|_| ProviderError::Unsupported("the client secret cannot be used".to_owned()))?;
                proof.update(access_token.as_bytes());
                let proof = HEXLOWER.encode(&proof.finalize().into_bytes());
                self.ask(format!("{address}&appsecret_proof={proof}"), access_token, &[]).await
            }
            Manner::NotionVersion => {
                self.ask(address, access_token, &[("notion-version", "2021-08-16")]).await
            }
            Manner::TwitchClient => self.ask(address, access_token, &[("client-id", self.client_id())]).await,
        }
    }

    async fn ask(
        &self,
        address: String,
        access_token: &str,
        headers: &[(&'static str, &str)],
    ) -> Result<Value> {
        let mut request = Request::get(address.clone());
        request.headers.insert(header::ACCEPT, HeaderValue::from_static("application/json"));
        request.headers.insert(header::AUTHORIZATION, secret_header(&format!("Bearer {access_token}"))?);
        for (name, value) in headers {
            let value = HeaderValue::from_str(value);
            let value = value.map_err(|_| ProviderError::Unsupported(format!("{name} cannot be sent")))?;
            request.headers.insert(HeaderName::from_static(name), value);
        }
        let response = self.providers.fetch.fetch(request).await?;
        json(&response, &address)
    }

    /// The rules of the provider's ID tokens.
    fn id_tokens(&self) -> Result<IdTokens> {
        match self.known {
            Some(known) => known.id_tokens.ok_or_else(|| {
                ProviderError::Unsupported(format!("Provider {} has no ID tokens", self.name))
            }),
            None => Ok(IdTokens {
                issuer: Issuer::Configured,
                read: standard,
                repeats_nonce: true,
                has_nonce: true,
            }),
        }
    }

    fn repeats_nonce(&self) -> bool {
        self.id_tokens().is_ok_and(|rules| rules.repeats_nonce)
    }

    fn read_claims(&self, rules: &IdTokens, claims: &Map<String, Value>) -> Result<Profile> {
        let one_tenant = matches!(self.azure_tenant(), Ok(Some(_)));
        self.present((rules.read)(claims, &Site { issuer: "", one_tenant }))
    }

    async fn checked_claims(
        &self,
        rules: &IdTokens,
        token: &str,
        access_token: Option<&str>,
        nonce: Nonce<'_>,
        now: SystemTime,
    ) -> Result<Map<String, Value>> {
        let token = Unverified::read(token)?;
        let claimed = token.claimed_issuer().to_owned();
        let (document, accepted): (String, Vec<&str>) = match rules.issuer {
            Issuer::Fixed { document, accepted } => (document.to_owned(), accepted.to_vec()),
            Issuer::Configured => {
                let issuer = self.base().unwrap_or_default();
                // A known provider's base may be written with a slash; an issuer is what it is.
                let issuer = if self.known.is_some() { issuer.trim_end_matches('/') } else { issuer };
                (issuer.to_owned(), vec![issuer])
            }
            Issuer::AzureTenant => {
                let fits = match self.azure_tenant()? {
                    Some(issuer) => issuer == claimed,
                    None => is_azure_issuer(&claimed),
                };
                (claimed.clone(), if fits { vec![claimed.as_str()] } else { Vec::new() })
            }
        };
        if !accepted.contains(&claimed.as_str()) {
            return Err(ProviderError::BadToken(format!("the ID token is of another issuer: {claimed:?}")));
        }
        let keys = self.providers.discovery.keys(&document, |keys| token.has_key_in(keys)).await?;
        let expected =
            Expected { issuers: &accepted, audiences: &self.settings.client_ids, nonce, access_token, now };
        token.verify(&keys, &expected)
    }

    /// The issuer of the one tenant that the operator named; `None` when tokens of any tenant count.
    fn azure_tenant(&self) -> Result<Option<String>> {
        let Some(base) = self.base().filter(|_| self.name == "azure") else { return Ok(None) };
        let issuer = format!("{}/v2.0", base.trim_end_matches('/'));
        let tenant = base.trim_end_matches('/').rsplit('/').next().unwrap_or_default();
        match tenant {
            "common" | "organizations" | "consumers" => Ok(None),
            _ if is_azure_issuer(&issuer) || is_customer_issuer(&issuer) => Ok(Some(issuer)),
            _ => Err(ProviderError::Unsupported(
                "the URL of azure must end in a tenant's identifier (a UUID), common, organizations or consumers"
                    .to_owned(),
            )),
        }
    }

    /// Nobody, when an answer has no identifier.
    pub(super) fn present(&self, profile: Option<Profile>) -> Result<Profile> {
        profile.ok_or_else(|| ProviderError::Malformed(format!("{} does not say who somebody is", self.name)))
    }

    pub(super) fn identity(
        &self,
        profile: Profile,
        access_token: String,
        refresh_token: String,
    ) -> ExternalIdentity {
        ExternalIdentity {
            provider: self.name.to_owned(),
            identity_data: profile.identity_data(),
            subject: profile.subject,
            emails: profile.emails,
            provider_access_token: access_token,
            provider_refresh_token: refresh_token,
        }
    }
}

/// A tenant's issuer: `https://login.microsoftonline.com/UUID/v2.0`, or that of the first version.
fn is_azure_issuer(issuer: &str) -> bool {
    let second =
        issuer.strip_prefix("https://login.microsoftonline.com/").and_then(|rest| rest.strip_suffix("/v2.0"));
    let first = issuer.strip_prefix("https://sts.windows.net/").and_then(|rest| rest.strip_suffix('/'));
    second.or(first).is_some_and(is_uuid)
}

/// A tenant for customers: `https://NAME.ciamlogin.com/UUID/v2.0`.
fn is_customer_issuer(issuer: &str) -> bool {
    let parts = issuer.strip_prefix("https://").and_then(|rest| rest.split_once('/'));
    parts.is_some_and(|(host, path)| {
        let name = host.strip_suffix(".ciamlogin.com");
        name.is_some_and(|name| {
            !name.is_empty()
                && name.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-')
        }) && path.strip_suffix("/v2.0").is_some_and(is_uuid)
    })
}

/// RFC 9207: an answer that names its issuer must name the one that was asked, and one that announced to do so must do it.
fn check_issuer(route: &Route, named: Option<&str>) -> Result<()> {
    match (&route.issuer, named) {
        (Some(issuer), Some(named)) if issuer != named => Err(ProviderError::MixUp),
        (Some(_), None) if route.names_issuer => Err(ProviderError::MixUp),
        _ => Ok(()),
    }
}

/// Apple gives a name once, beside the token; it is for show only, and the address that stands beside it is not looked at.
fn name_from_apple(profile: &mut Profile, user: &str) {
    let Ok(user) = serde_json::from_str::<Value>(user) else { return };
    let part = |name: &str| user.pointer(name).and_then(Value::as_str).unwrap_or_default();
    let name = format!("{} {}", part("/name/firstName"), part("/name/lastName"));
    let name: String = name.trim().chars().take(256).collect();
    if !name.is_empty() {
        profile.claims.insert("name".to_owned(), name.clone().into());
        profile.claims.insert("full_name".to_owned(), name.into());
    }
}

/// The app's further parameters for the provider: neither ours nor too many.
fn further(parameters: &[(String, String)]) -> impl Iterator<Item = (&str, &str)> {
    let mut length = 0;
    parameters
        .iter()
        .filter(|(name, _)| !RESERVED.contains(&name.to_ascii_lowercase().as_str()))
        .take(PARAMETERS_LIMIT)
        .take_while(move |(name, value)| {
            length += name.len() + value.len();
            length <= PARAMETERS_LENGTH
        })
        .map(|(name, value)| {
            // WorkOS' own parameter has the name of ours.
            (if name == "workos_provider" { "provider" } else { name.as_str() }, value.as_str())
        })
}

fn encoded(pairs: &[(&str, &str)]) -> String {
    Serializer::new(String::new()).extend_pairs(pairs).finish()
}

/// 256 random bits in 43 characters: a code verifier of RFC 7636.
pub(super) fn random_secret() -> Result<String> {
    let bytes: [u8; 32] = random().map_err(|_| {
        ProviderError::Unsupported("the operating system has no randomness to give".to_owned())
    })?;
    Ok(URL_SAFE_NO_PAD.encode(bytes))
}

fn challenge(secret: &str) -> String {
    URL_SAFE_NO_PAD.encode(Sha256::digest(secret.as_bytes()))
}

fn nonce(secret: &str) -> String {
    URL_SAFE_NO_PAD.encode(Sha256::digest(format!("nonce of {secret}").as_bytes()))
}

/// A header whose value is not printed.
pub(super) fn secret_header(value: &str) -> Result<HeaderValue> {
    let mut value = HeaderValue::from_str(value)
        .map_err(|_| ProviderError::Malformed("a token that no header can hold".to_owned()))?;
    value.set_sensitive(true);
    Ok(value)
}
