//! Passwords: how they are hashed, checked and judged.
