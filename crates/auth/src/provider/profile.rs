//! How the known providers' answers read: one small function for each.
//!
//! Where a provider says whether it has verified an address, that must be the boolean `true` (the text "true" only for those that
//! are known to write it so). Where it hands out verified addresses only, or says nothing and GoTrue takes its word, the
//! function says so. An answer without an identifier is nobody.

use super::ExternalEmail;
use super::id_token::SUBJECT_LIMIT;
use serde_json::{Map, Value, json};

/// Who somebody is at a provider, read from its answer.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Profile {
    pub(super) subject: String,
    pub(super) emails: Vec<ExternalEmail>,
    /// What `identity_data` holds, but for what follows from subject and addresses.
    pub(super) claims: Map<String, Value>,
}

/// What a reading function is told beside the answers.
pub(super) struct Site<'a> {
    /// What the provider's API is called in `iss`.
    pub(super) issuer: &'a str,
    /// Whether the operator named one tenant of a provider that has many: its word counts for its own people.
    pub(super) one_tenant: bool,
}

/// Reads a profile from the answers of a provider's API.
pub(super) type ReadAnswers = fn(&[Value], &Site<'_>) -> Option<Profile>;

/// Reads a profile from the claims of an ID token that was checked.
pub(super) type ReadClaims = fn(&Map<String, Value>, &Site<'_>) -> Option<Profile>;

impl Profile {
    fn new(issuer: &str, subject: Option<String>) -> Option<Profile> {
        let subject =
            subject.filter(|subject| !subject.trim().is_empty() && subject.len() <= SUBJECT_LIMIT)?;
        let mut claims = Map::new();
        claims.insert("iss".to_owned(), issuer.into());
        claims.insert("sub".to_owned(), subject.clone().into());
        claims.insert("provider_id".to_owned(), subject.clone().into());
        Some(Profile { subject, emails: Vec::new(), claims })
    }

    fn put(mut self, names: &[&str], value: Option<impl Into<Value>>) -> Profile {
        if let Some(value) = value.map(Into::into)
            && !matches!(&value, Value::String(text) if text.is_empty())
        {
            for name in names {
                self.claims.insert((*name).to_owned(), value.clone());
            }
        }
        self
    }

    fn custom(self, claims: Map<String, Value>) -> Profile {
        let claims: Map<String, Value> = claims.into_iter().filter(|(_, value)| !value.is_null()).collect();
        if claims.is_empty() { self } else { self.put(&["custom_claims"], Some(Value::Object(claims))) }
    }

    fn email(mut self, address: Option<String>, verified: bool, primary: bool) -> Profile {
        if let Some(address) = address.filter(|address| !address.is_empty()) {
            self.emails.push(ExternalEmail { address, verified, primary });
        }
        self
    }

    /// What is kept as `identity_data`.
    pub(super) fn identity_data(&self) -> Map<String, Value> {
        let mut data = self.claims.clone();
        let email = self.emails.iter().find(|email| email.primary).or(self.emails.last());
        if let Some(email) = email {
            data.insert("email".to_owned(), email.address.clone().into());
        }
        data.insert("email_verified".to_owned(), email.is_some_and(|email| email.verified).into());
        data.entry("phone_verified").or_insert(Value::Bool(false));
        data
    }
}

/// Text at a path; empty text is none.
fn text(value: &Value, path: &[&str]) -> Option<String> {
    let found = path.iter().try_fold(value, |value, name| value.get(*name))?;
    found.as_str().filter(|text| !text.is_empty()).map(str::to_owned)
}

/// An identifier: text, or a whole number above zero.
fn identifier(value: &Value, path: &[&str]) -> Option<String> {
    match path.iter().try_fold(value, |value, name| value.get(*name))? {
        Value::String(text) if !text.trim().is_empty() => Some(text.clone()),
        Value::Number(number) => {
            number.as_u64().filter(|number| *number > 0).map(|number| number.to_string())
        }
        _ => None,
    }
}

/// The boolean `true` and nothing else.
fn is_true(value: &Value, path: &[&str]) -> bool {
    path.iter().try_fold(value, |value, name| value.get(*name)) == Some(&Value::Bool(true))
}

/// A flag of a provider that is known to write it as text.
fn is_true_or_text(value: Option<&Value>) -> bool {
    matches!(value, Some(Value::Bool(true))) || value.and_then(Value::as_str) == Some("true")
}

fn joined(first: Option<String>, last: Option<String>) -> Option<String> {
    let name = [first, last].into_iter().flatten().collect::<Vec<_>>().join(" ");
    let name = name.trim();
    (!name.is_empty()).then(|| name.to_owned())
}

fn claim(claims: &Map<String, Value>, name: &str) -> Option<String> {
    claims.get(name).and_then(Value::as_str).filter(|text| !text.is_empty()).map(str::to_owned)
}

fn from_claims(claims: &Map<String, Value>) -> Option<Profile> {
    Profile::new(&claim(claims, "iss").unwrap_or_default(), claim(claims, "sub"))
}

/// The claims of OpenID Connect Core 5.1 that are kept as they are.
const STANDARD_TEXTS: &[&str] = &[
    "name",
    "family_name",
    "given_name",
    "middle_name",
    "nickname",
    "preferred_username",
    "profile",
    "picture",
    "website",
    "gender",
    "birthdate",
    "zoneinfo",
    "locale",
];

// ID tokens.

/// Any OpenID provider: an ID token's claims, or those of its userinfo.
pub(super) fn standard(claims: &Map<String, Value>, _: &Site<'_>) -> Option<Profile> {
    let mut profile = from_claims(claims)?;
    for name in STANDARD_TEXTS {
        profile = profile.put(&[name], claim(claims, name));
    }
    let verified = claims.get("email_verified") == Some(&Value::Bool(true));
    Some(
        profile
            .put(&["full_name"], claim(claims, "name"))
            .put(&["avatar_url"], claim(claims, "picture"))
            .put(
                &["updated_at"],
                claims.get("updated_at").filter(|at| at.is_number() || at.is_string()).cloned(),
            )
            .email(claim(claims, "email"), verified, true),
    )
}

pub(super) fn google_claims(claims: &Map<String, Value>, _: &Site<'_>) -> Option<Profile> {
    let verified = claims.get("email_verified") == Some(&Value::Bool(true));
    let hosted_domain = claims.get("hd").cloned().map(|domain| Map::from_iter([("hd".to_owned(), domain)]));
    Some(
        from_claims(claims)?
            .put(&["name", "full_name"], claim(claims, "name"))
            .put(&["picture", "avatar_url"], claim(claims, "picture"))
            .custom(hosted_domain.unwrap_or_default())
            .email(claim(claims, "email"), verified, true),
    )
}

/// Apple writes its flags as text or as booleans.
pub(super) fn apple_claims(claims: &Map<String, Value>, _: &Site<'_>) -> Option<Profile> {
    let mut custom = Map::new();
    if let Some(private) = claims.get("is_private_email") {
        custom.insert("is_private_email".to_owned(), is_true_or_text(Some(private)).into());
    }
    for name in ["auth_time", "transfer_sub"] {
        custom.extend(claims.get(name).map(|value| (name.to_owned(), value.clone())));
    }
    let verified = is_true_or_text(claims.get("email_verified"));
    Some(from_claims(claims)?.custom(custom).email(claim(claims, "email"), verified, true))
}

/// Claims of Azure's tokens that are no news about somebody.
const AZURE_PLUMBING: &[&str] = &[
    "aud",
    "iss",
    "iat",
    "nbf",
    "exp",
    "c_hash",
    "at_hash",
    "aio",
    "nonce",
    "rh",
    "uti",
    "jti",
    "ver",
    "sub",
    "name",
    "preferred_username",
];

/// The tenant of Microsoft's personal accounts, whose addresses it verifies itself.
const MICROSOFT_PERSONAL: &str =
    "https://login.microsoftonline.com/9188040d-6c67-4c5b-b112-36a304b66dad/v2.0";

/// An Azure tenant's administrator may write any address into an account. `xms_edov` says that the tenant owns the address's
/// domain; without it only the word of a tenant that the operator named, or of Microsoft itself, is taken.
pub(super) fn azure_claims(claims: &Map<String, Value>, site: &Site<'_>) -> Option<Profile> {
    let verified = match claims.get("xms_edov") {
        None => site.one_tenant || claim(claims, "iss").as_deref() == Some(MICROSOFT_PERSONAL),
        Some(Value::String(text)) => text == "1" || text == "true",
        Some(value) => value == &Value::Bool(true),
    };
    let custom = claims.iter().filter(|(name, _)| !AZURE_PLUMBING.contains(&name.as_str()));
    let custom = custom.map(|(name, value)| (name.clone(), value.clone())).collect();
    Some(
        from_claims(claims)?
            .put(&["preferred_username"], claim(claims, "preferred_username"))
            .put(&["full_name"], claim(claims, "name"))
            .custom(custom)
            .email(claim(claims, "email"), verified, true),
    )
}

/// LinkedIn wrote its flag as text once.
pub(super) fn linkedin_claims(claims: &Map<String, Value>, _: &Site<'_>) -> Option<Profile> {
    let verified = is_true_or_text(claims.get("email_verified"));
    Some(
        from_claims(claims)?
            .put(&["name"], joined(claim(claims, "given_name"), claim(claims, "family_name")))
            .put(&["given_name"], claim(claims, "given_name"))
            .put(&["family_name"], claim(claims, "family_name"))
            .put(&["locale"], claim(claims, "locale"))
            .put(&["picture"], claim(claims, "picture"))
            .email(claim(claims, "email"), verified, true),
    )
}

/// Facebook's Limited Login: it hands out addresses that it verified.
pub(super) fn facebook_claims(claims: &Map<String, Value>, _: &Site<'_>) -> Option<Profile> {
    Some(
        from_claims(claims)?
            .put(&["name"], claim(claims, "name"))
            .put(&["picture"], claim(claims, "picture"))
            .email(claim(claims, "email"), true, true),
    )
}

/// Kakao's tokens have the address only when it is valid and verified.
pub(super) fn kakao_claims(claims: &Map<String, Value>, _: &Site<'_>) -> Option<Profile> {
    Some(
        from_claims(claims)?
            .put(&["name", "preferred_username"], claim(claims, "nickname"))
            .put(&["picture"], claim(claims, "picture"))
            .email(claim(claims, "email"), true, true),
    )
}

/// Snapchat verifies addresses before it hands them out.
pub(super) fn snapchat_claims(claims: &Map<String, Value>, site: &Site<'_>) -> Option<Profile> {
    let mut profile = standard(claims, site)?;
    for email in &mut profile.emails {
        email.verified = true;
    }
    Some(profile)
}

/// Vercel's marketplace names its own users, whose addresses it verified.
pub(super) fn vercel_claims(claims: &Map<String, Value>, _: &Site<'_>) -> Option<Profile> {
    let subject = match claim(claims, "global_user_id") {
        Some(global) => Some(format!("global_user_id:{global}")),
        None => claim(claims, "sub"),
    };
    Some(
        Profile::new(&claim(claims, "iss").unwrap_or_default(), subject)?
            .put(&["name"], claim(claims, "user_name"))
            .put(&["picture"], claim(claims, "user_avatar_url"))
            .email(claim(claims, "user_email"), true, true),
    )
}

// Answers of APIs. Each has the values that its requests brought, in their order.

pub(super) fn google(answers: &[Value], site: &Site<'_>) -> Option<Profile> {
    let user = answers.first()?;
    let verified = is_true(user, &["verified_email"]) || is_true(user, &["email_verified"]);
    Some(
        Profile::new(site.issuer, identifier(user, &["id"]))?
            .put(&["name", "full_name"], text(user, &["name"]))
            .put(&["picture", "avatar_url"], text(user, &["picture"]))
            .email(text(user, &["email"]), verified, true),
    )
}

pub(super) fn bitbucket(answers: &[Value], site: &Site<'_>) -> Option<Profile> {
    let [user, emails] = answers else { return None };
    let mut profile = Profile::new(site.issuer, identifier(user, &["uuid"]))?
        .put(&["name", "full_name"], text(user, &["display_name"]))
        .put(&["picture", "avatar_url"], text(user, &["avatar", "href"]));
    for email in emails.get("values").and_then(Value::as_array).into_iter().flatten() {
        let (verified, primary) = (is_true(email, &["is_confirmed"]), is_true(email, &["is_primary"]));
        profile = profile.email(text(email, &["email"]), verified, primary);
    }
    Some(profile)
}

pub(super) fn discord(answers: &[Value], site: &Site<'_>) -> Option<Profile> {
    let user = answers.first()?;
    let id = identifier(user, &["id"])?;
    let (name, discriminator) = (text(user, &["username"]), text(user, &["discriminator"]));
    let avatar = match (text(user, &["avatar"]), discriminator.as_deref().map(str::parse::<u32>)) {
        (Some(avatar), _) => {
            let extension = if avatar.starts_with("a_") { "gif" } else { "png" };
            Some(format!("https://cdn.discordapp.com/avatars/{id}/{avatar}.{extension}"))
        }
        (None, Some(Ok(number))) => {
            Some(format!("https://cdn.discordapp.com/embed/avatars/{}.png", number % 5))
        }
        (None, Some(Err(_)) | None) => None,
    };
    let tag = name.as_ref().map(|name| format!("{name}#{}", discriminator.as_deref().unwrap_or_default()));
    let global =
        user.get("global_name").cloned().map(|name| Map::from_iter([("global_name".to_owned(), name)]));
    Some(
        Profile::new(site.issuer, Some(id))?
            .put(&["name"], tag)
            .put(&["full_name"], name)
            .put(&["picture", "avatar_url"], avatar)
            .custom(global.unwrap_or_default())
            .email(text(user, &["email"]), is_true(user, &["verified"]), true),
    )
}

/// Facebook's graph has an address only when it is verified.
pub(super) fn facebook(answers: &[Value], site: &Site<'_>) -> Option<Profile> {
    let user = answers.first()?;
    Some(
        Profile::new(site.issuer, identifier(user, &["id"]))?
            .put(&["name", "full_name"], joined(text(user, &["first_name"]), text(user, &["last_name"])))
            .put(&["nickname", "slug"], text(user, &["name"]))
            .put(&["picture", "avatar_url"], text(user, &["picture", "data", "url"]))
            .email(text(user, &["email"]), true, true),
    )
}

/// Figma says nothing about addresses; an account there begins with verifying one.
pub(super) fn figma(answers: &[Value], site: &Site<'_>) -> Option<Profile> {
    let user = answers.first()?;
    Some(
        Profile::new(site.issuer, identifier(user, &["id"]))?
            .put(&["name", "full_name"], text(user, &["handle"]))
            .put(&["avatar_url"], text(user, &["img_url"]))
            .email(text(user, &["email"]), true, true),
    )
}

/// Fly says nothing about addresses; an account there begins with verifying one.
pub(super) fn fly(answers: &[Value], site: &Site<'_>) -> Option<Profile> {
    let user = answers.first()?;
    let names = ["resource_owner_id", "organizations", "application", "scope", "created_at"];
    let custom =
        names.iter().filter_map(|name| Some(((*name).to_owned(), user.get(*name)?.clone()))).collect();
    Some(
        Profile::new(site.issuer, identifier(user, &["user_id"]))?
            .put(&["full_name"], text(user, &["user_name"]))
            .custom(custom)
            .email(text(user, &["email"]), true, true),
    )
}

pub(super) fn github(answers: &[Value], site: &Site<'_>) -> Option<Profile> {
    let [user, emails] = answers else { return None };
    let mut profile = Profile::new(site.issuer, identifier(user, &["id"]))?
        .put(&["name", "full_name"], text(user, &["name"]))
        .put(&["preferred_username", "user_name"], text(user, &["login"]))
        .put(&["avatar_url"], text(user, &["avatar_url"]));
    for email in emails.as_array()? {
        let (verified, primary) = (is_true(email, &["verified"]), is_true(email, &["primary"]));
        profile = profile.email(text(email, &["email"]), verified, primary);
    }
    Some(profile)
}

/// GitLab tells of the main address that the account was confirmed; of the others nothing.
pub(super) fn gitlab(answers: &[Value], site: &Site<'_>) -> Option<Profile> {
    let [user, emails] = answers else { return None };
    let mut profile = Profile::new(site.issuer, identifier(user, &["id"]))?
        .put(&["name", "full_name"], text(user, &["name"]))
        .put(&["picture", "avatar_url"], text(user, &["avatar_url"]));
    let main = text(user, &["email"]);
    for email in emails.as_array()? {
        let address = text(email, &["email"]).filter(|address| Some(address) != main.as_ref());
        profile = profile.email(address, false, false);
    }
    let confirmed = text(user, &["confirmed_at"]).is_some();
    Some(profile.email(main, confirmed, true))
}

pub(super) fn kakao(answers: &[Value], site: &Site<'_>) -> Option<Profile> {
    let user = answers.first()?;
    let account = user.get("kakao_account").unwrap_or(&Value::Null);
    let verified = is_true(account, &["is_email_verified"]) && is_true(account, &["is_email_valid"]);
    let nickname = text(account, &["profile", "nickname"]);
    Some(
        Profile::new(site.issuer, identifier(user, &["id"]))?
            .put(&["name", "full_name", "preferred_username", "user_name"], nickname)
            .put(&["avatar_url"], text(account, &["profile", "profile_image_url"]))
            .email(text(account, &["email"]), verified, true),
    )
}

pub(super) fn keycloak(answers: &[Value], site: &Site<'_>) -> Option<Profile> {
    let user = answers.first()?.as_object()?;
    let standard = ["name", "sub", "email", "email_verified"];
    let custom = user.iter().filter(|(name, _)| !standard.contains(&name.as_str()));
    let custom = custom.map(|(name, value)| (name.clone(), value.clone())).collect();
    let verified = user.get("email_verified") == Some(&Value::Bool(true));
    Some(
        Profile::new(site.issuer, claim(user, "sub"))?
            .put(&["name", "full_name"], claim(user, "name"))
            .custom(custom)
            .email(claim(user, "email"), verified, true),
    )
}

/// LinkedIn's first API: an address is handed out when it is verified.
pub(super) fn linkedin(answers: &[Value], site: &Site<'_>) -> Option<Profile> {
    let [user, emails] = answers else { return None };
    let localized = |name: &str| {
        let name = user.get(name)?;
        let locale = |part: &str| text(name, &["preferredLocale", part]);
        let key = format!("{}_{}", locale("language")?, locale("country")?);
        text(name, &["localized", &key])
    };
    let avatar = user.pointer("/profilePicture/displayImage~/elements/0/identifiers/0/identifier");
    let email = emails.pointer("/elements/0/handle~/emailAddress");
    Some(
        Profile::new(site.issuer, identifier(user, &["id"]))?
            .put(&["name", "full_name"], joined(localized("firstName"), localized("lastName")))
            .put(&["picture", "avatar_url"], avatar.and_then(Value::as_str))
            .email(email.and_then(Value::as_str).map(str::to_owned), true, true),
    )
}

/// Notion says nothing about addresses; one signs in there by a code sent to it.
pub(super) fn notion(answers: &[Value], site: &Site<'_>) -> Option<Profile> {
    let user = answers.first()?.pointer("/bot/owner/user")?;
    Some(
        Profile::new(site.issuer, identifier(user, &["id"]))?
            .put(&["name", "full_name"], text(user, &["name"]))
            .put(&["picture", "avatar_url"], text(user, &["avatar_url"]))
            .email(text(user, &["person", "email"]), true, true),
    )
}

/// Both of Slack's sign-ins end at the same userinfo, which has the flag.
pub(super) fn slack(answers: &[Value], site: &Site<'_>) -> Option<Profile> {
    let user = answers.first()?;
    let team = "https://slack.com/team_id";
    let team = user.get(team).cloned().map(|id| Map::from_iter([(team.to_owned(), id)]));
    Some(
        Profile::new(site.issuer, identifier(user, &["https://slack.com/user_id"]))?
            .put(&["name", "full_name"], text(user, &["name"]))
            .put(&["picture", "avatar_url"], text(user, &["picture"]))
            .custom(team.unwrap_or_default())
            .email(text(user, &["email"]), is_true(user, &["email_verified"]), true),
    )
}

/// Snapchat verifies addresses before it hands them out.
pub(super) fn snapchat(answers: &[Value], site: &Site<'_>) -> Option<Profile> {
    let user = answers.first()?.pointer("/data/me")?;
    Some(
        Profile::new(site.issuer, identifier(user, &["externalId"]))?
            .put(&["name", "full_name", "slug"], text(user, &["displayName"]))
            .put(&["picture", "avatar_url"], text(user, &["bitmoji", "avatar"]))
            .email(text(user, &["email"]), true, true),
    )
}

/// Spotify says itself that its addresses are not verified.
pub(super) fn spotify(answers: &[Value], site: &Site<'_>) -> Option<Profile> {
    let user = answers.first()?;
    let area = |image: &Value| {
        let side = |name: &str| image.get(name).and_then(Value::as_u64).unwrap_or(0);
        side("height").saturating_mul(side("width"))
    };
    let images = user.get("images").and_then(Value::as_array);
    // Of equal ones the first.
    let largest = images.and_then(|images| images.iter().rev().max_by_key(|image| area(image)));
    Some(
        Profile::new(site.issuer, identifier(user, &["id"]))?
            .put(&["name", "full_name"], text(user, &["display_name"]))
            .put(&["picture", "avatar_url"], largest.and_then(|image| text(image, &["url"])))
            .email(text(user, &["email"]), false, true),
    )
}

/// Twitch's `email` is documented as the verified one.
pub(super) fn twitch(answers: &[Value], site: &Site<'_>) -> Option<Profile> {
    let user = answers.first()?.pointer("/data/0")?;
    let names = ["broadcaster_type", "description", "type", "offline_image_url", "view_count"];
    let custom =
        names.iter().filter_map(|name| Some(((*name).to_owned(), user.get(*name)?.clone()))).collect();
    Some(
        Profile::new(site.issuer, identifier(user, &["id"]))?
            .put(&["name", "full_name"], text(user, &["login"]))
            .put(&["nickname", "slug"], text(user, &["display_name"]))
            .put(&["picture", "avatar_url"], text(user, &["profile_image_url"]))
            .custom(custom)
            .email(text(user, &["email"]), true, true),
    )
}

/// Twitter's first API hands out verified addresses only.
pub(super) fn twitter(answers: &[Value], site: &Site<'_>) -> Option<Profile> {
    let user = answers.first()?;
    Some(
        Profile::new(site.issuer, identifier(user, &["id_str"]))?
            .put(&["name", "full_name"], text(user, &["name"]))
            .put(&["preferred_username", "user_name"], text(user, &["screen_name"]))
            .put(&["picture", "avatar_url"], text(user, &["profile_image_url_https"]))
            .email(text(user, &["email"]), true, true),
    )
}

/// X calls it `confirmed_email`.
pub(super) fn x(answers: &[Value], site: &Site<'_>) -> Option<Profile> {
    let user = answers.first()?.get("data")?;
    let username = text(user, &["username"]);
    let created = user.get("created_at").cloned().map(|at| Map::from_iter([("created_at".to_owned(), at)]));
    Some(
        Profile::new(site.issuer, identifier(user, &["id"]))?
            .put(&["name", "full_name"], text(user, &["name"]))
            .put(&["profile"], username.as_ref().map(|name| format!("https://x.com/{name}")))
            .put(&["preferred_username", "user_name"], username)
            .put(&["picture", "avatar_url"], text(user, &["profile_image_url"]))
            .put(&["website"], text(user, &["url"]))
            .custom(created.unwrap_or_default())
            .email(text(user, &["confirmed_email"]), true, true),
    )
}

/// WorkOS passes on what a company's own directory says; the companies are those that the operator connected.
pub(super) fn workos(answers: &[Value], site: &Site<'_>) -> Option<Profile> {
    let user = answers.first()?;
    let custom =
        json!({ "connection_id": user.get("connection_id"), "organization_id": user.get("organization_id") });
    Some(
        Profile::new(site.issuer, identifier(user, &["id"]))?
            .put(&["name", "full_name"], joined(text(user, &["first_name"]), text(user, &["last_name"])))
            .custom(custom.as_object().cloned().unwrap_or_default())
            .email(text(user, &["email"]), true, true),
    )
}

/// Zoom verifies addresses of those who sign in there with a password (type 100) and says so; others it has from elsewhere.
pub(super) fn zoom(answers: &[Value], site: &Site<'_>) -> Option<Profile> {
    let user = answers.first()?;
    let by_password = match user.get("login_type") {
        Some(Value::String(kind)) => kind == "100",
        Some(Value::Number(kind)) => kind.as_u64() == Some(100),
        _ => true,
    };
    let verified = !by_password || user.get("verified").and_then(Value::as_u64).is_some_and(|flag| flag != 0);
    Some(
        Profile::new(site.issuer, identifier(user, &["id"]))?
            .put(&["name", "full_name"], joined(text(user, &["first_name"]), text(user, &["last_name"])))
            .put(&["picture", "avatar_url"], text(user, &["pic_url"]))
            .email(text(user, &["email"]), verified, true),
    )
}
