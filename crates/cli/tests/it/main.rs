//! The program from outside.

#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::expect_used,
    clippy::print_stdout,
    reason = "test support may panic like the tests that use it"
)]

mod accounts;
mod bulk;
mod commands;
mod dashboard;
mod exits;
#[cfg(unix)]
mod helper;
#[cfg(target_os = "linux")]
mod large;
#[cfg(unix)]
mod listen;
mod manual;
mod program;
#[cfg(unix)]
mod running;
mod seeded;
mod webhook;
