//! Incoming messages: the webhook request, each kind of response, opt-out keywords and repeated deliveries.

use futures_util::future::join_all;
use switchboard_testing::{FakeTwilio, InboundSms};

use crate::app::{App, Reply};
use crate::support::{Plain, TO, json};

async fn setup() -> (FakeTwilio, App) {
    let fake = FakeTwilio::start().await;
    let app = App::start(&fake).await;
    fake.set_sms_url(&app.at("/sms"));
    (fake, app)
}

fn bodies(fake: &FakeTwilio) -> Vec<String> {
    fake.sent().into_iter().map(|message| message.body).collect()
}

#[tokio::test]
async fn an_incoming_text_reaches_the_webhook_and_is_answered() {
    let (fake, app) = setup().await;
    app.says("/sms", "<Message action='status'>Hi &amp; welcome</Message>");
    let heard = fake.receive_sms(TO, "Hello").await;
    assert_eq!((heard.status(), heard.error()), (Some(200), None));
    assert!(heard.body().contains("<Message"));
    let received = app.last("/sms");
    for (key, value) in [
        ("MessageSid", heard.sid()),
        ("SmsSid", heard.sid()),
        ("SmsMessageSid", heard.sid()),
        ("SmsStatus", "received"),
        ("AccountSid", &fake.account_sid()),
        ("From", TO),
        ("To", fake.phone_number()),
        ("Body", "Hello"),
        ("NumMedia", "0"),
        ("NumSegments", "1"),
        ("FromCity", "SAN FRANCISCO"),
        ("ToCountry", "US"),
        ("ApiVersion", "2010-04-01"),
    ] {
        assert_eq!(received.get(key), Some(value), "{key}");
    }
    assert_eq!((received.get("MessagingServiceSid"), received.get("OptOutType")), (None, None));
    let replies = heard.replies();
    assert_eq!((replies.len(), &replies[0].body, &replies[0].to), (1, &"Hi & welcome".into(), &TO.into()));
    assert_eq!(fake.sent(), replies);
    fake.deliver(&replies[0].sid);
    fake.wait_for_callbacks().await;
    assert_eq!(app.last("/status").get("MessageStatus"), Some("delivered"));
    let list = json(Plain::new(&fake).get("/Messages.json").send().await.unwrap()).await;
    let directions: Vec<_> =
        list["messages"].as_array().unwrap().iter().map(|m| m["direction"].clone()).collect();
    assert_eq!(directions, ["outbound-reply", "inbound"]);
    assert_eq!(
        (&list["messages"][1]["status"], &list["messages"][1]["body"]),
        (&"received".into(), &"Hello".into())
    );
}

#[tokio::test]
async fn each_kind_of_webhook_response_has_its_effect() {
    let (fake, app) = setup().await;
    app.says("/next", "<Message>from afar</Message>");
    let none: &[&str] = &[];
    let cases: [(Reply, &[&str], Option<&str>); 14] = [
        (Reply::xml("<Message>one</Message><Message><Body>two</Body></Message>"), &["one", "two"], None),
        (Reply::xml("<Message>look<Media>/cat.jpg</Media></Message>"), &["look"], None),
        (Reply::xml("<Message><Media>/cat.jpg</Media></Message>"), &[""], None),
        (Reply::of(200, "text/plain; charset=utf-8", " plain "), &["plain"], None),
        (Reply::of(200, "text/html", "<Response><Message>html</Message></Response>"), &["html"], None),
        (Reply::xml("<Redirect method='GET'>next</Redirect><Message>never</Message>"), &["from afar"], None),
        (Reply::xml(""), none, None),
        (Reply::of(204, "", ""), none, None),
        (Reply::of(200, "application/json", "{}"), none, Some("12300")),
        (Reply::of(200, "text/xml", "<Response><Message>"), none, Some("12100")),
        (Reply::of(500, "text/plain", "no"), none, Some("11200: the webhook answered 500")),
        (Reply::xml(&format!("<Message>{}</Message>", "a".repeat(66_000))), none, Some("11750")),
        (Reply::xml("<Redirect>/sms</Redirect>"), none, Some("11215")),
        (
            Reply::xml(&format!("<Message>{}</Message><Message>b</Message>", "a".repeat(1601))),
            &["b"],
            Some("21617"),
        ),
    ];
    let mut codes = Vec::new();
    for (reply, expected, error) in cases {
        let shown = format!("{reply:.120?}");
        let known = fake.sent().len();
        app.replies("/sms", reply);
        let heard = fake.receive_sms(TO, "Hello").await;
        assert_eq!(bodies(&fake)[known..], *expected, "{shown}");
        let problem = heard.error();
        assert!(problem.as_deref().unwrap_or_default().starts_with(error.unwrap_or_default()), "{problem:?}");
        assert_eq!(problem.is_some(), error.is_some(), "{problem:?}");
        codes.extend(error.map(|error| error[..5].to_owned()));
    }
    let pictures: Vec<_> = fake.sent().into_iter().flat_map(|message| message.media).collect();
    assert_eq!(pictures, [app.at("/cat.jpg"), app.at("/cat.jpg")]);
    let page = json(Plain::new(&fake).product("/v1/Alerts").send().await.unwrap()).await;
    let alerts: Vec<_> =
        page["alerts"].as_array().unwrap().iter().rev().map(|alert| alert["error_code"].clone()).collect();
    assert_eq!(alerts, codes);
    assert_eq!(page["alerts"][5]["log_level"], "error");
}

#[tokio::test]
async fn the_fallback_url_receives_the_error_of_the_first_url() {
    let (fake, app) = setup().await;
    app.replies("/sms", Reply::of(503, "text/plain", "")).says("/fallback", "<Message>Later</Message>");
    let number = format!("/IncomingPhoneNumbers/{}.json", fake.number_sid(fake.phone_number()).unwrap());
    Plain::new(&fake).post(&number, &[("SmsFallbackUrl", &app.at("/fallback"))]).send().await.unwrap();
    let heard = fake.receive_sms(TO, "Hello").await;
    let received = app.last("/fallback");
    assert_eq!(
        (received.get("ErrorCode"), received.get("ErrorUrl")),
        (Some("11200"), Some(app.at("/sms").as_str()))
    );
    assert_eq!((received.get("Body"), bodies(&fake)), (Some("Hello"), vec!["Later".to_owned()]));
    assert!(heard.error().unwrap().starts_with("11200"));
}

#[tokio::test]
async fn without_a_webhook_the_message_is_kept() {
    let fake = FakeTwilio::start().await;
    let heard = fake.receive_sms(TO, "Hello").await;
    assert_eq!((heard.status(), heard.replies().len()), (None, 0));
    assert!(heard.error().unwrap().contains("set_sms_url"));
    let path = format!("/Messages/{}.json", heard.sid());
    assert_eq!(json(Plain::new(&fake).get(&path).send().await.unwrap()).await["body"], "Hello");
    assert!(fake.sent().is_empty());
}

#[tokio::test]
async fn opt_out_keywords_have_the_effect_they_have_at_twilio() {
    let (fake, app) = setup().await;
    let client = Plain::new(&fake);
    for word in ["STOP", "stopall", " Unsubscribe ", "cancel", "End", "QUIT", "revoke", "OptOut"] {
        let heard = fake.receive_sms(TO, word).await;
        assert_eq!(app.last("/sms").get("Body"), Some(word), "the webhook receives the keyword, too");
        assert!(heard.automatic_reply().is_some() && heard.replies().is_empty());
        let refused = client.text("hi", &[]).send().await.unwrap();
        assert_eq!(
            (refused.status().as_u16(), json(refused).await["code"].as_u64()),
            (400, Some(21610)),
            "{word}"
        );
        assert!(fake.receive_sms(TO, "yes").await.automatic_reply().is_some());
        client.sent("hi again", &[]).await;
    }
    for word in ["STOP PLEASE", "stopping", "help", "INFO"] {
        fake.receive_sms(TO, word).await;
        client.sent("still here", &[]).await;
    }
    fake.receive_sms(TO, "STOP").await;
    fake.own_number("+14155550177");
    let form = [("To", TO), ("From", "+14155550177"), ("Body", "from another number")];
    assert_eq!(client.post("/Messages.json", &form).send().await.unwrap().status(), 201);
    app.says("/sms", "<Message>You are out</Message>");
    let heard = fake.receive_sms(TO, "hello?").await;
    assert!(heard.error().unwrap().starts_with("21610") && heard.replies().is_empty());
    fake.opt_in(TO);
    client.sent("all is well", &[]).await;
}

#[tokio::test]
async fn a_messaging_service_has_its_own_webhook_and_one_opt_out_list() {
    let (fake, app) = setup().await;
    let client = Plain::new(&fake);
    let (inbound, base) = (app.at("/service"), fake.url());
    fake.own_number("+14155550177");
    let http = reqwest::Client::new();
    let post = async |path: &str, form: &[(&str, &str)]| {
        let body = serde_urlencoded::to_string(form).unwrap();
        let request =
            http.post(format!("{base}{path}")).basic_auth(fake.account_sid(), Some(fake.auth_token()));
        let request = request.header("Content-Type", "application/x-www-form-urlencoded").body(body);
        json(request.send().await.unwrap()).await
    };
    let service = post("/v1/Services", &[("FriendlyName", "s"), ("InboundRequestUrl", &inbound)]).await;
    let service = service["sid"].as_str().unwrap().to_owned();
    for number in [fake.phone_number(), "+14155550177"] {
        let sid = fake.number_sid(number).unwrap();
        post(&format!("/v1/Services/{service}/PhoneNumbers"), &[("PhoneNumberSid", &sid)]).await;
    }
    fake.use_advanced_opt_out(&service);
    fake.receive_sms(TO, "stop").await;
    let received = app.last("/service");
    assert_eq!(
        (received.get("OptOutType"), received.get("MessagingServiceSid")),
        (Some("STOP"), Some(service.as_str()))
    );
    for from in [fake.phone_number(), "+14155550177"] {
        let form = [("To", TO), ("From", from), ("Body", "hi")];
        assert_eq!(client.post("/Messages.json", &form).send().await.unwrap().status(), 400, "{from}");
    }
    post(&format!("/v1/Services/{service}"), &[("UseInboundWebhookOnNumber", "true")]).await;
    fake.receive_sms(TO, "start").await;
    assert_eq!(app.last("/sms").get("OptOutType"), Some("START"));
}

#[tokio::test]
async fn an_incoming_whatsapp_message_opens_the_24_hour_window() {
    let (fake, app) = setup().await;
    fake.close_windows();
    app.says("/sms", "<Message>Hello Ann</Message>");
    let photo = InboundSms::new(TO, "stop")
        .whatsapp()
        .param("ProfileName", "Ann")
        .media("https://example.com/a.jpg", "image/jpeg");
    let heard = fake.receive(photo).await;
    let received = app.last("/sms");
    for (key, value) in [
        ("From", "whatsapp:+14155551234"),
        ("To", "whatsapp:+14155550100"),
        ("ProfileName", "Ann"),
        ("WaId", "14155551234"),
        ("MessageType", "image"),
        ("NumMedia", "1"),
        ("MediaUrl0", "https://example.com/a.jpg"),
        ("MediaContentType0", "image/jpeg"),
    ] {
        assert_eq!(received.get(key), Some(value), "{key}");
    }
    assert!(received.get("ChannelMetadata").unwrap().contains("Ann") && received.get("FromCity").is_none());
    assert_eq!((heard.automatic_reply(), heard.sid().starts_with("MM")), (None, true));
    let reply = heard.replies().remove(0);
    assert_eq!(
        (&reply.to, reply.from),
        (&"whatsapp:+14155551234".into(), Some("whatsapp:+14155550100".into()))
    );
    fake.deliver(&reply.sid);
    assert_eq!(heard.replies()[0].status, "delivered");
}

#[tokio::test]
async fn media_of_an_incoming_message_can_be_downloaded() {
    let (fake, app) = setup().await;
    fake.receive(InboundSms::new(TO, "").media_bytes("image/png", "PNG")).await;
    let url = app.last("/sms").get("MediaUrl0").unwrap().to_owned();
    let path = url.split_once(&fake.account_sid()).unwrap().1.to_owned();
    let answer = Plain::new(&fake).get(&path).send().await.unwrap();
    let stored = reqwest::get(answer.headers()["location"].to_str().unwrap()).await.unwrap();
    assert_eq!(stored.headers()["content-type"], "image/png");
    assert_eq!(stored.bytes().await.unwrap().as_ref(), b"PNG");
}

#[tokio::test]
async fn a_repeated_delivery_has_the_same_idempotency_token() {
    let (fake, app) = setup().await;
    app.says("/sms", "<Message>once?</Message>");
    let heard = fake.receive_sms(TO, "Hello").await;
    let again = join_all((0..5).map(|_| heard.redeliver())).await;
    assert!(again.iter().all(|again| again.sid() == heard.sid() && again.status() == Some(200)));
    let received = app.heard();
    assert_eq!(received.len(), 6);
    assert!(
        received.iter().all(|t| t.token == received[0].token && t.get("MessageSid") == Some(heard.sid()))
    );
    assert_eq!(fake.sent().len(), 6, "a webhook without duplicate detection answers each delivery");
    let other = fake.receive_sms(TO, "Hello").await;
    assert_ne!((other.sid(), &app.last("/sms").token), (heard.sid(), &received[0].token));
}

#[tokio::test]
async fn the_url_fragment_sets_how_often_a_request_is_repeated() {
    let (fake, app) = setup().await;
    app.replies("/sms", Reply::of(503, "text/plain", ""));
    let url = app.at("/sms?x=1#rc=2&rp=5xx");
    fake.receive(InboundSms::new(TO, "Hello").url(&url)).await;
    fake.receive(InboundSms::new(TO, "Hello").url(app.at("/sms")).get()).await;
    let received = app.heard();
    assert_eq!(received.len(), 4, "three attempts, and one without the fragment");
    assert!(received[0].token == received[2].token && received[0].get("x") == Some("1"));
    assert_eq!((received[3].method.as_str(), received[3].get("Body")), ("GET", Some("Hello")));
}

#[tokio::test]
async fn callbacks_can_be_repeated_and_reordered() {
    let (fake, app) = setup().await;
    fake.repeat_callbacks(2);
    fake.shuffle_callbacks(7);
    let status = app.at("/status");
    let sid = Plain::new(&fake).sent("hi", &[("StatusCallback", &status)]).await;
    fake.deliver(&sid);
    fake.wait_for_callbacks().await;
    let received = app.heard();
    let words: Vec<_> = received.iter().map(|heard| heard.get("MessageStatus").unwrap()).collect();
    let mut sorted = words.clone();
    sorted.sort_unstable();
    assert_eq!(sorted, ["delivered", "delivered", "sending", "sending", "sent", "sent"]);
    assert_ne!(words, ["sending", "sending", "sent", "sent", "delivered", "delivered"]);
    for word in ["sending", "sent", "delivered"] {
        let tokens: Vec<_> =
            received.iter().filter(|h| h.get("MessageStatus") == Some(word)).map(|h| &h.token).collect();
        assert_eq!(tokens[0], tokens[1]);
    }
}

#[tokio::test]
async fn debug_shows_no_text_and_no_number() {
    let (fake, app) = setup().await;
    app.says("/sms", "<Message>secret</Message>");
    let sms = InboundSms::new(TO, "secret");
    let printed = format!("{sms:?} {:?}", fake.receive(sms.clone()).await);
    assert!(!printed.contains("secret") && !printed.contains("+1415"), "{printed}");
}
