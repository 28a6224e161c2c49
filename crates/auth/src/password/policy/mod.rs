//! Which new passwords are taken: GoTrue's rules and messages, and a block list.
//!
//! # Length
//!
//! Counted in bytes of UTF-8 as it was sent, as GoTrue counts both the minimum (its settings may raise it, not lower it below 6) and the
//! maximum of 72. Argon2 would take more; 72 stays, because a password set here must work when the app moves to where bcrypt hashes it,
//! and apps test for the message. NIST SP 800-63B-4 asks for 15 characters where a password is the only factor; that is the
//! operator's to set.

mod block_list;

#[cfg(test)]
mod tests;

pub use block_list::BlockList;

use std::fmt;
use std::str::FromStr;

/// The least that GoTrue's minimum may be set to, and its default.
const LEAST_LENGTH: usize = 6;

/// The most bytes of a password.
const MOST_BYTES: usize = 72;

/// What a new password must be.
#[derive(Clone, Debug, Default)]
pub struct Policy {
    /// Bytes that it must have at least; less than 6 counts as 6.
    pub minimum_length: usize,
    /// Sets of characters of each of which it must have one.
    pub required: RequiredCharacters,
    /// What it must not be.
    pub blocked: BlockList,
}

/// Why a password was refused.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PolicyError {
    /// More than 72 bytes: 400 `validation_failed`.
    TooLong,
    /// 422 `weak_password`.
    Weak(Weak),
}

impl PolicyError {
    /// The message for the client.
    pub fn message(&self) -> String {
        match self {
            PolicyError::TooLong => format!("Password cannot be longer than {MOST_BYTES} characters"),
            PolicyError::Weak(weak) => weak.message.clone(),
        }
    }
}

/// A weak password: at sign-up it is refused, at sign-in it is only told (`weak_password` of the session).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Weak {
    /// All that is wrong with it, each once.
    pub reasons: Vec<Reason>,
    /// For people.
    pub message: String,
}

/// What makes a password weak.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reason {
    /// Too short.
    Length,
    /// A required character is missing.
    Characters,
    /// It is on a list of known passwords.
    Pwned,
}

impl Reason {
    /// Its name in the protocol.
    pub fn as_str(self) -> &'static str {
        match self {
            Reason::Length => "length",
            Reason::Characters => "characters",
            Reason::Pwned => "pwned",
        }
    }
}

impl Policy {
    /// Judges a new password. `email` is the account's address, if it has one: its own name is no password.
    ///
    /// # Errors
    /// Why it is refused.
    pub fn check(&self, password: &str, email: Option<&str>) -> Result<(), PolicyError> {
        if password.len() > MOST_BYTES {
            return Err(PolicyError::TooLong);
        }
        self.weakness(password, email).map_or(Ok(()), |weak| Err(PolicyError::Weak(weak)))
    }

    /// What is weak about a password that is in use.
    pub fn weakness(&self, password: &str, email: Option<&str>) -> Option<Weak> {
        let (mut reasons, mut messages) = (Vec::new(), Vec::new());
        let minimum = self.minimum_length.max(LEAST_LENGTH);
        if password.len() < minimum {
            reasons.push(Reason::Length);
            messages.push(format!("Password should be at least {minimum} characters."));
        }
        if !self.required.are_met(password) {
            reasons.push(Reason::Characters);
            messages
                .push(format!("Password should contain at least one character of each: {}.", self.required));
        }
        // What nobody could have set is on no list.
        if password.len() <= MOST_BYTES && self.blocked.contains(password, email) {
            reasons.push(Reason::Pwned);
            messages.push(
                "Password is known to be weak and easy to guess, please choose a different one.".to_owned(),
            );
        }
        (!reasons.is_empty()).then(|| Weak { reasons, message: messages.join(" ") })
    }
}

/// Sets of characters of each of which a password must have one.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct RequiredCharacters(Vec<String>);

const LOWER: &str = "abcdefghijklmnopqrstuvwxyz";
const UPPER: &str = "ABCDEFGHIJKLMNOPQRSTUVWXYZ";
const DIGITS: &str = "0123456789";
const SYMBOLS: &str = "!@#$%^&*()_+-=[]{};'\\:\"|<>?,./`~";

impl RequiredCharacters {
    fn are_met(&self, password: &str) -> bool {
        self.0.iter().all(|set| password.contains(|character| set.contains(character)))
    }
}

/// The text is not what [`RequiredCharacters`] reads.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NotRequiredCharacters;

impl fmt::Display for NotRequiredCharacters {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(
            "expected letters_digits, lower_upper_letters_digits, lower_upper_letters_digits_symbols, or sets of characters \
             separated by : (a : in a set is written \\:)",
        )
    }
}

impl std::error::Error for NotRequiredCharacters {}

/// The Supabase CLI's words, or GoTrue's `abc…:012…` with `\:` for a colon within a set. Nothing is required by an empty text.
impl FromStr for RequiredCharacters {
    type Err = NotRequiredCharacters;

    fn from_str(text: &str) -> Result<RequiredCharacters, NotRequiredCharacters> {
        let sets: &[&str] = match text {
            "" => &[],
            "letters_digits" => &[&[LOWER, UPPER].concat(), DIGITS],
            "lower_upper_letters_digits" => &[LOWER, UPPER, DIGITS],
            "lower_upper_letters_digits_symbols" => &[LOWER, UPPER, DIGITS, SYMBOLS],
            text if text.contains(':') => return Ok(RequiredCharacters(split(text))),
            _ => return Err(NotRequiredCharacters),
        };
        Ok(RequiredCharacters(sets.iter().map(|set| (*set).to_owned()).collect()))
    }
}

fn split(text: &str) -> Vec<String> {
    let mut sets = vec![String::new()];
    let mut characters = text.chars().peekable();
    while let Some(character) = characters.next() {
        match character {
            ':' => sets.push(String::new()),
            '\\' if characters.next_if_eq(&':').is_some() => push(&mut sets, ':'),
            character => push(&mut sets, character),
        }
    }
    sets.retain(|set| !set.is_empty());
    sets
}

fn push(sets: &mut [String], character: char) {
    if let Some(set) = sets.last_mut() {
        set.push(character);
    }
}

/// The sets, as the message lists them.
impl fmt::Display for RequiredCharacters {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0.join(", "))
    }
}
