//! The words of toll-free verifications.

use crate::twilio::wire::wire_enum;

wire_enum! {
    /// The status of a toll-free verification.
    TollfreeStatus {
        /// Submitted.
        PendingReview = "PENDING_REVIEW",
        /// Somebody looks at it.
        InReview = "IN_REVIEW",
        /// Approved: texts from the number are delivered.
        Approved = "TWILIO_APPROVED",
        /// Rejected; [`rejection_reasons`](super::TollfreeVerification::rejection_reasons) says why.
        Rejected = "TWILIO_REJECTED",
    }
}

wire_enum! {
    /// What the texts of a toll-free number are for.
    TollfreeUseCase {
        /// One-time codes and password resets.
        TwoFactorAuthentication = "TWO_FACTOR_AUTHENTICATION",
        /// Reminders, alerts and notifications.
        AccountNotifications = "ACCOUNT_NOTIFICATIONS",
        /// Help for customers.
        CustomerCare = "CUSTOMER_CARE",
        /// Charities.
        CharityNonprofit = "CHARITY_NONPROFIT",
        /// The delivery of a product or a service.
        DeliveryNotifications = "DELIVERY_NOTIFICATIONS",
        /// Warnings of fraud.
        FraudAlertMessaging = "FRAUD_ALERT_MESSAGING",
        /// Events.
        Events = "EVENTS",
        /// Colleges and universities.
        HigherEducation = "HIGHER_EDUCATION",
        /// Schools.
        K12 = "K12",
        /// Promotion.
        Marketing = "MARKETING",
        /// Polls and surveys that are not political.
        PollingAndVotingNonPolitical = "POLLING_AND_VOTING_NON_POLITICAL",
        /// Elections.
        PoliticalElectionCampaigns = "POLITICAL_ELECTION_CAMPAIGNS",
        /// Public information.
        PublicServiceAnnouncement = "PUBLIC_SERVICE_ANNOUNCEMENT",
        /// Warnings of a security incident.
        SecurityAlert = "SECURITY_ALERT",
    }
}

wire_enum! {
    /// How people opt in.
    TollfreeOptIn {
        /// In a conversation.
        Verbal = "VERBAL",
        /// In a form on a website.
        WebForm = "WEB_FORM",
        /// In a form on paper.
        PaperForm = "PAPER_FORM",
        /// By a text.
        ViaText = "VIA_TEXT",
        /// By a QR code.
        MobileQrCode = "MOBILE_QR_CODE",
        /// Imported from elsewhere.
        Import = "IMPORT",
        /// Imported, and to be replaced.
        ImportPleaseReplace = "IMPORT_PLEASE_REPLACE",
    }
}

wire_enum! {
    /// The kind of a business.
    TollfreeBusinessType {
        /// A private company.
        PrivateProfit = "PRIVATE_PROFIT",
        /// A company whose shares are traded.
        PublicProfit = "PUBLIC_PROFIT",
        /// One person; needs no registration number.
        SoleProprietor = "SOLE_PROPRIETOR",
        /// A charity or an association.
        NonProfit = "NON_PROFIT",
        /// A government entity.
        Government = "GOVERNMENT",
    }
}

wire_enum! {
    /// Which register the number of a business is from.
    TollfreeRegistrationAuthority {
        /// US employer identification number.
        Ein = "EIN",
        /// Canadian business number.
        Cbn = "CBN",
        /// British company registration number.
        Crn = "CRN",
        /// Number of a Canadian province.
        ProvincialNumber = "PROVINCIAL_NUMBER",
        /// VAT number.
        Vat = "VAT",
        /// Australian company number.
        Acn = "ACN",
        /// Australian business number.
        Abn = "ABN",
        /// Business registration number.
        Brn = "BRN",
        /// French company number.
        Siren = "SIREN",
        /// Number of a French establishment.
        Siret = "SIRET",
        /// New Zealand business number.
        Nzbn = "NZBN",
        /// German VAT number.
        UstIdNr = "USt-IdNr",
        /// Spanish company number.
        Cif = "CIF",
        /// Spanish tax number.
        Nif = "NIF",
        /// Brazilian company number.
        Cnpj = "CNPJ",
        /// Swiss company number.
        Uid = "UID",
        /// Québec enterprise number.
        Neq = "NEQ",
        /// Another register.
        Other = "OTHER",
    }
}
