//! `account audit`: what should be changed in an account.

use futures_util::StreamExt as _;
use serde_json::json;
use switchboard::twilio::audit::{AuditItem, Finding, FindingSeverity, Skipped};

use crate::context::Context;
use crate::escape::escaped;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::record::own_record;

own_record!(Finding, open: true {
    "SEVERITY" = "severity", "KIND" = "kind", "SID" = "sid", "NUMBER" = "number", "WHAT" = "what", "WHAT TO DO" = "whatToDo",
}, more: ["command", "code", "count", "amount", "currency"]);

#[derive(Debug, clap::Args)]
pub(super) struct AuditArgs {
    /// End with exit status 1 if a finding is as severe as this, or more: notice, warning, critical
    #[arg(long, value_name = "SEVERITY")]
    fail_on: Option<FindingSeverity>,
    /// How many messages of each week are read at most, for the error rate and for idle numbers
    #[arg(long, value_name = "COUNT")]
    max_messages: Option<u64>,
}

pub(super) async fn audit(context: &Context, args: AuditArgs) -> Result<(), Failure> {
    context.out.check_fields::<Finding>()?;
    let account = context.account().await?;
    // With wrong credentials every part would be skipped, which looks like a result.
    account.test_connection().await?;
    let mut audit = account.audit();
    if let Some(most) = args.max_messages {
        audit = audit.max_messages(most);
    }
    let mut items = audit.stream();
    let (mut count, mut worst) = (0_u64, None);
    while let Some(item) = items.next().await {
        match item {
            AuditItem::Finding(finding) => {
                count += 1;
                worst = worst.max(Some(finding.severity));
                show(context, &finding)?;
            }
            AuditItem::Skipped(skipped) => skip(context, &skipped),
            _ => {}
        }
    }
    if count == 0 {
        context.out.note("nothing to change");
    }
    match args.fail_on {
        Some(limit) if worst >= Some(limit) => {
            Err(Failure::new(Exit::Failed, format!("there are findings that are {limit} or worse")))
        }
        _ => Ok(()),
    }
}

fn show(context: &Context, finding: &Finding) -> Result<(), Failure> {
    if context.out.is_json() {
        return context.out.line(&context.out.value(finding)?);
    }
    let command =
        finding.command.as_ref().map(|command| format!("\n  command: {command}")).unwrap_or_default();
    let Finding { severity, kind, .. } = finding;
    let (what, what_to_do) = (escaped(&finding.what), escaped(&finding.what_to_do));
    let subject = finding.subject();
    context.out.say(&format!("{severity}: {kind} ({subject})\n  {what}\n  what to do: {what_to_do}{command}"))
}

fn skip(context: &Context, skipped: &Skipped) {
    let Skipped { part, what, why, what_to_do, .. } = skipped;
    let todo = what_to_do.as_ref().map(|todo| format!("; {todo}")).unwrap_or_default();
    if context.out.is_json() {
        context.out.note(&json!({ "skipped": skipped }).to_string());
    } else {
        context.out.warn(&format!("not looked at: {part}: {what}: {why}{todo}"));
    }
}
