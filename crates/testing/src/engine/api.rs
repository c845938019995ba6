//! The routes and handlers of the API: one file for each resource.

mod accounts;
mod alerts;
mod api_keys;
mod auth_tokens;
mod available_numbers;
mod balance;
mod brands;
mod buy_number;
mod caller_ids;
mod calls;
mod campaigns;
mod conferences;
mod content;
mod geo_permissions;
mod incoming_numbers;
mod lookups;
mod media;
mod messages;
mod messaging_services;
mod plain;
mod pricing;
mod recording_files;
mod recordings;
mod storage;
mod tollfree_verifications;
mod transcriptions;
mod usage;
mod usage_triggers;
mod verification_checks;
mod verifications;
mod verify_services;

use super::route::Route;

/// The routes of every resource.
pub(super) const RESOURCES: &[&[Route]] = &[
    accounts::ROUTES,
    api_keys::ROUTES,
    auth_tokens::ROUTES,
    balance::ROUTES,
    messages::ROUTES,
    media::ROUTES,
    calls::ROUTES,
    conferences::ROUTES,
    recordings::ROUTES,
    transcriptions::ROUTES,
    available_numbers::ROUTES,
    incoming_numbers::ROUTES,
    caller_ids::ROUTES,
    messaging_services::ROUTES,
    brands::ROUTES,
    campaigns::ROUTES,
    tollfree_verifications::ROUTES,
    verify_services::ROUTES,
    verifications::ROUTES,
    lookups::ROUTES,
    content::ROUTES,
    usage::ROUTES,
    usage_triggers::ROUTES,
    pricing::ROUTES,
    alerts::ROUTES,
    geo_permissions::ROUTES,
];
