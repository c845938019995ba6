//! The log of texts and calls.

use std::error::Error;
use std::sync::Mutex;

use async_trait::async_trait;
use serde_json::json;
use switchboard_automation::mesh::{Communication, CommunicationLog, Notice, names};
use tokio::sync::Notify;

use crate::database::{TestDatabase, on_both, soon};

/// A CRM whose second answer is an error.
#[derive(Default)]
struct Crm {
    asked: Mutex<u32>,
    entries: Mutex<Vec<(String, String, String)>>,
    three: Notify,
}

#[async_trait]
impl CommunicationLog for Crm {
    async fn log(&self, tenant: &str, entry: &Communication) -> Result<(), Box<dyn Error + Send + Sync>> {
        let asked = {
            let mut asked = self.asked.lock().unwrap();
            *asked += 1;
            *asked
        };
        if asked == 2 {
            return Err("the CRM is away".into());
        }
        let mut entries = self.entries.lock().unwrap();
        entries.push((tenant.to_owned(), entry.external_id.clone(), entry.status.clone()));
        if entries.len() == 3 {
            self.three.notify_one();
        }
        Ok(())
    }
}

async fn each_text_and_call_is_logged_in_order(database: &TestDatabase) {
    let mesh = database.mesh().await;
    let text = |name: &str, status: &str| {
        Notice::new(name, json!({"messageSid": "SM1", "to": "+14155551234", "status": status})).tenant("blue")
    };
    mesh.publish(text(names::SMS_SENT, "queued")).await.unwrap();
    mesh.publish(Notice::new("stripe.payment.failed", json!({}))).await.unwrap();
    mesh.publish(text(names::SMS_STATUS, "sent")).await.unwrap();
    mesh.publish(text(names::SMS_STATUS, "delivered")).await.unwrap();
    let crm = Crm::default();
    let logging = mesh.log_communications("crm", &crm);
    let ended = async {
        tokio::select! {
            ended = logging => panic!("{ended:?}"),
            () = crm.three.notified() => {}
        }
    };
    soon(ended).await;
    let entries = crm.entries.lock().unwrap().clone();
    let statuses: Vec<&str> = entries.iter().map(|(_, _, status)| status.as_str()).collect();
    assert_eq!(statuses, ["queued", "sent", "delivered"]);
    assert!(entries.iter().all(|(tenant, id, _)| (tenant.as_str(), id.as_str()) == ("blue", "SM1")));
}

on_both! { each_text_and_call_is_logged_in_order }
