//! The port of outgoing mail: a message, and what delivers it.
