#![doc = include_str!("../README.md")]
#![cfg_attr(docsrs, feature(doc_cfg))]

mod answer;
mod api;
mod dashboard;
mod failure;
mod follow;
mod header;
mod identity;
mod limit;
mod page;
mod records;
mod request;
mod requested;
mod webhook;

pub use dashboard::Dashboard;
pub use follow::Follower;
pub use identity::{Identity, Login, Roles};
