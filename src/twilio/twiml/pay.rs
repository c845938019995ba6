//! Payments by telephone.

use super::macros::{children, made_empty, parameters, verb};
use super::{Pause, Play, Say};
use crate::twilio::calls::HttpMethod;
use crate::twilio::wire::wire_enum;

verb! {
    /// Takes a payment: asks for the number of a card or a bank account, has it typed in, and gives it to the payment
    /// provider. Your program never sees the number.
    ///
    /// ```
    /// use switchboard::twilio::twiml::{Pay, Prompt, PromptStep, VoiceResponse};
    ///
    /// let pay = Pay::new()
    ///     .charge_amount("20.45")
    ///     .currency("usd")
    ///     .action("/paid")
    ///     .prompt(Prompt::new(PromptStep::PaymentCardNumber).say("Please enter your card number."));
    /// let document = VoiceResponse::new().pay(pay);
    /// # let _ = document;
    /// ```
    ///
    /// <https://www.twilio.com/docs/voice/twiml/pay>
    Pay = "Pay" {
        /// Sets how the number is entered; `dtmf`, the keys of the telephone, is the only way.
        input: text = "input",
        /// Sets the URL of the document that runs when the payment is done or given up.
        action: text = "action",
        /// Sets the kind of bank account, for a payment by `ach-debit`.
        bank_account_type: BankAccountType = "bankAccountType",
        /// Sets the URL that Twilio reports each step to.
        status_callback: text = "statusCallback",
        /// Sets the HTTP method of those reports.
        status_callback_method: HttpMethod = "statusCallbackMethod",
        /// Sets how many seconds Twilio waits for the next key; 5 by default.
        timeout: u32 = "timeout",
        /// Sets how often each step may be tried; 1 by default.
        max_attempts: u32 = "maxAttempts",
        /// Sets whether the security code is asked for.
        security_code: bool = "securityCode",
        /// Sets whether the postal code is asked for (`true`, `false`), or the code itself, where it is known.
        postal_code: text = "postalCode",
        /// Sets the fewest digits of a postal code.
        min_postal_code_length: u32 = "minPostalCodeLength",
        /// Sets the connector to the payment provider; `Default` by default.
        payment_connector: text = "paymentConnector",
        /// Sets whether a card or a bank account pays.
        payment_method: PaymentMethod = "paymentMethod",
        /// Sets the kind of token that the provider creates if nothing is charged now.
        token_type: TokenType = "tokenType",
        /// Sets the amount, as in `20.45`. Without it, or with 0, a token is made and nothing is charged.
        charge_amount: text = "chargeAmount",
        /// Sets the currency, `usd` by default.
        currency: text = "currency",
        /// Sets what the payment is for, as the provider shows it.
        description: text = "description",
        /// Sets which cards are accepted; `visa mastercard amex` by default.
        valid_card_types: [CardType] = "validCardTypes",
        /// Sets the language of the prompts, `en-US` by default.
        language: text = "language",
    }
}

made_empty!(Pay, "Takes a payment by card, with Twilio's own prompts.");
parameters!(Pay);

children! { Pay {
    /// Replaces Twilio's own prompt at a step.
    prompt: Prompt,
} }

verb! {
    /// What is said at a step of a payment, instead of Twilio's own words.
    ///
    /// It may contain only speech, sound and silence:
    ///
    /// ```compile_fail,E0599
    /// use switchboard::twilio::twiml::{Gather, Prompt, PromptStep};
    ///
    /// let prompt = Prompt::new(PromptStep::PostalCode).gather(Gather::new());
    /// ```
    ///
    /// <https://www.twilio.com/docs/voice/twiml/pay/prompt>
    Prompt = "Prompt" {
        /// Sets the step that it is for.
        step: PromptStep = "for",
        /// Sets the errors that it is for, where the step failed before.
        error_type: [PromptError] = "errorType",
        /// Sets the cards that it is for.
        card_type: [CardType] = "cardType",
        /// Sets the attempts that it is for, as in `2 3`.
        attempt: text = "attempt",
        /// Sets whether the caller must enter the value twice, both times the same.
        require_matching_inputs: bool = "requireMatchingInputs",
    }
}

impl Prompt {
    /// Says something at that step; add what is said.
    pub fn new(step: PromptStep) -> Self {
        Self::open().step(step)
    }

    /// Is silent for this many seconds.
    pub fn pause(self, seconds: u32) -> Self {
        self.element(Pause::new(seconds))
    }
}

children! { Prompt {
    /// Says a text.
    say: Say,
    /// Plays the sound at a URL.
    play: Play,
} }

wire_enum! {
    /// What pays in a `Pay`.
    PaymentMethod {
        /// A card.
        CreditCard = "credit-card",
        /// A bank account in the United States.
        AchDebit = "ach-debit",
    }
}

wire_enum! {
    /// The kind of a bank account.
    BankAccountType {
        /// A person's current account.
        ConsumerChecking = "consumer-checking",
        /// A person's savings account.
        ConsumerSavings = "consumer-savings",
        /// A company's current account.
        CommercialChecking = "commercial-checking",
        /// A company's savings account.
        CommercialSavings = "commercial-savings",
    }
}

wire_enum! {
    /// What a token of a payment provider is good for.
    TokenType {
        /// One payment.
        OneTime = "one-time",
        /// Any number of payments.
        Reusable = "reusable",
        /// A payment method as the provider stores it.
        PaymentMethod = "payment-method",
    }
}

wire_enum! {
    /// The brand of a card.
    CardType {
        /// Visa.
        Visa = "visa",
        /// Mastercard.
        Mastercard = "mastercard",
        /// American Express.
        Amex = "amex",
        /// Maestro.
        Maestro = "maestro",
        /// Discover.
        Discover = "discover",
        /// Optima.
        Optima = "optima",
        /// JCB.
        Jcb = "jcb",
        /// Diners Club.
        DinersClub = "diners-club",
        /// enRoute.
        Enroute = "enroute",
    }
}

wire_enum! {
    /// A step of a payment.
    PromptStep {
        /// The number of the card.
        PaymentCardNumber = "payment-card-number",
        /// The month and year until which the card is valid.
        ExpirationDate = "expiration-date",
        /// The security code of the card.
        SecurityCode = "security-code",
        /// The postal code of the card's owner.
        PostalCode = "postal-code",
        /// The number of the bank account.
        BankAccountNumber = "bank-account-number",
        /// The routing number of the bank.
        BankRoutingNumber = "bank-routing-number",
        /// The wait for the payment provider.
        PaymentProcessing = "payment-processing",
    }
}

wire_enum! {
    /// What failed at a step of a payment.
    PromptError {
        /// Nothing was entered in time.
        Timeout = "timeout",
        /// No card has this number.
        InvalidCardNumber = "invalid-card-number",
        /// The card is of a brand that is not accepted.
        InvalidCardType = "invalid-card-type",
        /// The date is not valid, or has passed.
        InvalidDate = "invalid-date",
        /// The security code has a wrong length.
        InvalidSecurityCode = "invalid-security-code",
        /// The two entries differ.
        InputMatchingFailed = "input-matching-failed",
        /// Twilio or the provider failed.
        InternalError = "internal-error",
    }
}
