//! The port of outgoing HTTP requests.
