//! Paths of pages in Twilio's Console.

pub(super) const A2P: &str = "Messaging > Regulatory compliance > Onboarding (A2P 10DLC)";
pub(super) const ACTIVE_NUMBERS: &str = "Phone Numbers > Manage > Active numbers";
pub(super) const BILLING: &str = "Admin > Account billing";
pub(super) const BUY_NUMBER: &str = "Phone Numbers > Manage > Buy a number";
pub(super) const CALLER_IDS: &str = "Phone Numbers > Manage > Verified Caller IDs";
pub(super) const CALL_LOGS: &str = "Monitor > Logs > Calls";
pub(super) const CREDENTIALS: &str = "Admin > Account management > API keys & tokens";
pub(super) const CUSTOMER_PROFILE: &str = "Trust Hub > Customer profiles";
pub(super) const ERROR_LOGS: &str = "Monitor > Logs > Error logs";
pub(super) const MESSAGE_LOGS: &str = "Monitor > Logs > Messaging";
pub(super) const MESSAGING_GEO: &str = "Messaging > Settings > Geo permissions";
pub(super) const MESSAGING_SERVICES: &str = "Messaging > Services";
pub(super) const MESSAGING_SETTINGS: &str = "Messaging > Settings > General";
pub(super) const SENDER_IDS: &str = "Messaging > Senders > Alphanumeric sender IDs";
pub(super) const TEMPLATES: &str = "Messaging > Content Template Builder";
pub(super) const TOLL_FREE: &str = "Messaging > Regulatory compliance > Toll-free verification";
pub(super) const VERIFY_FRAUD_GUARD: &str = "Verify > Fraud Guard";
pub(super) const VERIFY_GEO: &str = "Verify > Settings > Geo permissions";
pub(super) const VERIFY_SERVICES: &str = "Verify > Services";
pub(super) const VOICE_GEO: &str = "Voice > Settings > Geo permissions";
pub(super) const WHATSAPP_SANDBOX: &str = "Messaging > Try it out > Send a WhatsApp message";
pub(super) const WHATSAPP_SENDERS: &str = "Messaging > Senders > WhatsApp senders";
