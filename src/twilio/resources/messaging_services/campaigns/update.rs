//! The corrections of a campaign that failed.

use super::Campaign;
use super::create::content;
use crate::provider::ProviderError;
use crate::sms::Text;
use crate::twilio::wire::{Parameters as _, check, request};

request! {
    /// The corrections of a campaign that failed. Twilio wants all of these fields, so start [from the
    /// campaign](Self::of) as it is.
    ///
    /// <https://www.twilio.com/docs/messaging/api/usapptoperson-resource#update-a-usapptoperson-resource>
    UpdateCampaign {
        /// What it does: 40 to 4,096 characters.
        description: Option<Text> = "Description",
        /// How people opt in, with every way to do so: 40 to 2,048 characters.
        message_flow: Option<Text> = "MessageFlow",
        /// A sample of its messages: 20 to 1,024 characters. There must be 2 to 5.
        message_samples as message_sample: Vec<Text> = "MessageSamples",
        /// Whether its messages contain links.
        has_embedded_links: Option<bool> = "HasEmbeddedLinks",
        /// Whether its messages contain telephone numbers.
        has_embedded_phone: Option<bool> = "HasEmbeddedPhone",
        /// Whether it is for adults only.
        age_gated: Option<bool> = "AgeGated",
        /// Whether it is about loans.
        direct_lending: Option<bool> = "DirectLending",
    }
}

impl UpdateCampaign {
    /// Starts with what the campaign says now.
    #[must_use]
    pub fn of(campaign: &Campaign) -> Self {
        Self {
            description: campaign.description.clone(),
            message_flow: campaign.message_flow.clone(),
            message_samples: campaign.message_samples.clone().unwrap_or_default(),
            has_embedded_links: campaign.has_embedded_links,
            has_embedded_phone: campaign.has_embedded_phone,
            age_gated: campaign.age_gated,
            direct_lending: campaign.direct_lending,
            more: Vec::new(),
        }
    }

    /// Replaces the samples of its messages.
    #[must_use]
    pub fn replace_samples<T: Into<Text>>(mut self, samples: impl IntoIterator<Item = T>) -> Self {
        self.message_samples = samples.into_iter().map(Into::into).collect();
        self
    }

    pub(super) fn form(&self) -> Result<String, ProviderError> {
        content(
            self.description.as_ref(),
            self.message_flow.as_ref(),
            &self.message_samples,
            self.has_embedded_links,
            self.has_embedded_phone,
        )?;
        for (what, flag) in [("for adults only", self.age_gated), ("about loans", self.direct_lending)] {
            if flag.is_none() {
                return Err(check::missing(format!(
                    "the campaign does not say whether it is {what}: set true or false"
                )));
            }
        }
        self.encoded()
    }
}

#[cfg(test)]
mod tests {
    use super::super::create::tests::{LONG, SAMPLE};
    use super::*;

    #[test]
    fn an_update_starts_with_the_campaign_and_is_whole() {
        let campaign = Campaign {
            description: Some(LONG.into()),
            message_flow: Some(LONG.into()),
            message_samples: Some(vec![SAMPLE.into()]),
            has_embedded_links: Some(true),
            has_embedded_phone: Some(false),
            age_gated: Some(false),
            direct_lending: Some(false),
            ..Campaign::default()
        };
        let update = UpdateCampaign::of(&campaign).replace_samples([SAMPLE, SAMPLE]);
        let form = update.form().unwrap();
        assert!(
            form.ends_with(
                "&HasEmbeddedLinks=true&HasEmbeddedPhone=false&AgeGated=false&DirectLending=false"
            )
        );
        assert_eq!(form.matches("MessageSamples=").count(), 2);
        let partial = UpdateCampaign { direct_lending: None, ..update };
        assert!(partial.form().unwrap_err().to_string().contains("about loans"));
        assert!(UpdateCampaign::of(&Campaign::default()).form().is_err());
    }
}
