//! Whether WhatsApp has approved a template.

use serde::{Deserialize, Serialize};

use crate::provider::ProviderError;
use crate::twilio::wire::{answer, check, wire_enum};

wire_enum! {
    /// What a template is for, in WhatsApp's words. It decides the price.
    ContentCategory {
        /// Something they asked for or bought.
        Utility = "UTILITY",
        /// Something to sell.
        Marketing = "MARKETING",
        /// A code.
        Authentication = "AUTHENTICATION",
    }
}

wire_enum! {
    /// Whether a template was approved.
    ApprovalStatus {
        /// Nobody asked yet.
        Unsubmitted = "unsubmitted",
        /// Twilio has the request.
        Received = "received",
        /// WhatsApp looks at it.
        Pending = "pending",
        /// It may be sent.
        Approved = "approved",
        /// It may not be sent.
        Rejected = "rejected",
        /// It may not be sent for a while, because people complained.
        Paused = "paused",
        /// It may not be sent any more, because people complained.
        Disabled = "disabled",
    }
}

impl ApprovalStatus {
    /// May it be sent to somebody who did not write in the last 24 hours?
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
    /// What it is for.
    pub category: ContentCategory,
}

impl RequestApproval {
    /// Asks under a name, small letters, digits and underscores, for a category.
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
    /// Whether one channel has approved a template.
    ContentApproval always {
        /// Was it approved?
        status: ApprovalStatus = "status",
    } {
        /// The channel: `whatsapp`.
        channel: String = "type",
        /// The template's name there.
        name: String = "name",
        /// What it is for; the channel may have changed it.
        category: ContentCategory = "category",
        /// The type that was looked at, such as `twilio/text`.
        content_type: String = "content_type",
        /// Why not.
        rejection_reason: String = "rejection_reason",
        /// May the channel change the category?
        allow_category_change: bool = "allow_category_change",
    }
}

answer! {
    /// Whether a template was approved.
    ///
    /// <https://www.twilio.com/docs/content/content-api-resources#fetch-an-approval-status-request>
    ContentApprovals always {
        /// The template, `HX…`.
        sid: String = "sid",
    } {
        /// The account it belongs to.
        account_sid: String = "account_sid",
        /// What WhatsApp says.
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
