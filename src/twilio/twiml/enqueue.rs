//! Queues of waiting callers.

use super::macros::{from_text, made_of_text, verb};
use crate::twilio::calls::HttpMethod;

verb! {
    /// Puts the caller into a queue.
    ///
    /// <https://www.twilio.com/docs/voice/twiml/enqueue>
    Enqueue = "Enqueue" {
        /// Sets the URL of the document that runs when the caller leaves the queue.
        action: text = "action",
        /// Sets the HTTP method of that request.
        method: HttpMethod = "method",
        /// Sets how many may wait, at most 5,000; 100 by default.
        max_queue_size: u32 = "maxQueueSize",
        /// Sets the URL of the document that the caller hears meanwhile, a [`WaitResponse`](super::WaitResponse).
        wait_url: text = "waitUrl",
        /// Sets the HTTP method of that request.
        wait_url_method: HttpMethod = "waitUrlMethod",
        /// Sets the workflow of `TaskRouter`, `WW…`.
        workflow_sid: text = "workflowSid",
    }
}

impl Enqueue {
    /// Puts the caller into the queue of that name, which is created if it does not exist.
    pub fn new(queue: impl AsRef<str>) -> Self {
        let mut enqueue = Self::open();
        enqueue.0.text(queue.as_ref());
        enqueue
    }

    /// Creates a task for the call in a `TaskRouter` workflow.
    pub fn task(workflow_sid: impl AsRef<str>, task: impl Into<Task>) -> Self {
        let mut enqueue = Self::open().workflow_sid(workflow_sid);
        enqueue.0.child(task.into().0);
        enqueue
    }
}

from_text!(Enqueue);

verb! {
    /// A task of `TaskRouter`.
    Task = "Task" {
        /// Sets its priority.
        priority: u32 = "priority",
        /// Sets after how many seconds the task is cancelled.
        timeout: u32 = "timeout",
    }
}

made_of_text!(Task, "A task with these attributes, a JSON object.");
