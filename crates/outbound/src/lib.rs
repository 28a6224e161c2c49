//! Outgoing HTTP requests that cannot reach the machine's own network.
