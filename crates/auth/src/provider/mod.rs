//! Sign-in with providers: OAuth 2 and OpenID Connect.
