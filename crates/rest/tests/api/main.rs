//! The data API, the same on both engines.

mod app;
mod attacks;
mod batch;
mod fuzz;
mod fuzz_batch;
mod golden;
mod idempotency;
mod nested;
mod on_postgres_only;
mod precondition;
mod reads;
mod recorder;
mod routines;
mod search;
mod settings;
mod types;
mod writes;

/// The same test on each engine.
macro_rules! on_each_engine {
    ($($name:ident),+ $(,)?) => {
        mod on_postgres {
            $(#[tokio::test]
            async fn $name() {
                super::$name(crate::app::App::postgres().await).await;
            })+
        }
        mod on_embedded {
            $(#[tokio::test]
            async fn $name() {
                super::$name(crate::app::App::embedded().await).await;
            })+
        }
    };
}
pub(crate) use on_each_engine;
