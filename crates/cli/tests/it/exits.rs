//! Every exit status is reached, and each of them is true.

use std::time::Duration;

use switchboard_testing::{FakeTwilio, Fault, FaultProxy, ProxyMode};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpSocket, TcpStream};

use crate::program::{command, ended, run, signal};
use crate::seeded::{self, Home};

const SEND: [&str; 4] = ["message", "send", "+14155551234", "planted text"];

async fn set_up(name: &str) -> (Home, FakeTwilio, Vec<(&'static str, String)>) {
    let (home, fake) = (Home::new(name), FakeTwilio::start().await);
    let environment = seeded::environment(&fake, home.path());
    (home, fake, environment)
}

fn at(mut environment: Vec<(&'static str, String)>, url: String) -> Vec<(&'static str, String)> {
    environment.retain(|(name, _)| *name != "TWILIO_BASE_URL");
    environment.push(("TWILIO_BASE_URL", url));
    environment
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn done_failed_usage_credentials_later_and_refused() {
    let (_home, fake, environment) = set_up("exits").await;
    let cases: [(&[&str], i32); 10] = [
        (&SEND, 0),
        (&["message", "list", "--to", "+14155559999"], 0),
        (&["message", "get", "SM00000000000000000000000000000000"], 1),
        (&["message", "send", "+15005550001", "planted text"], 1),
        (&["message", "send", "planted text"], 2),
        (&["message"], 2),
        (&["-a", "nobody", "message", "list"], 2),
        (&["message", "delete", "SM00000000000000000000000000000000"], 2),
        (&["message", "send", "+15005550004", "planted text"], 6),
        (&["message", "send", "+14155551234", "+15005550001", "+15005550004", "planted text"], 6),
    ];
    for (arguments, status) in cases {
        let before = fake.requests();
        let ran = run(&environment, arguments).await;
        assert_eq!(ran.status, Some(status), "{arguments:?} {ran:?}");
        assert!(!ran.stderr.contains("planted") && !ran.stderr.contains("panicked"), "{ran:?}");
        assert!(status != 2 || fake.requests() == before, "{arguments:?} asked before it was refused");
    }
    let wrong = environment.iter().map(|(name, value)| match *name {
        "TWILIO_AUTH_TOKEN" => (*name, "0123456789abcdef0123456789abcdef".to_owned()),
        _ => (*name, value.clone()),
    });
    assert_eq!(run(&wrong.collect::<Vec<_>>(), &SEND).await.status, Some(4));
    let none: Vec<_> = environment.iter().filter(|(name, _)| !name.starts_with("TWILIO")).cloned().collect();
    assert_eq!(run(&none, &SEND).await.status, Some(4));
    let refused = at(environment, "http://127.0.0.1:9".to_owned());
    assert_eq!(run(&refused, &SEND).await.status, Some(5));
    assert_eq!(run(&refused, &["message", "list"]).await.status, Some(5));
}

/// Nobody can read the result, and still the status says whether a text went out.
#[cfg(target_os = "linux")]
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_went_out_is_told_by_the_status_when_nothing_can_be_printed() {
    let (_home, fake, environment) = set_up("full").await;
    let full = || std::fs::OpenOptions::new().write(true).open("/dev/full").unwrap();
    let mut sending = command(&environment, &SEND);
    let ran = ended(sending.stdout(full()).spawn().unwrap()).await;
    assert_eq!((ran.status, fake.sent().len()), (Some(0), 1), "{ran:?}");
    assert!(ran.stderr.contains("SM"), "the result is told elsewhere: {ran:?}");
}

/// What is repeated as a whole texts those again who have it.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_list_of_which_some_left_is_never_safe_to_repeat() {
    let (_home, fake, environment) = set_up("some").await;
    let people = ["+14155551234", "+14155550177", "+14155550178"];
    let send: Vec<&str> = ["message", "send"].into_iter().chain(people).chain(["planted text"]).collect();
    fake.fail_next(Fault::status(429));
    fake.fail_next(Fault::status(429));
    fake.fail_next(Fault::status(429));
    let ran = run(&environment, &send).await;
    assert_eq!((ran.status, fake.sent().len()), (Some(1), 2), "{ran:?}");
    let refused = at(environment, "http://127.0.0.1:9".to_owned());
    assert_eq!(run(&refused, &send).await.status, Some(5), "nothing left");
}

/// The account that was asked to send is the one to ask.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn finding_out_asks_the_same_account() {
    let (_home, _fake, environment) = set_up("same").await;
    let (url, _) = server(true).await;
    let send: Vec<&str> = ["-a", "environment"].into_iter().chain(SEND).collect();
    let ran = run(&at(environment, url), &send).await;
    assert!(ran.stderr.contains("message list --to +14155551234 --limit 5 -a environment"), "{ran:?}");
}

/// An interrupt of a change learns whether it was done.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_interrupted_deletion_says_what_became_of_it() {
    let (_home, _fake, environment) = set_up("deletion").await;
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let environment = at(environment, format!("http://{}", listener.local_addr().unwrap()));
    let delete = ["message", "delete", "SM00000000000000000000000000000001", "--yes"];
    let child = command(&environment, &delete).spawn().unwrap();
    let (mut stream, _) = listener.accept().await.unwrap();
    let mut read = [0; 1024];
    assert!(stream.read(&mut read).await.unwrap() > 0);
    signal(&child, "INT");
    tokio::time::sleep(Duration::from_millis(300)).await;
    stream.write_all(b"HTTP/1.1 204 No Content\r\n\r\n").await.unwrap();
    let ran = ended(child).await;
    assert_eq!(ran.status, Some(0), "{ran:?}");
    assert!(ran.stdout.contains("is deleted"), "{ran:?}");
}

/// A server that takes a request and then does this with the connection.
async fn server(closes: bool) -> (String, tokio::sync::mpsc::UnboundedReceiver<TcpStream>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let (taken, receiver) = tokio::sync::mpsc::unbounded_channel();
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            let mut read = vec![0; 64 * 1024];
            let mut length = 0;
            while !read[..length].windows(5).any(|bytes| bytes == b"Body=") {
                length += stream.read(&mut read[length..]).await.unwrap();
            }
            if !closes {
                taken.send(stream).unwrap();
            }
        }
    });
    (url, receiver)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_answer_that_is_cut_is_unknown() {
    let (_home, _fake, environment) = set_up("cut").await;
    let (url, _) = server(true).await;
    let environment = at(environment, url);
    let ran = run(&environment, &SEND).await;
    assert_eq!(ran.status, Some(3), "{ran:?}");
    assert!(ran.stderr.contains("find out: switchboard message list --to +14155551234"), "{ran:?}");
    assert!(!ran.stderr.contains("planted") && ran.stdout.is_empty(), "{ran:?}");
    // In a list, the worst one counts, whatever became of the others.
    let ran = run(&environment, &["message", "send", "+14155551234", "+14155550177", "planted text"]).await;
    assert_eq!(ran.status, Some(3), "{ran:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_real_thing_cut_by_a_proxy_is_unknown_and_did_arrive() {
    let (_home, fake, environment) = set_up("proxy").await;
    let proxy = FaultProxy::to(fake.url());
    proxy.set(ProxyMode::ResetAfter);
    let environment = at(environment, proxy.url());
    let ran = run(&environment, &SEND).await;
    assert_eq!((ran.status, fake.sent().len()), (Some(3), 1), "{ran:?}");
    // With the head of the answer it is known that the text went out, though not what is in the rest.
    proxy.set(ProxyMode::CutAnswer { after: 40 });
    let ran = run(&environment, &SEND).await;
    assert_eq!((ran.status, fake.sent().len()), (Some(0), 2), "{ran:?}");
    assert!(ran.stderr.starts_with("warning:"), "{ran:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_interrupts_after_the_hand_over_are_unknown() {
    let (_home, _fake, environment) = set_up("twice").await;
    let (url, mut taken) = server(false).await;
    let child = command(&at(environment, url), &SEND).spawn().unwrap();
    let _stream = taken.recv().await.unwrap();
    signal(&child, "INT");
    // The first one only says that it waits.
    tokio::time::sleep(Duration::from_millis(500)).await;
    signal(&child, "INT");
    let ran = ended(child).await;
    assert_eq!(ran.status, Some(3), "{ran:?}");
    assert!(
        ran.stderr.contains("waiting for the answer") && ran.stderr.contains("it may have gone out"),
        "{ran:?}"
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn one_interrupt_after_the_hand_over_waits_for_the_answer() {
    for name in ["INT", "TERM", "HUP"] {
        let (_home, _fake, environment) = set_up(name).await;
        let (url, mut taken) = server(false).await;
        let child = command(&at(environment, url), &SEND).spawn().unwrap();
        let mut stream = taken.recv().await.unwrap();
        signal(&child, name);
        tokio::time::sleep(Duration::from_millis(300)).await;
        let body = r#"{"sid": "SM00000000000000000000000000000001", "status": "queued"}"#;
        let head = "HTTP/1.1 201 Created\r\nContent-Type: application/json\r\nContent-Length:";
        stream.write_all(format!("{head} {}\r\n\r\n{body}", body.len()).as_bytes()).await.unwrap();
        let ran = ended(child).await;
        assert_eq!(ran.status, Some(0), "{name} {ran:?}");
        assert!(ran.stdout.starts_with("SM0"), "{ran:?}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_interrupt_before_anything_could_leave_is_130() {
    let (_home, fake, environment) = set_up("before").await;
    // A server that takes no further connections: its queue is full.
    let socket = TcpSocket::new_v4().unwrap();
    socket.bind("127.0.0.1:0".parse().unwrap()).unwrap();
    let listener = socket.listen(1).unwrap();
    let address = listener.local_addr().unwrap();
    let mut filling = Vec::new();
    while let Ok(Ok(stream)) =
        tokio::time::timeout(Duration::from_millis(300), TcpStream::connect(address)).await
    {
        filling.push(stream);
    }
    let child = command(&at(environment, format!("http://{address}")), &SEND).spawn().unwrap();
    tokio::time::sleep(Duration::from_millis(500)).await;
    signal(&child, "INT");
    let ran = ended(child).await;
    assert_eq!(ran.status, Some(130), "{ran:?}");
    assert!(ran.stderr.contains("interrupted before anything was sent"), "{ran:?}");
    assert!(fake.sent().is_empty());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nothing_panics_when_nobody_reads() {
    let (_home, fake, environment) = set_up("pipe").await;
    for number in 0..60 {
        fake.account().send_sms("+14155551234", number.to_string()).await.unwrap();
    }
    for arguments in [
        &["message", "list"][..],
        &["message", "list", "--json"],
        &["--help"],
        &["--version"],
        &["completions", "bash"],
        &["completions", "zsh"],
        &["man"],
        &["account", "list"],
        &["config", "show"],
    ] {
        let mut child = command(&environment, arguments).spawn().unwrap();
        drop(child.stdout.take());
        let ran = ended(child).await;
        assert_eq!(ran.status, Some(0), "{arguments:?} {ran:?}");
        assert!(ran.stderr.is_empty(), "{arguments:?} {ran:?}");
        // The same without standard error.
        let mut child = command(&environment, arguments).spawn().unwrap();
        drop((child.stdout.take(), child.stderr.take()));
        assert_eq!(ended(child).await.status, Some(0), "{arguments:?}");
    }
}
