//! The auth tokens of accounts, for the verification of webhooks.

use async_trait::async_trait;
use switchboard::secret::Secret;
use switchboard::twilio::webhook::{TokenError, TokenSource};

use super::content::{TWILIO, token};
use super::{CredentialName, UserCredentials};
use crate::{Purpose, Sealed, StoreError};

/// Reads the row of the account for each request: the token that is stored now, then the one that it replaced, for 24
/// hours. An account that no user has verified has no tokens.
#[async_trait]
impl TokenSource for UserCredentials {
    async fn tokens(&self, account_sid: Option<&str>) -> Result<Vec<Secret>, TokenError> {
        match account_sid {
            Some(account) => self.tokens_of(account).await.map_err(TokenError::new),
            None => Ok(Vec::new()),
        }
    }
}

/// No account's id is longer. PostgreSQL takes no texts with NUL.
const LONGEST: usize = 64;

impl UserCredentials {
    async fn tokens_of(&self, account: &str) -> Result<Vec<Secret>, StoreError> {
        if account.len() > LONGEST || account.contains('\0') {
            return Ok(Vec::new());
        }
        let Some(row) = self.rows.of_account(TWILIO, account).await? else { return Ok(Vec::new()) };
        let mut tokens: Vec<Secret> = token(TWILIO, &self.credentials(&row).await?).into_iter().collect();
        if let Some(replaced) = &row.replaced {
            let context =
                CredentialName::new(&row.user, &row.provider).context(&row.id, Purpose::ReplacedToken);
            tokens.push(self.sealer.open(&context, &Sealed::parse(replaced.as_str())?).await?);
        }
        Ok(tokens)
    }
}
