//! The worker.

pub(crate) mod pace;
