//! Outgoing mail, wired: the job that delivers a message, by SMTP or into the inbox.

mod inbox;
mod letters;
mod transport;

pub use inbox::{Caught, Inbox};
pub use letters::letters;
pub use transport::{Transport, transport};

use crate::events::{Event, Events};
use async_trait::async_trait;
use jobs::{Claimed, Failure, Handler, Observation, Observer};
use mail::{DeliveryError, Mailer, Message};
use std::sync::Arc;

/// Delivers the messages of jobs of the kind [`mail::JOB_KIND`].
pub struct Delivery(pub Arc<dyn Mailer>);

#[async_trait]
impl Handler for Delivery {
    async fn run(&self, job: &Claimed) -> Result<(), Failure> {
        let message: Message = serde_json::from_value(job.payload.clone())
            .map_err(|error| Failure::Permanent(format!("its payload is no message: {error}")))?;
        self.0.deliver(&message).await.map_err(|error| match error {
            DeliveryError::Transient(error) => Failure::Transient(error),
            DeliveryError::Permanent(error) => Failure::Permanent(error),
        })
    }
}

/// Jobs' observations as events.
pub struct JobEvents(pub Arc<Events>);

impl Observer for JobEvents {
    fn observe(&self, observation: &Observation<'_>) {
        match observation {
            Observation::Done { kind, id, attempt, took } => {
                let id = &id.to_string();
                self.0.emit(&Event::JobDone { kind, id, attempt: *attempt, took: *took });
            }
            Observation::Failed { kind, id, attempt, again_in, error } => {
                let id = &id.to_string();
                let (attempt, again_in) = (*attempt, *again_in);
                self.0.emit(&Event::JobFailed { kind, id, attempt, again_in, error });
            }
            Observation::Dead { kind, id, attempts, error } => {
                let id = &id.to_string();
                self.0.emit(&Event::JobDead { kind, id, attempts: *attempts, error });
            }
            Observation::LeaseLost { kind, id } => {
                self.0.emit(&Event::JobLeaseLost { kind, id: &id.to_string() });
            }
            Observation::Unreachable(error) => self.0.emit(&Event::QueueUnreachable(&error.to_string())),
        }
    }
}
