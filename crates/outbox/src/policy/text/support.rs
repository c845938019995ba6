//! A draft of the letter to Twilio's support that asks for phone numbers.

use std::fmt;

/// A request for phone numbers that the API does not offer. `Display` writes the letter to Twilio's support.
///
/// What is missing shows as `[please fill in: …]`.
///
/// ```
/// use switchboard_outbox::policy::SupportRequest;
///
/// let mut request = SupportRequest::new("Germany", "Mobile");
/// request.quantity = Some(2);
/// request.use_case = "Appointment reminders".to_owned();
/// let letter = request.to_string();
/// assert!(letter.starts_with("Subject: Phone Number Request - Germany Mobile\n"));
/// assert!(letter.contains("- Regulatory Documents: [please fill in: available, or will provide]\n"));
/// ```
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct SupportRequest {
    /// The country of the numbers.
    pub country: String,
    /// `Local`, `Toll-Free` or `Mobile`.
    pub number_type: String,
    /// The area code. Many countries have none: say `any`.
    pub area_code: String,
    /// How many numbers.
    pub quantity: Option<u32>,
    /// What they are for.
    pub use_case: String,
    /// Which regulatory documents there are.
    pub regulatory_documents: String,
    /// The account that shall have them, `AC…`.
    pub account_sid: String,
}

impl SupportRequest {
    /// Asks for numbers of a country and a type.
    pub fn new(country: impl Into<String>, number_type: impl Into<String>) -> Self {
        Self { country: country.into(), number_type: number_type.into(), ..Self::default() }
    }
}

impl fmt::Display for SupportRequest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let country = Field(&self.country, "country");
        let number_type = Field(&self.number_type, "local, toll-free or mobile");
        let quantity = self.quantity.map(|quantity| quantity.to_string()).unwrap_or_default();
        writeln!(f, "Subject: Phone Number Request - {country} {number_type}\n")?;
        writeln!(f, "Account SID: {}", Field(&self.account_sid, "the account, AC…"))?;
        writeln!(f, "Request Type: Phone Number Acquisition\n")?;
        writeln!(f, "Details:")?;
        writeln!(f, "- Country: {country}")?;
        writeln!(f, "- Number Type: {number_type}")?;
        writeln!(f, "- Desired Area Code: {}", Field(&self.area_code, "area code, or any"))?;
        writeln!(f, "- Quantity: {}", Field(&quantity, "how many numbers"))?;
        writeln!(f, "- Use Case: {}", Field(&self.use_case, "what the numbers are for"))?;
        let documents = Field(&self.regulatory_documents, "available, or will provide");
        writeln!(f, "- Regulatory Documents: {documents}\n")?;
        write!(f, "Please advise on availability and any requirements.")
    }
}

/// A field of the letter on one line, or what to fill in.
struct Field<'f>(&'f str, &'static str);

impl fmt::Display for Field<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut words = self.0.split_whitespace();
        match words.next() {
            None => write!(f, "[please fill in: {}]", self.1),
            Some(first) => {
                f.write_str(first)?;
                words.try_for_each(|word| write!(f, " {word}"))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shows_what_is_missing() {
        let letter = SupportRequest::default().to_string();
        assert_eq!(
            letter,
            "Subject: Phone Number Request - [please fill in: country] [please fill in: local, toll-free or mobile]\n\
             \n\
             Account SID: [please fill in: the account, AC…]\n\
             Request Type: Phone Number Acquisition\n\
             \n\
             Details:\n\
             - Country: [please fill in: country]\n\
             - Number Type: [please fill in: local, toll-free or mobile]\n\
             - Desired Area Code: [please fill in: area code, or any]\n\
             - Quantity: [please fill in: how many numbers]\n\
             - Use Case: [please fill in: what the numbers are for]\n\
             - Regulatory Documents: [please fill in: available, or will provide]\n\
             \n\
             Please advise on availability and any requirements."
        );
    }

    #[test]
    fn a_field_stays_on_its_line() {
        let letter = SupportRequest::new("US\n\nBcc: all", "Local").to_string();
        assert!(letter.starts_with("Subject: Phone Number Request - US Bcc: all Local\n"));
    }
}
