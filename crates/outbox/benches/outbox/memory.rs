//! Peak memory of a process that imports rows and sends some.

use crate::child::{self, Child};
use crate::plan::Plan;
use crate::report::{Target, line};
use crate::server::Server;

pub(crate) async fn memory(plan: &Plan) {
    let server = Server::start();
    let mut peaks = Vec::new();
    for rows in plan.imported {
        let place = plan.databases.place("memory");
        let mut child = Child::start(child::IMPORT, place.address(), &server.url(), rows, plan.sent);
        let peak = tokio::task::spawn_blocking(move || {
            let peak = child.answer();
            child.wait();
            peak
        });
        peaks.push(peak.await.unwrap());
        let what = format!("peak, {rows} rows imported, {} of them sent", plan.sent);
        line(plan, "memory", &what, *peaks.last().unwrap(), "MiB", &Target::AtMost(64.0));
    }
    let what = format!("{} / {} rows", plan.imported[1], plan.imported[0]);
    line(plan, "memory", &what, peaks[1] / peaks[0], "×", &Target::AtMost(1.1));
}
