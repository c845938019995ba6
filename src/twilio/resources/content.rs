//! Content: message templates, and their approval by WhatsApp.

mod approval;
mod body;
mod create;
mod kind;
mod template;

pub use approval::{ApprovalStatus, ContentApproval, ContentApprovals, ContentCategory, RequestApproval};
pub use body::{
    CallToAction, Card, ContentAction, ContentActionType, ListItem, ListPicker, MediaContent, QuickReply,
    TextContent,
};
pub use create::CreateContent;
pub use kind::{ContentType, ContentTypes};
pub use template::{Content, ContentVariables};

use crate::provider::{ApiRequest, ProviderError, RequestClass};
use crate::twilio::page::Pages;
use crate::twilio::session::Session;
use crate::twilio::sid;

/// The message templates of an account.
///
/// On WhatsApp, the first message of a conversation must use an approved template: create one, request approval, wait, and
/// send it with [`WhatsAppMessage::template`](super::whatsapp::WhatsAppMessage::template).
///
/// ```no_run
/// # async fn run(account: switchboard::twilio::TwilioAccount) -> Result<(), switchboard::ProviderError> {
/// use switchboard::twilio::content::{ContentCategory, CreateContent, RequestApproval};
///
/// let contents = account.content();
/// let template = CreateContent::new("en").text("Hi {{1}}, your table is ready").variable("1", "Ada");
/// let sid = contents.create(&template).await?.sid;
/// contents.request_approval(&sid, &RequestApproval::new("table_ready", ContentCategory::Utility)).await?;
/// let state = contents.approval(&sid).await?.whatsapp.map(|approval| approval.status);
/// # let _ = state; Ok(()) }
/// ```
///
/// <https://www.twilio.com/docs/content/content-api-resources>
#[derive(Debug, Clone)]
pub struct Contents {
    session: Session,
}

impl Contents {
    pub(in crate::twilio) fn of(session: &Session) -> Self {
        Self { session: session.clone() }
    }

    /// Creates a template.
    ///
    /// <https://www.twilio.com/docs/content/content-api-resources#create-templates>
    ///
    /// # Errors
    /// Any [`ProviderError`].
    pub async fn create(&self, content: &CreateContent) -> Result<Content, ProviderError> {
        let post = ApiRequest::post("/v1/Content").on("content").json(content.body()?);
        self.session.json(post.class(RequestClass::Create)).await
    }

    /// Lists the templates.
    ///
    /// <https://www.twilio.com/docs/content/content-api-resources#fetch-all-content-resources>
    pub fn list(&self) -> Pages<Content> {
        Pages::new(&self.session, ApiRequest::get("/v1/Content").on("content"), "contents")
    }

    /// Lists the templates, each with the status of its approval.
    ///
    /// <https://www.twilio.com/docs/content/content-api-resources#fetch-content-and-approval-status>
    pub fn list_with_approvals(&self) -> Pages<Content> {
        let get = ApiRequest::get("/v1/ContentAndApprovals").on("content");
        Pages::new(&self.session, get, "contents")
    }

    /// Reads a template.
    ///
    /// <https://www.twilio.com/docs/content/content-api-resources#fetch-a-content-resource>
    ///
    /// # Errors
    /// `NOT_FOUND`, or any other [`ProviderError`].
    pub async fn fetch(&self, sid: &str) -> Result<Content, ProviderError> {
        self.session.json(one(ApiRequest::get("/v1/Content/{content}"), sid)?).await
    }

    /// Deletes a template, at WhatsApp too. It cannot be undone, and its name cannot be used again for 30 days.
    ///
    /// <https://www.twilio.com/docs/content/content-api-resources#delete-a-content-template>
    ///
    /// # Errors
    /// Any [`ProviderError`].
    pub async fn delete(&self, sid: &str) -> Result<(), ProviderError> {
        self.session.no_content(one(ApiRequest::delete("/v1/Content/{content}"), sid)?).await
    }

    /// Asks WhatsApp to approve a template. That takes from minutes to two days.
    ///
    /// <https://www.twilio.com/docs/content/content-api-resources#submit-templates-for-approval>
    ///
    /// # Errors
    /// Any [`ProviderError`].
    pub async fn request_approval(
        &self,
        sid: &str,
        request: &RequestApproval,
    ) -> Result<ContentApproval, ProviderError> {
        request.check()?;
        let post = one(ApiRequest::post("/v1/Content/{content}/ApprovalRequests/whatsapp"), sid)?;
        self.session.json(post.json(request).class(RequestClass::Create)).await
    }

    /// Reads the approval status of a template.
    ///
    /// <https://www.twilio.com/docs/content/content-api-resources#fetch-an-approval-status-request>
    ///
    /// # Errors
    /// `NOT_FOUND`, or any other [`ProviderError`].
    pub async fn approval(&self, sid: &str) -> Result<ContentApprovals, ProviderError> {
        self.session.json(one(ApiRequest::get("/v1/Content/{content}/ApprovalRequests"), sid)?).await
    }
}

/// Fills a path with the SID of a template, after checking its format.
fn one(request: ApiRequest, sid: &str) -> Result<ApiRequest, ProviderError> {
    sid::check(sid, "content template", &["HX"])?;
    Ok(request.segment(sid).on("content"))
}
