//! The known providers: GoTrue's, with their addresses, scopes, manners and how their answers read.
//!
//! Sources: the providers' own documents, and supabase/auth's `internal/api/provider` for what it asks and keeps.

use super::profile::{self, ReadAnswers, ReadClaims};

/// An address below a host; the host is replaced by the operator's `url` where he gives one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct At {
    pub(super) host: &'static str,
    pub(super) path: &'static str,
}

impl At {
    pub(super) fn address(&self, base: Option<&str>) -> String {
        match base {
            Some(base) => format!("{}{}", base.trim_end_matches('/'), self.path),
            None => format!("https://{}{}", self.host, self.path),
        }
    }
}

/// Where the flow goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Endpoints {
    /// These addresses.
    Fixed { authorize: At, token: At },
    /// Those of the issuer's document.
    Discovered,
    /// OAuth 1.0a.
    Signed { request: At, authenticate: At, access: At },
}

/// Whose ID tokens are this provider's.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Issuer {
    /// The document is that of `document`; the tokens name one of `accepted`.
    Fixed { document: &'static str, accepted: &'static [&'static str] },
    /// The operator's `url` is the issuer.
    Configured,
    /// A tenant of Azure: that of the operator's `url`, else any.
    AzureTenant,
}

/// ID tokens of a provider.
#[derive(Clone, Copy)]
pub(super) struct IdTokens {
    pub(super) issuer: Issuer,
    pub(super) read: ReadClaims,
    /// Whether the token of the authorization code flow repeats the nonce that was sent.
    pub(super) repeats_nonce: bool,
    /// Whether a nonce can be compared at all when an app brings a token.
    pub(super) has_nonce: bool,
}

/// Where the flow's profile comes from.
#[derive(Clone, Copy)]
pub(super) enum Source {
    /// The ID token of the token's answer.
    IdToken,
    /// The ID token, and without one these requests.
    IdTokenOr(Requests),
    /// These requests.
    Requests(Requests),
    /// A field of the token's answer.
    Field(&'static str, ReadAnswers),
}

/// Requests with the access token, one after the other.
#[derive(Clone, Copy)]
pub(super) struct Requests {
    pub(super) addresses: &'static [At],
    pub(super) manner: Manner,
    pub(super) read: ReadAnswers,
    /// What follows the API's base in `iss`.
    pub(super) issuer_path: &'static str,
}

/// What a provider's API wants beside the access token.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Manner {
    Bearer,
    /// GitHub's API is elsewhere on a host of one's own.
    GithubApi,
    /// A proof that the caller has the client's secret.
    FacebookProof,
    /// The version of the API.
    NotionVersion,
    /// The client's identifier.
    TwitchClient,
}

/// How the client authenticates at the token endpoint.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Authentication {
    /// `Authorization: Basic`.
    Basic,
    /// In the form.
    Post,
    /// Not at all, only by its identifier.
    Public,
}

/// A known provider.
pub struct Known {
    /// Its name here.
    pub name: &'static str,
    pub(super) endpoints: Endpoints,
    /// The scopes that are asked for when nobody says otherwise.
    pub(super) scopes: &'static [&'static str],
    /// Whether the app may ask for more scopes.
    pub(super) takes_scopes: bool,
    pub(super) authentication: Authentication,
    /// Whether it is known to take a code challenge; a document decides where there is one.
    pub(super) pkce: bool,
    /// Further parameters of the authorization request.
    pub(super) parameters: &'static [(&'static str, &'static str)],
    pub(super) source: Source,
    pub(super) id_tokens: Option<IdTokens>,
    /// Whether the operator must name its place.
    pub(super) needs_url: bool,
}

/// The row of this name.
pub(super) fn known(name: &str) -> Option<&'static Known> {
    KNOWN.iter().find(|known| known.name == name)
}

/// The names of all rows, in their order.
pub fn names() -> impl Iterator<Item = &'static str> {
    KNOWN.iter().map(|known| known.name)
}

const fn at(host: &'static str, path: &'static str) -> At {
    At { host, path }
}

const fn fixed(authorize: At, token: At) -> Endpoints {
    Endpoints::Fixed { authorize, token }
}

const fn bearer(addresses: &'static [At], read: ReadAnswers) -> Source {
    bearer_below(addresses, "", read)
}

const fn bearer_below(addresses: &'static [At], issuer_path: &'static str, read: ReadAnswers) -> Source {
    Source::Requests(Requests { addresses, manner: Manner::Bearer, read, issuer_path })
}

/// What most rows have: no ID tokens, the client's secret in the form, further scopes.
const PLAIN: Known = Known {
    name: "",
    endpoints: Endpoints::Discovered,
    scopes: &[],
    takes_scopes: true,
    authentication: Authentication::Post,
    pkce: false,
    parameters: &[],
    source: Source::IdToken,
    id_tokens: None,
    needs_url: false,
};

const fn id_tokens(issuer: Issuer, read: ReadClaims) -> Option<IdTokens> {
    Some(IdTokens { issuer, read, repeats_nonce: false, has_nonce: true })
}

const fn id_tokens_with_nonce(issuer: Issuer, read: ReadClaims) -> Option<IdTokens> {
    Some(IdTokens { issuer, read, repeats_nonce: true, has_nonce: true })
}

/// All of them, by name.
const KNOWN: &[Known] = &[
    Known {
        name: "apple",
        scopes: &["email", "name"],
        takes_scopes: false,
        // With scopes the answer comes as a form (POST).
        parameters: &[("response_mode", "form_post")],
        id_tokens: id_tokens_with_nonce(
            Issuer::Fixed {
                document: "https://appleid.apple.com",
                accepted: &["https://appleid.apple.com", "https://account.apple.com"],
            },
            profile::apple_claims,
        ),
        ..PLAIN
    },
    Known {
        name: "azure",
        endpoints: fixed(
            at("login.microsoftonline.com/common", "/oauth2/v2.0/authorize"),
            at("login.microsoftonline.com/common", "/oauth2/v2.0/token"),
        ),
        scopes: &["openid"],
        pkce: true,
        id_tokens: id_tokens_with_nonce(Issuer::AzureTenant, profile::azure_claims),
        ..PLAIN
    },
    Known {
        name: "bitbucket",
        endpoints: fixed(
            at("bitbucket.org", "/site/oauth2/authorize"),
            at("bitbucket.org", "/site/oauth2/access_token"),
        ),
        scopes: &["account", "email"],
        takes_scopes: false,
        authentication: Authentication::Basic,
        source: bearer_below(
            &[at("api.bitbucket.org", "/2.0/user"), at("api.bitbucket.org", "/2.0/user/emails")],
            "/2.0",
            profile::bitbucket,
        ),
        ..PLAIN
    },
    Known {
        name: "discord",
        endpoints: fixed(at("discord.com", "/api/oauth2/authorize"), at("discord.com", "/api/oauth2/token")),
        scopes: &["email", "identify"],
        source: bearer_below(&[at("discord.com", "/api/users/@me")], "/api", profile::discord),
        ..PLAIN
    },
    Known {
        name: "facebook",
        endpoints: fixed(
            at("www.facebook.com", "/dialog/oauth"),
            at("graph.facebook.com", "/oauth/access_token"),
        ),
        scopes: &["email"],
        source: Source::Requests(Requests {
            addresses: &[at("graph.facebook.com", "/me?fields=email,first_name,last_name,name,picture")],
            manner: Manner::FacebookProof,
            read: profile::facebook,
            issuer_path: "/me?fields=email,first_name,last_name,name,picture",
        }),
        // Limited Login; its nonce cannot be compared.
        id_tokens: Some(IdTokens {
            issuer: Issuer::Fixed {
                document: "https://www.facebook.com",
                accepted: &["https://www.facebook.com"],
            },
            read: profile::facebook_claims,
            repeats_nonce: false,
            has_nonce: false,
        }),
        ..PLAIN
    },
    Known {
        name: "figma",
        endpoints: fixed(at("www.figma.com", "/oauth"), at("api.figma.com", "/v1/oauth/token")),
        scopes: &["current_user:read"],
        authentication: Authentication::Basic,
        source: bearer(&[at("api.figma.com", "/v1/me")], profile::figma),
        ..PLAIN
    },
    Known {
        name: "fly",
        endpoints: fixed(at("api.fly.io", "/oauth/authorize"), at("api.fly.io", "/oauth/token")),
        scopes: &["read"],
        source: bearer(&[at("api.fly.io", "/oauth/token/info")], profile::fly),
        ..PLAIN
    },
    Known {
        name: "github",
        endpoints: fixed(
            at("github.com", "/login/oauth/authorize"),
            at("github.com", "/login/oauth/access_token"),
        ),
        scopes: &["user:email"],
        pkce: true,
        source: Source::Requests(Requests {
            addresses: &[at("api.github.com", "/user"), at("api.github.com", "/user/emails")],
            manner: Manner::GithubApi,
            read: profile::github,
            issuer_path: "",
        }),
        ..PLAIN
    },
    Known {
        name: "gitlab",
        endpoints: fixed(at("gitlab.com", "/oauth/authorize"), at("gitlab.com", "/oauth/token")),
        scopes: &["read_user"],
        pkce: true,
        source: bearer(
            &[at("gitlab.com", "/api/v4/user"), at("gitlab.com", "/api/v4/user/emails")],
            profile::gitlab,
        ),
        ..PLAIN
    },
    Known {
        name: "google",
        scopes: &["openid", "email", "profile"],
        source: Source::IdTokenOr(Requests {
            addresses: &[at("www.googleapis.com", "/userinfo/v2/me")],
            manner: Manner::Bearer,
            read: profile::google,
            issuer_path: "/userinfo/v2/me",
        }),
        id_tokens: id_tokens_with_nonce(
            Issuer::Fixed {
                document: "https://accounts.google.com",
                // Google's documents name both.
                accepted: &["https://accounts.google.com", "accounts.google.com"],
            },
            profile::google_claims,
        ),
        ..PLAIN
    },
    Known {
        name: "kakao",
        endpoints: fixed(at("kauth.kakao.com", "/oauth/authorize"), at("kauth.kakao.com", "/oauth/token")),
        scopes: &["account_email", "profile_image", "profile_nickname"],
        source: bearer(&[at("kapi.kakao.com", "/v2/user/me")], profile::kakao),
        id_tokens: id_tokens(
            Issuer::Fixed { document: "https://kauth.kakao.com", accepted: &["https://kauth.kakao.com"] },
            profile::kakao_claims,
        ),
        ..PLAIN
    },
    Known {
        name: "keycloak",
        endpoints: fixed(at("", "/protocol/openid-connect/auth"), at("", "/protocol/openid-connect/token")),
        // `openid`, because userinfo is refused without it since Keycloak 19.
        scopes: &["openid", "profile", "email"],
        pkce: true,
        source: bearer(&[at("", "/protocol/openid-connect/userinfo")], profile::keycloak),
        id_tokens: id_tokens(Issuer::Configured, profile::standard),
        needs_url: true,
        ..PLAIN
    },
    Known {
        name: "linkedin",
        endpoints: fixed(
            at("api.linkedin.com", "/oauth/v2/authorization"),
            at("api.linkedin.com", "/oauth/v2/accessToken"),
        ),
        scopes: &["r_emailaddress", "r_liteprofile"],
        source: bearer(
            &[
                at(
                    "api.linkedin.com",
                    "/v2/me?projection=(id,firstName,lastName,profilePicture(displayImage~:playableStreams))",
                ),
                at("api.linkedin.com", "/v2/emailAddress?q=members&projection=(elements*(handle~))"),
            ],
            profile::linkedin,
        ),
        ..PLAIN
    },
    Known {
        name: "linkedin_oidc",
        endpoints: fixed(
            at("api.linkedin.com", "/oauth/v2/authorization"),
            at("api.linkedin.com", "/oauth/v2/accessToken"),
        ),
        scopes: &["openid", "email", "profile"],
        id_tokens: id_tokens(
            Issuer::Fixed {
                document: "https://www.linkedin.com/oauth",
                accepted: &["https://www.linkedin.com/oauth"],
            },
            profile::linkedin_claims,
        ),
        ..PLAIN
    },
    Known {
        name: "notion",
        endpoints: fixed(
            at("api.notion.com", "/v1/oauth/authorize"),
            at("api.notion.com", "/v1/oauth/token"),
        ),
        takes_scopes: false,
        authentication: Authentication::Basic,
        parameters: &[("owner", "user")],
        source: Source::Requests(Requests {
            addresses: &[at("api.notion.com", "/v1/users/me")],
            manner: Manner::NotionVersion,
            read: profile::notion,
            issuer_path: "",
        }),
        ..PLAIN
    },
    Known {
        name: "slack",
        endpoints: fixed(at("slack.com", "/oauth/authorize"), at("slack.com", "/api/oauth.access")),
        scopes: &["profile", "email", "openid"],
        source: bearer_below(&[at("slack.com", "/api/openid.connect.userInfo")], "/api", profile::slack),
        ..PLAIN
    },
    Known {
        name: "slack_oidc",
        endpoints: fixed(
            at("slack.com", "/openid/connect/authorize"),
            at("slack.com", "/api/openid.connect.token"),
        ),
        scopes: &["profile", "email", "openid"],
        source: bearer_below(&[at("slack.com", "/api/openid.connect.userInfo")], "/api", profile::slack),
        ..PLAIN
    },
    Known {
        name: "snapchat",
        endpoints: fixed(
            at("accounts.snapchat.com", "/accounts/oauth2/auth"),
            at("accounts.snapchat.com", "/accounts/oauth2/token"),
        ),
        scopes: &[
            "https://auth.snapchat.com/oauth2/api/user.external_id",
            "https://auth.snapchat.com/oauth2/api/user.display_name",
            "https://auth.snapchat.com/oauth2/api/user.bitmoji.avatar",
        ],
        authentication: Authentication::Basic,
        source: bearer(
            &[at(
                "kit.snapchat.com",
                "/v1/me?query=%7Bme+%7B+externalId+displayName+bitmoji+%7B+avatar+id+%7D+email+%7D+%7D",
            )],
            profile::snapchat,
        ),
        id_tokens: id_tokens(
            Issuer::Fixed {
                document: "https://accounts.snapchat.com/accounts/oauth2/token",
                accepted: &["https://accounts.snapchat.com/accounts/oauth2/token"],
            },
            profile::snapchat_claims,
        ),
        ..PLAIN
    },
    Known {
        name: "spotify",
        endpoints: fixed(at("accounts.spotify.com", "/authorize"), at("accounts.spotify.com", "/api/token")),
        scopes: &["user-read-email"],
        authentication: Authentication::Basic,
        pkce: true,
        source: bearer(&[at("api.spotify.com/v1", "/me")], profile::spotify),
        ..PLAIN
    },
    Known {
        name: "twitch",
        endpoints: fixed(at("id.twitch.tv", "/oauth2/authorize"), at("id.twitch.tv", "/oauth2/token")),
        scopes: &["user:read:email"],
        source: Source::Requests(Requests {
            addresses: &[at("api.twitch.tv", "/helix/users")],
            manner: Manner::TwitchClient,
            read: profile::twitch,
            issuer_path: "",
        }),
        ..PLAIN
    },
    Known {
        name: "twitter",
        endpoints: Endpoints::Signed {
            request: at("api.twitter.com", "/oauth/request_token"),
            authenticate: at("api.twitter.com", "/oauth/authenticate"),
            access: at("api.twitter.com", "/oauth/access_token"),
        },
        takes_scopes: false,
        source: bearer_below(
            &[at(
                "api.twitter.com",
                "/1.1/account/verify_credentials.json?include_email=true&include_entities=false&skip_status=true",
            )],
            "/1.1/account/verify_credentials.json",
            profile::twitter,
        ),
        ..PLAIN
    },
    Known {
        name: "vercel_marketplace",
        endpoints: fixed(
            at("api.vercel.com", "/oauth/v2/authorization"),
            at("api.vercel.com", "/oauth/v2/accessToken"),
        ),
        id_tokens: id_tokens(
            Issuer::Fixed {
                document: "https://marketplace.vercel.com",
                accepted: &["https://marketplace.vercel.com"],
            },
            profile::vercel_claims,
        ),
        ..PLAIN
    },
    Known {
        name: "workos",
        endpoints: fixed(at("api.workos.com", "/sso/authorize"), at("api.workos.com", "/sso/token")),
        takes_scopes: false,
        source: Source::Field("profile", profile::workos),
        ..PLAIN
    },
    Known {
        name: "x",
        endpoints: fixed(at("x.com", "/i/oauth2/authorize"), at("api.x.com", "/2/oauth2/token")),
        scopes: &["users.email", "tweet.read", "users.read", "offline.access"],
        authentication: Authentication::Basic,
        pkce: true,
        source: bearer(
            &[at(
                "api.x.com",
                "/2/users/me?user.fields=id,name,username,confirmed_email,profile_image_url,url,created_at",
            )],
            profile::x,
        ),
        ..PLAIN
    },
    Known {
        name: "zoom",
        endpoints: fixed(at("zoom.us", "/oauth/authorize"), at("zoom.us", "/oauth/token")),
        takes_scopes: false,
        authentication: Authentication::Basic,
        source: bearer_below(&[at("api.zoom.us", "/v2/users/me")], "/v2", profile::zoom),
        ..PLAIN
    },
];
