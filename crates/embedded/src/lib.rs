//! The embedded engine: PostgreSQL's behaviour on SQLite.
//!
//! Runs the programs that `compile` makes (rule 1). Reads run on snapshots where they arrive; writes are values that one
//! thread runs in shared commits (rule 4). `docs/storage-format.md` describes the file.

mod bindings;
mod checkpoint;
mod clock;
mod connection;
mod context;
mod conversation;
mod database;
mod error;
mod folder;
mod functions;
mod lookups;
mod pack;
mod plan;
mod pool;
mod random;
mod records;
mod run;
mod sequences;
mod settings;
mod shared;
mod slot;
mod state;
mod store;
mod stored;
mod system_tables;
mod table_functions;
mod temporary;
#[cfg(test)]
mod tests;
mod types;
mod wall;
mod writer;
mod writes;

pub use clock::{Clock, SystemClock};
pub use compile::support;
pub use conversation::{Conversation, TransactionStatus};
pub use database::{EmbeddedDatabase, Options};
