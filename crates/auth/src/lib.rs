//! Accounts: GoTrue's protocol.

pub mod letters;
pub mod password;
pub mod provider;
