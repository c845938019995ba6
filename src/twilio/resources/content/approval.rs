//! The approval of a template by WhatsApp.

use serde::{Deserialize, Serialize};

use crate::provider::ProviderError;
use crate::twilio::wire::{answer, check, wire_enum};

wire_enum! {
    /// The purpose of a template, in WhatsApp's categories. It decides the price.
    ContentCategory {
        /// About something that the recipient requested or bought.
        Utility = "UTILITY",
        /// Advertising.
        Marketing = "MARKETING",
        /// A verification code.
        Authentication = "AUTHENTICATION",
    }
}

wire_enum! {
    /// The approval status of a template.
    ApprovalStatus {
        /// Approval was not requested yet.
        Unsubmitted = "unsubmitted",
        /// Twilio has received the request.
        Received = "received",
        /// WhatsApp is reviewing the template.
        Pending = "pending",
        /// The template may be sent.
        Approved = "approved",
        /// WhatsApp rejected the template.
        Rejected = "rejected",
        /// The template may not be sent for a while, because recipients complained.
        Paused = "paused",
        /// The template may not be sent any more, because recipients complained.
        Disabled = "disabled",
    }
}

impl ApprovalStatus {
    /// May the template be sent to a person who did not write in the last 24 hours?
    #[must_use]
    pub const fn is_approved(&self) -> bool {
        matches!(self, Self::Approved)
    }
}

/// A request to approve a template.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct RequestApproval {
    /// The template's name at WhatsApp: small letters, digits and underscores.
    pub name: String,
    /// Its category.
    pub category: ContentCategory,
}

impl RequestApproval {
    /// Requests approval in a category, under a name of small letters, digits and underscores.
    pub fn new(name: impl Into<String>, category: ContentCategory) -> Self {
        Self { name: name.into(), category }
    }

    pub(super) fn check(&self) -> Result<(), ProviderError> {
        if self.name.is_empty() {
            return Err(check::missing("the template needs a name for WhatsApp, as in table_ready"));
        }
        Ok(())
    }
}

answer! {
    /// The approval of a template by one channel.
    ContentApproval always {
        /// The status of the approval.
        status: ApprovalStatus = "status",
    } {
        /// The channel: `whatsapp`.
        channel: String = "type",
        /// The template's name there.
        name: String = "name",
        /// Its category, which the channel may have changed.
        category: ContentCategory = "category",
        /// The type of content that was reviewed, such as `twilio/text`.
        content_type: String = "content_type",
        /// The reason for a rejection.
        rejection_reason: String = "rejection_reason",
        /// May the channel change the category?
        allow_category_change: bool = "allow_category_change",
    }
}

answer! {
    /// The approval status of a template.
    ///
    /// <https://www.twilio.com/docs/content/content-api-resources#fetch-an-approval-status-request>
    ContentApprovals always {
        /// The template, `HX…`.
        sid: String = "sid",
    } {
        /// The account it belongs to.
        account_sid: String = "account_sid",
        /// The approval by WhatsApp.
        whatsapp: ContentApproval = "whatsapp",
        /// Its URL.
        url: String = "url",
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::twilio::wire::mutation::{read_whole, survives};
    use serde_json::json;

    #[test]
    fn twilios_own_examples_are_read_whole_and_survive_growth() {
        let created = json!({
            "name": "tree_fiddy", "category": "UTILITY", "content_type": "twilio/location", "status": "unsubmitted",
            "rejection_reason": "", "allow_category_change": true
        });
        let approval: ContentApproval = read_whole(&created);
        assert_eq!(
            (approval.status, approval.category),
            (ApprovalStatus::Unsubmitted, Some(ContentCategory::Utility))
        );
        survives::<ContentApproval>(&created);

        let fetched = json!({
            "sid": "HXaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", "account_sid": "ACaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
            "whatsapp": {
                "type": "whatsapp", "name": "tree_fiddy", "category": "TRANSACTIONAL", "content_type": "twilio/location",
                "status": "approved", "rejection_reason": "", "allow_category_change": true
            },
            "url": "https://content.twilio.com/v1/Content/HXaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa/ApprovalRequests"
        });
        let approvals: ContentApprovals = read_whole(&fetched);
        assert!(approvals.whatsapp.is_some_and(|whatsapp| whatsapp.status.is_approved()));
        survives::<ContentApprovals>(&fetched);
    }

    #[test]
    fn a_request_is_two_words() {
        let request = RequestApproval::new("table_ready", ContentCategory::Authentication);
        request.check().unwrap();
        let json = serde_json::to_value(&request).unwrap();
        assert_eq!(json, json!({"name": "table_ready", "category": "AUTHENTICATION"}));
        assert!(RequestApproval::new("", ContentCategory::Utility).check().is_err());
        for word in ApprovalStatus::KNOWN.iter().chain(&["in_appeal"]) {
            assert_eq!(ApprovalStatus::from(*word).as_str(), *word);
        }
    }
}
