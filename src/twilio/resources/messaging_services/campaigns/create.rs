//! A campaign to submit.

use super::CampaignUsecase;
use crate::provider::ProviderError;
use crate::sms::Text;
use crate::twilio::sid;
use crate::twilio::wire::{Parameters as _, check, request};

/// The fewest and the most samples of messages.
const SAMPLES: std::ops::RangeInclusive<usize> = 2..=5;

request! {
    /// A campaign to submit.
    ///
    /// ```
    /// use switchboard::twilio::messaging_services::{CampaignUsecase, CreateCampaign};
    ///
    /// let brand = "BN0123456789abcdef0123456789abcdef";
    /// let campaign = CreateCampaign::new(brand, CampaignUsecase::AccountNotification)
    ///     .description("Reminders of appointments that customers of Acme Dental booked.")
    ///     .message_flow("Customers give their number and tick a box for reminders when they book on acme.example/book.")
    ///     .message_sample("Acme Dental: your appointment is on Monday at 9:30. Reply STOP to opt out.")
    ///     .message_sample("Acme Dental: your appointment was moved to Tuesday at 10:00.")
    ///     .has_embedded_links(false)
    ///     .has_embedded_phone(false);
    /// # let _ = campaign;
    /// ```
    ///
    /// <https://www.twilio.com/docs/messaging/api/usapptoperson-resource#create-a-usapptoperson-resource>
    CreateCampaign {
        /// Its brand, `BN…`, which must be approved.
        brand_registration_sid: String = "BrandRegistrationSid",
        /// Its use case.
        usecase: CampaignUsecase = "UsAppToPersonUsecase",
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
        /// The answer to a text that opts in: 20 to 320 characters. It is needed where people can opt in by a text.
        opt_in_message: Option<Text> = "OptInMessage",
        /// The answer to a text that opts out: 20 to 320 characters. Without it, Twilio's own.
        opt_out_message: Option<Text> = "OptOutMessage",
        /// The answer to a text that asks for help: 20 to 320 characters. Without it, Twilio's own.
        help_message: Option<Text> = "HelpMessage",
        /// A word that opts in. It is needed where people can opt in by a text.
        opt_in_keywords as opt_in_keyword: Vec<Text> = "OptInKeywords",
        /// A word that opts out. Without any, Twilio's own.
        opt_out_keywords as opt_out_keyword: Vec<Text> = "OptOutKeywords",
        /// A word that asks for help. Without any, Twilio's own.
        help_keywords as help_keyword: Vec<Text> = "HelpKeywords",
        /// Whether people opt in.
        subscriber_opt_in: Option<bool> = "SubscriberOptIn",
        /// Whether it is for adults only.
        age_gated: Option<bool> = "AgeGated",
        /// Whether it is about loans.
        direct_lending: Option<bool> = "DirectLending",
    }
}

impl CreateCampaign {
    /// Starts with a brand and a use case. Description, message flow, samples and both `has_embedded_…` must be set, too.
    pub fn new(brand_registration_sid: impl Into<String>, usecase: impl Into<CampaignUsecase>) -> Self {
        let brand_registration_sid = brand_registration_sid.into();
        Self { brand_registration_sid, usecase: usecase.into(), ..Self::default() }
    }

    pub(super) fn form(&self) -> Result<String, ProviderError> {
        sid::check(&self.brand_registration_sid, "brand", &["BN"])?;
        if self.usecase.as_str().is_empty() {
            return Err(check::missing("the campaign has no use case: set one, as in MARKETING"));
        }
        content(
            self.description.as_ref(),
            self.message_flow.as_ref(),
            &self.message_samples,
            self.has_embedded_links,
            self.has_embedded_phone,
        )?;
        for (what, text) in [
            ("opt-in message", &self.opt_in_message),
            ("opt-out message", &self.opt_out_message),
            ("help message", &self.help_message),
        ] {
            text.as_ref().map_or(Ok(()), |text| length(what, text, 20, 320))?;
        }
        self.encoded()
    }
}

/// Checks what every campaign must have.
pub(super) fn content(
    description: Option<&Text>,
    message_flow: Option<&Text>,
    samples: &[Text],
    links: Option<bool>,
    phone: Option<bool>,
) -> Result<(), ProviderError> {
    let needed = |what: &str, text: Option<&Text>, most| match text {
        Some(text) => length(what, text, 40, most),
        None => Err(check::missing(format!("the campaign has no {what}: write 40 to {most} characters"))),
    };
    needed("description", description, 4096)?;
    needed("message flow", message_flow, 2048)?;
    if !SAMPLES.contains(&samples.len()) {
        let (least, most) = (SAMPLES.start(), SAMPLES.end());
        return Err(check::refuse(format!(
            "the campaign must have {least} to {most} samples of its messages, this one has {}",
            samples.len()
        )));
    }
    samples.iter().try_for_each(|sample| length("message sample", sample, 20, 1024))?;
    for (what, flag) in [("links", links), ("telephone numbers", phone)] {
        if flag.is_none() {
            return Err(check::missing(format!(
                "the campaign does not say whether its messages contain {what}: set true or false"
            )));
        }
    }
    Ok(())
}

fn length(what: &str, text: &Text, least: usize, most: usize) -> Result<(), ProviderError> {
    match text.as_str().chars().count() {
        count if (least..=most).contains(&count) => Ok(()),
        count => Err(check::refuse(format!(
            "the {what} must have {least} to {most} characters, this one has {count}"
        ))),
    }
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;

    const BN: &str = "BN0123456789abcdef0123456789abcdef";
    pub(in super::super) const LONG: &str = "forty characters or more are needed here..";
    pub(in super::super) const SAMPLE: &str = "twenty characters are enough";

    fn whole() -> CreateCampaign {
        CreateCampaign::new(BN, CampaignUsecase::Mixed)
            .description(LONG)
            .message_flow(LONG)
            .message_sample(SAMPLE)
            .message_sample(SAMPLE)
            .has_embedded_links(true)
            .has_embedded_phone(false)
    }

    #[test]
    fn parameters_have_twilios_names() {
        let campaign = whole()
            .opt_in_message(SAMPLE)
            .opt_out_message(SAMPLE)
            .help_message(SAMPLE)
            .opt_in_keyword("START")
            .opt_out_keyword("STOP")
            .opt_out_keyword("END")
            .help_keyword("HELP")
            .subscriber_opt_in(true)
            .age_gated(false)
            .direct_lending(false);
        let form = campaign.form().unwrap();
        let names: Vec<_> = form.split('&').filter_map(|pair| Some(pair.split_once('=')?.0)).collect();
        assert_eq!(
            names.join(" "),
            "BrandRegistrationSid UsAppToPersonUsecase Description MessageFlow MessageSamples MessageSamples \
             HasEmbeddedLinks HasEmbeddedPhone OptInMessage OptOutMessage HelpMessage OptInKeywords OptOutKeywords \
             OptOutKeywords HelpKeywords SubscriberOptIn AgeGated DirectLending"
        );
        let stored = serde_json::to_string(&campaign).unwrap();
        assert_eq!(serde_json::from_str::<CreateCampaign>(&stored).unwrap(), campaign);
    }

    #[test]
    fn what_twilio_would_refuse_is_refused_by_name() {
        for (campaign, expected) in [
            (CreateCampaign { brand_registration_sid: "BN1".to_owned(), ..whole() }, "brand SID"),
            (CreateCampaign { usecase: "".into(), ..whole() }, "no use case"),
            (whole().description("short"), "description must have 40 to 4096"),
            (CreateCampaign { message_flow: None, ..whole() }, "no message flow"),
            (CreateCampaign { message_samples: vec![SAMPLE.into()], ..whole() }, "2 to 5 samples"),
            (whole().message_sample("short"), "message sample must have 20 to 1024"),
            (CreateCampaign { has_embedded_links: None, ..whole() }, "contain links"),
            (CreateCampaign { has_embedded_phone: None, ..whole() }, "contain telephone numbers"),
            (whole().help_message("short"), "help message must have 20 to 320"),
        ] {
            let error = campaign.form().unwrap_err().to_string();
            assert!(error.contains(expected), "{error} lacks {expected:?}");
        }
        assert!(whole().form().is_ok());
    }
}
