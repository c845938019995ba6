//! Proofs that need the private parts of the outbox: a simulation of the worker, and real processes that are killed.

#![allow(clippy::print_stdout, reason = "tests print their figures")]

mod clock;
mod consent;
mod copy;
mod database;
mod evidence;
mod kill;
mod process;
mod shared;
mod sim;
