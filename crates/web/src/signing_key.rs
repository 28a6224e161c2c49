//! Keys: what signs tokens, and what proves a signature (RFC 7515, 7517, 7518, 8037).
//!
//! A key has one algorithm and is used with no other (RFC 8725, 3.1). The mathematics are *ring*'s; here stands how a key is
//! written as a JWK. A secret (`oct`, HS256) may stand among a project's keys, as GoTrue has it; it is never published.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use ring::hmac;
use ring::rand::SystemRandom;
use ring::rsa::PublicKeyComponents;
use ring::signature::{
    ECDSA_P256_SHA256_FIXED, ECDSA_P256_SHA256_FIXED_SIGNING, ED25519, EcdsaKeyPair, Ed25519KeyPair,
    KeyPair as _, RSA_PKCS1_2048_8192_SHA256, RSA_PKCS1_SHA256, RsaKeyPair, UnparsedPublicKey,
};
use serde_json::{Map, Value, json};
use std::fmt;
use std::sync::Arc;

/// How a key signs. There is no way to say "none".
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum SignatureAlgorithm {
    /// ECDSA on the curve P-256 with SHA-256.
    Es256,
    /// RSASSA-PKCS1-v1_5 with SHA-256, at least 2048 bits.
    Rs256,
    /// Ed25519.
    EdDsa,
    /// HMAC with SHA-256: who can check can sign.
    Hs256,
}

impl SignatureAlgorithm {
    /// Its name in a token's header (RFC 7518, 3.1; RFC 8037, 3.1).
    pub fn name(self) -> &'static str {
        match self {
            SignatureAlgorithm::Es256 => "ES256",
            SignatureAlgorithm::Rs256 => "RS256",
            SignatureAlgorithm::EdDsa => "EdDSA",
            SignatureAlgorithm::Hs256 => "HS256",
        }
    }

    /// The algorithm of this name that has a public half.
    pub fn of(name: &str) -> Option<SignatureAlgorithm> {
        SignatureAlgorithm::of_any(name).filter(|algorithm| *algorithm != SignatureAlgorithm::Hs256)
    }

    /// The algorithm of this name.
    pub fn of_any(name: &str) -> Option<SignatureAlgorithm> {
        use SignatureAlgorithm::{EdDsa, Es256, Hs256, Rs256};
        [Es256, Rs256, EdDsa, Hs256].into_iter().find(|algorithm| algorithm.name() == name)
    }
}

impl fmt::Display for SignatureAlgorithm {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// Why something is no key of ours.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum KeyProblem {
    /// Not a JSON object with the members of its type.
    Malformed(&'static str),
    /// A type, curve or algorithm that is not supported.
    Unsupported,
    /// Too short, off the curve, or its halves do not belong together.
    Weak,
    /// The operating system has no randomness to give.
    NoRandomness,
}

impl fmt::Display for KeyProblem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            KeyProblem::Malformed(member) => write!(f, "no JWK: its member {member} is missing or malformed"),
            KeyProblem::Unsupported => f.write_str(
                "unsupported key: ES256 (EC, P-256), RS256 (RSA, from 2048 to 4096 bits with a private half), EdDSA (OKP, \
                 Ed25519) and HS256 (oct, with a kid) are",
            ),
            KeyProblem::Weak => f.write_str("unusable key: too short, or its halves do not belong together"),
            KeyProblem::NoRandomness => f.write_str("the operating system has no randomness to give"),
        }
    }
}

impl std::error::Error for KeyProblem {}

/// The public half of a key: proves signatures of its one algorithm.
#[derive(Clone)]
pub struct VerifyingKey {
    point: PublicPoint,
    jwk: Arc<Map<String, Value>>,
}

#[derive(Clone)]
enum PublicPoint {
    /// Uncompressed: 4, x, y.
    Es256([u8; 65]),
    /// Modulus and exponent, big-endian, without leading zeros.
    Rs256(Arc<PublicKeyComponents<Vec<u8>>>),
    EdDsa([u8; 32]),
    /// Only ever half of a [`SigningKey`]: it is the secret itself.
    Hs256(hmac::Key),
}

impl fmt::Debug for VerifyingKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("VerifyingKey").field("algorithm", &self.algorithm()).finish_non_exhaustive()
    }
}

impl VerifyingKey {
    /// The key of a JWK; its private members are not looked at. A JWK that names another algorithm, or says that it is for
    /// something other than signatures, is refused.
    ///
    /// # Errors
    /// It is no key for one of our algorithms.
    pub fn from_jwk(jwk: &Value) -> Result<VerifyingKey, KeyProblem> {
        let member = |name: &'static str| jwk.get(name).and_then(Value::as_str);
        if member("use").is_some_and(|purpose| purpose != "sig") {
            return Err(KeyProblem::Unsupported);
        }
        let kind = member("kty").ok_or(KeyProblem::Malformed("kty"))?;
        let (algorithm, public, point) = match (kind, member("crv")) {
            ("EC", Some("P-256")) => {
                let mut bytes = [4; 65];
                bytes[1..33].copy_from_slice(&exactly::<32>(jwk, "x")?);
                bytes[33..].copy_from_slice(&exactly::<32>(jwk, "y")?);
                let public = json!({"kty": "EC", "crv": "P-256", "x": encode(&bytes[1..33]), "y": encode(&bytes[33..])});
                (SignatureAlgorithm::Es256, public, PublicPoint::Es256(bytes))
            }
            ("RSA", _) => {
                let (n, e) = (unsigned(jwk, "n")?, unsigned(jwk, "e")?);
                if n.len() < 256 {
                    return Err(KeyProblem::Weak);
                }
                let public = json!({"kty": "RSA", "n": encode(&n), "e": encode(&e)});
                (
                    SignatureAlgorithm::Rs256,
                    public,
                    PublicPoint::Rs256(Arc::new(PublicKeyComponents { n, e })),
                )
            }
            ("OKP", Some("Ed25519")) => {
                let x = exactly::<32>(jwk, "x")?;
                let public = json!({"kty": "OKP", "crv": "Ed25519", "x": encode(&x)});
                (SignatureAlgorithm::EdDsa, public, PublicPoint::EdDsa(x))
            }
            _ => return Err(KeyProblem::Unsupported),
        };
        if member("alg").is_some_and(|named| named != algorithm.name()) {
            return Err(KeyProblem::Unsupported);
        }
        let Value::Object(public) = public else { return Err(KeyProblem::Malformed("kty")) };
        Ok(VerifyingKey { point, jwk: Arc::new(public) })
    }

    /// Its algorithm.
    pub fn algorithm(&self) -> SignatureAlgorithm {
        match self.point {
            PublicPoint::Es256(_) => SignatureAlgorithm::Es256,
            PublicPoint::Rs256(_) => SignatureAlgorithm::Rs256,
            PublicPoint::EdDsa(_) => SignatureAlgorithm::EdDsa,
            PublicPoint::Hs256(_) => SignatureAlgorithm::Hs256,
        }
    }

    /// Whether the signature is this key's for the message.
    pub fn verifies(&self, message: &[u8], signature: &[u8]) -> bool {
        let verified = match &self.point {
            PublicPoint::Es256(point) => {
                UnparsedPublicKey::new(&ECDSA_P256_SHA256_FIXED, point).verify(message, signature)
            }
            PublicPoint::Rs256(components) => {
                components.verify(&RSA_PKCS1_2048_8192_SHA256, message, signature)
            }
            PublicPoint::EdDsa(point) => UnparsedPublicKey::new(&ED25519, point).verify(message, signature),
            PublicPoint::Hs256(key) => hmac::verify(key, message, signature),
        };
        verified.is_ok()
    }

    /// The JWK's thumbprint (RFC 7638): a name that depends on the key alone.
    pub fn thumbprint(&self) -> String {
        // The required members in the order of their names.
        let mut members: Vec<(&String, &Value)> = self.jwk.iter().collect();
        members.sort_unstable_by(|a, b| a.0.cmp(b.0));
        let sorted: Map<String, Value> =
            members.into_iter().map(|(name, value)| (name.clone(), value.clone())).collect();
        let digest =
            ring::digest::digest(&ring::digest::SHA256, Value::Object(sorted).to_string().as_bytes());
        encode(digest.as_ref())
    }
}

/// A key that signs tokens: both halves, and the name (`kid`) by which a token refers to it.
#[derive(Clone)]
pub struct SigningKey(Arc<Inner>);

struct Inner {
    kid: Box<str>,
    public: VerifyingKey,
    private: PrivateHalf,
    /// The private JWK's members beside the public ones.
    secret_members: Map<String, Value>,
}

enum PrivateHalf {
    Es256(EcdsaKeyPair),
    Rs256(Box<RsaKeyPair>),
    EdDsa(Ed25519KeyPair),
    Hs256(hmac::Key),
}

impl fmt::Debug for SigningKey {
    // The private half is not printed.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SigningKey")
            .field("kid", &self.0.kid)
            .field("algorithm", &self.algorithm())
            .finish_non_exhaustive()
    }
}

impl PartialEq for SigningKey {
    fn eq(&self, other: &SigningKey) -> bool {
        self.0.kid == other.0.kid
            && self.0.public.jwk == other.0.public.jwk
            && self.0.secret_members == other.0.secret_members
    }
}

impl Eq for SigningKey {}

impl SigningKey {
    /// The key of a private JWK. Without a `kid` its thumbprint is its name.
    ///
    /// # Errors
    /// It is no private key for one of our algorithms, or its halves do not belong together.
    pub fn from_jwk(jwk: &Value) -> Result<SigningKey, KeyProblem> {
        if jwk.get("kty").and_then(Value::as_str) == Some("oct") {
            return SigningKey::symmetric(jwk);
        }
        let public = VerifyingKey::from_jwk(jwk)?;
        let kid = match jwk.get("kid") {
            None | Some(Value::Null) => public.thumbprint(),
            Some(Value::String(kid)) if !kid.is_empty() && kid.len() <= 256 => kid.clone(),
            Some(_) => return Err(KeyProblem::Malformed("kid")),
        };
        let (private, members): (_, &[&str]) = match &public.point {
            PublicPoint::Es256(point) => {
                let d = exactly::<32>(jwk, "d")?;
                let pair = EcdsaKeyPair::from_private_key_and_public_key(
                    &ECDSA_P256_SHA256_FIXED_SIGNING,
                    &d,
                    point,
                    &SystemRandom::new(),
                );
                (PrivateHalf::Es256(pair.map_err(|_| KeyProblem::Weak)?), &["d"])
            }
            PublicPoint::Rs256(components) => {
                let components = ring::rsa::KeyPairComponents {
                    public_key: PublicKeyComponents { n: components.n.clone(), e: components.e.clone() },
                    d: unsigned(jwk, "d")?,
                    p: unsigned(jwk, "p")?,
                    q: unsigned(jwk, "q")?,
                    dP: unsigned(jwk, "dp")?,
                    dQ: unsigned(jwk, "dq")?,
                    qInv: unsigned(jwk, "qi")?,
                };
                let pair = RsaKeyPair::from_components(&components).map_err(|_| KeyProblem::Weak)?;
                (PrivateHalf::Rs256(Box::new(pair)), &["d", "p", "q", "dp", "dq", "qi"])
            }
            PublicPoint::EdDsa(point) => {
                let pair = Ed25519KeyPair::from_seed_and_public_key(&exactly::<32>(jwk, "d")?, point);
                (PrivateHalf::EdDsa(pair.map_err(|_| KeyProblem::Weak)?), &["d"])
            }
            PublicPoint::Hs256(_) => return Err(KeyProblem::Unsupported),
        };
        let secret_members =
            members.iter().filter_map(|name| Some(((*name).to_owned(), jwk.get(*name)?.clone()))).collect();
        Ok(SigningKey(Arc::new(Inner { kid: kid.into(), public, private, secret_members })))
    }

    /// The secret of a JWK (RFC 7518, 6.4), at least as long as its hash (3.2). It must have a name: one made of the secret
    /// would tell of it.
    fn symmetric(jwk: &Value) -> Result<SigningKey, KeyProblem> {
        let member = |name: &'static str| jwk.get(name).and_then(Value::as_str);
        if member("alg").is_some_and(|named| named != "HS256")
            || member("use").is_some_and(|used| used != "sig")
        {
            return Err(KeyProblem::Unsupported);
        }
        let kid = member("kid").filter(|kid| !kid.is_empty() && kid.len() <= 256);
        let kid = kid.ok_or(KeyProblem::Malformed("kid"))?.into();
        let secret = bytes(jwk, "k")?;
        if secret.len() < 32 {
            return Err(KeyProblem::Weak);
        }
        let key = hmac::Key::new(hmac::HMAC_SHA256, &secret);
        let public = Map::from_iter([("kty".to_owned(), Value::from("oct"))]);
        let public = VerifyingKey { point: PublicPoint::Hs256(key.clone()), jwk: Arc::new(public) };
        let secret_members = Map::from_iter([("k".to_owned(), Value::from(encode(&secret)))]);
        Ok(SigningKey(Arc::new(Inner { kid, public, private: PrivateHalf::Hs256(key), secret_members })))
    }

    /// A new ES256 key of this name.
    ///
    /// # Errors
    /// When the operating system has no randomness to give.
    pub fn make_es256(kid: &str) -> Result<SigningKey, KeyProblem> {
        let made = EcdsaKeyPair::generate_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, &SystemRandom::new())
            .map_err(|_| KeyProblem::NoRandomness)?;
        let (d, point) = p256_halves(made.as_ref()).ok_or(KeyProblem::Malformed("d"))?;
        SigningKey::from_jwk(&json!({"kty": "EC", "crv": "P-256", "kid": kid, "d": encode(d),
            "x": encode(&point[1..33]), "y": encode(&point[33..])}))
    }

    /// A new EdDSA key (Ed25519) of this name.
    ///
    /// # Errors
    /// When the operating system has no randomness to give.
    pub fn make_eddsa(kid: &str) -> Result<SigningKey, KeyProblem> {
        let mut seed = [0; 32];
        getrandom::fill(&mut seed).map_err(|_| KeyProblem::NoRandomness)?;
        let pair = Ed25519KeyPair::from_seed_unchecked(&seed).map_err(|_| KeyProblem::Weak)?;
        SigningKey::from_jwk(&json!({"kty": "OKP", "crv": "Ed25519", "kid": kid, "d": encode(&seed),
            "x": encode(pair.public_key().as_ref())}))
    }

    /// Its name in tokens' headers.
    pub fn kid(&self) -> &str {
        &self.0.kid
    }

    /// Its algorithm.
    pub fn algorithm(&self) -> SignatureAlgorithm {
        self.0.public.algorithm()
    }

    /// Its public half.
    pub fn verifying_key(&self) -> &VerifyingKey {
        &self.0.public
    }

    /// The signature of a message.
    ///
    /// # Errors
    /// When the operating system has no randomness to give.
    pub fn sign(&self, message: &[u8]) -> Result<Vec<u8>, KeyProblem> {
        match &self.0.private {
            PrivateHalf::Es256(pair) => pair
                .sign(&SystemRandom::new(), message)
                .map(|signature| signature.as_ref().to_vec())
                .map_err(|_| KeyProblem::NoRandomness),
            PrivateHalf::Rs256(pair) => {
                let mut signature = vec![0; pair.public().modulus_len()];
                pair.sign(&RSA_PKCS1_SHA256, &SystemRandom::new(), message, &mut signature)
                    .map_err(|_| KeyProblem::NoRandomness)?;
                Ok(signature)
            }
            PrivateHalf::EdDsa(pair) => Ok(pair.sign(message).as_ref().to_vec()),
            PrivateHalf::Hs256(key) => Ok(hmac::sign(key, message).as_ref().to_vec()),
        }
    }

    /// The public JWK, as GoTrue publishes it. A secret has none: only its name and algorithm are in it.
    pub fn public_jwk(&self) -> Value {
        self.jwk("verify", Map::new())
    }

    /// The private JWK, as the Supabase CLI writes it. Whoever has it signs tokens.
    pub fn private_jwk(&self) -> Value {
        self.jwk("sign", self.0.secret_members.clone())
    }

    fn jwk(&self, operation: &str, secret_members: Map<String, Value>) -> Value {
        let mut jwk = (*self.0.public.jwk).clone();
        jwk.extend(secret_members);
        jwk.insert("alg".into(), self.algorithm().name().into());
        jwk.insert("kid".into(), self.kid().into());
        jwk.insert("use".into(), "sig".into());
        jwk.insert(
            "key_ops".into(),
            if operation == "sign" { json!(["sign", "verify"]) } else { json!(["verify"]) },
        );
        jwk.insert("ext".into(), true.into());
        Value::Object(jwk)
    }
}

fn encode(bytes: &[u8]) -> String {
    URL_SAFE_NO_PAD.encode(bytes)
}

/// A member of exactly so many bytes.
fn exactly<const N: usize>(jwk: &Value, name: &'static str) -> Result<[u8; N], KeyProblem> {
    bytes(jwk, name)?.try_into().map_err(|_| KeyProblem::Malformed(name))
}

/// A member that is an unsigned number, without the zeros that some writers put before it.
fn unsigned(jwk: &Value, name: &'static str) -> Result<Vec<u8>, KeyProblem> {
    let bytes = bytes(jwk, name)?;
    let zeros = bytes.iter().take_while(|byte| **byte == 0).count();
    if zeros == bytes.len() { Err(KeyProblem::Malformed(name)) } else { Ok(bytes[zeros..].to_vec()) }
}

fn bytes(jwk: &Value, name: &'static str) -> Result<Vec<u8>, KeyProblem> {
    let text = jwk.get(name).and_then(Value::as_str).ok_or(KeyProblem::Malformed(name))?;
    URL_SAFE_NO_PAD.decode(text.trim_end_matches('=')).map_err(|_| KeyProblem::Malformed(name))
}

/// The private number and the public point of the PKCS #8 document that *ring* writes for P-256. They are not trusted: a key
/// is only made of them when they belong together.
fn p256_halves(document: &[u8]) -> Option<(&[u8], &[u8])> {
    // ECPrivateKey (RFC 5915): version 1, then the number as a string of 32 bytes; the point ends the document.
    let marker = [0x02, 0x01, 0x01, 0x04, 0x20];
    let start = document.windows(marker.len()).position(|window| window == marker)? + marker.len();
    let number = document.get(start..start + 32)?;
    let point = document.get(document.len().checked_sub(65)?..)?;
    Some((number, point))
}

#[cfg(test)]
mod tests;
