//! Cases of what is enqueued.
