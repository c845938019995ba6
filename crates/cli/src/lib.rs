#![doc = include_str!("../README.md")]

mod args;
mod choose;
mod command;
mod confirm;
mod context;
mod database;
mod download;
mod dry_run;
mod escape;
mod exit;
mod failure;
mod helper;
mod interrupt;
mod keep;
mod listen;
mod output;
mod place;
mod price;
mod record;
mod run;

pub use run::run;
