#![doc = include_str!("../README.md")]
#![cfg_attr(docsrs, feature(doc_cfg))]

mod answer;
mod api;
mod dashboard;
mod identity;
mod request;

pub use dashboard::Dashboard;
pub use identity::{Identity, Login, Roles};
