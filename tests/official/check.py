"""Twilio's Python client against the fake: it must take it for Twilio.

Run `tests/official/run`, or by hand:
    cargo run --example fake_twilio      # prints the variables this reads; export them
    pip install twilio && python tests/official/check.py
"""

import os
import sys
from datetime import datetime, timedelta, timezone
from urllib.parse import urlsplit, urlunsplit

import requests
from twilio.base.exceptions import TwilioRestException
from twilio.http.http_client import TwilioHttpClient
from twilio.rest import Client

BASE = urlsplit(os.environ["TWILIO_BASE_URL"])
ACCOUNT = os.environ["TWILIO_ACCOUNT_SID"]
TOKEN = os.environ["TWILIO_AUTH_TOKEN"]
KEY = os.environ["TWILIO_API_KEY"]
SECRET = os.environ["TWILIO_API_SECRET"]
SENDER = os.environ["TWILIO_PHONE_NUMBER"]
SERVICE = "MG" + "0" * 31 + "1"
RECIPIENT = "+14155551234"


class Redirected(TwilioHttpClient):
    """Sends everything to the fake, whatever host it was meant for."""

    def request(self, method, url, *args, **kwargs):
        parts = urlsplit(url)
        url = urlunsplit((BASE.scheme, BASE.netloc, parts.path, parts.query, ""))
        return super().request(method, url, *args, **kwargs)


client = Client(ACCOUNT, TOKEN, http_client=Redirected())
by_key = Client(KEY, SECRET, ACCOUNT, http_client=Redirected())
results = {"passed": 0, "failed": 0}


def check(name):
    def run(test):
        try:
            test()
        except Exception as error:  # a failed check must not hide the others
            results["failed"] += 1
            print(f"FAIL {name}: {error!r}")
        else:
            results["passed"] += 1
            print(f"ok   {name}")

    return run


def refused(code, status, request):
    try:
        request()
    except TwilioRestException as error:
        assert (error.code, error.status) == (code, status), (error.code, error.status)
        assert str(code) in error.uri or error.msg, error
    else:
        raise AssertionError(f"not refused with {code}")


def send(**more):
    return client.messages.create(**{"to": RECIPIENT, "from_": SENDER, "body": "Your table is ready", **more})


@check("send")
def _():
    message = send()
    assert message.sid.startswith("SM") and message.status == "queued"
    assert message.num_segments == "1" and message.price is None
    assert message.direction == "outbound-api" and message.error_code is None
    assert abs((message.date_created - datetime.now(timezone.utc)).total_seconds()) < 60
    assert message.date_sent is None


@check("send with an API key")
def _():
    message = by_key.messages.create(to=RECIPIENT, from_=SENDER, body="by key")
    assert by_key.messages(message.sid).fetch().body == "by key"


@check("fetch")
def _():
    sid = send(body="It’s ready").sid
    message = client.messages(sid).fetch()
    assert message.body == "It’s ready" and message.to == RECIPIENT


@check("list over several pages")
def _():
    to = "+14155550777"
    sids = [send(to=to, body=f"number {n}").sid for n in range(7)]
    sids.reverse()
    assert [m.sid for m in client.messages.list(to=to)] == sids
    assert [m.sid for m in client.messages.stream(to=to, page_size=3)] == sids
    assert [m.sid for m in client.messages.list(to=to, page_size=2, limit=5)] == sids[:5]
    page = client.messages.page(to=to, page_size=3)
    following = page.next_page()
    assert [m.sid for m in page] == sids[:3]
    assert [m.sid for m in following] == sids[3:6]
    assert [m.sid for m in following.previous_page()] == sids[:3]
    assert following.next_page().next_page() is None


@check("list by date")
def _():
    to = "+14155550778"
    send(to=to)
    today = datetime.now(timezone.utc)
    assert len(client.messages.list(to=to, date_sent=today.date())) == 1
    assert len(client.messages.list(to=to, date_sent_after=today - timedelta(hours=1))) == 1
    assert client.messages.list(to=to, date_sent_before=today - timedelta(days=1)) == []
    assert client.messages.list(to=to, date_sent_after=today + timedelta(days=1)) == []


@check("redact")
def _():
    sid = send().sid
    assert client.messages(sid).update(body="").body == ""
    assert client.messages(sid).fetch().body == ""


@check("cancel a scheduled message")
def _():
    at = datetime.now(timezone.utc) + timedelta(hours=1)
    message = client.messages.create(
        to=RECIPIENT, messaging_service_sid=SERVICE, body="later", schedule_type="fixed", send_at=at
    )
    assert message.status == "scheduled" and message.from_ is None
    assert client.messages(message.sid).update(status="canceled").status == "canceled"
    refused(30409, 400, lambda: client.messages(message.sid).update(status="canceled"))


@check("delete")
def _():
    at = datetime.now(timezone.utc) + timedelta(hours=1)
    waiting = client.messages.create(
        to=RECIPIENT, messaging_service_sid=SERVICE, body="later", schedule_type="fixed", send_at=at
    )
    refused(20009, 409, lambda: client.messages(waiting.sid).delete())
    client.messages(waiting.sid).update(status="canceled")
    assert client.messages(waiting.sid).delete() is True
    refused(20404, 404, lambda: client.messages(waiting.sid).fetch())


@check("media")
def _():
    urls = ["https://example.com/a.png", "https://example.com/b.jpg"]
    message = send(media_url=urls)
    assert message.sid.startswith("MM") and message.num_media == "2"
    media = client.messages(message.sid).media.list()
    assert sorted(m.content_type for m in media) == ["image/jpeg", "image/png"]
    one = client.messages(message.sid).media(media[0].sid).fetch()
    assert one.parent_sid == message.sid
    url = BASE.geturl() + one.uri.removesuffix(".json")
    answer = requests.get(url, auth=(ACCOUNT, TOKEN), allow_redirects=False, timeout=10)
    assert answer.status_code == 307
    stored = requests.get(answer.headers["Location"], timeout=10)
    assert stored.headers["Content-Type"] == one.content_type and len(stored.content) > 0
    assert requests.get(answer.headers["Location"], auth=(ACCOUNT, TOKEN), timeout=10).status_code == 400
    assert client.messages(message.sid).media(one.sid).delete() is True
    assert len(client.messages(message.sid).media.list()) == 1


@check("feedback")
def _():
    sid = send(provide_feedback=True).sid
    assert client.messages(sid).feedback.create(outcome="confirmed").outcome == "confirmed"


for code, number in [(21211, "+15005550001"), (21408, "+15005550003"), (21610, "+15005550004"), (21614, "+15005550009")]:

    @check(f"refusal {code}")
    def _(code=code, number=number):
        refused(code, 400, lambda: send(to=number))


@check("refusal 20003")
def _():
    wrong = Client(ACCOUNT, "0" * 32, http_client=Redirected())
    refused(20003, 401, lambda: wrong.messages.create(to=RECIPIENT, from_=SENDER, body="x"))
    refused(20003, 401, lambda: by_key.api.accounts(ACCOUNT).fetch())


@check("refusal 20404")
def _():
    refused(20404, 404, lambda: client.messages("SM" + "0" * 32).fetch())


@check("account")
def _():
    account = client.api.accounts(ACCOUNT).fetch()
    assert (account.sid, account.type, account.status) == (ACCOUNT, "Full", "active")
    assert account.auth_token == TOKEN


@check("call")
def _():
    call = client.calls.create(
        to=RECIPIENT,
        from_=SENDER,
        twiml="<Response><Say>Hello</Say></Response>",
        status_callback_event=["initiated", "answered"],
    )
    assert call.sid.startswith("CA") and call.status == "queued" and call.duration is None
    assert client.calls(call.sid).fetch().to == RECIPIENT
    assert client.calls(call.sid).update(status="completed").status == "completed"
    refused(21220, 400, lambda: client.calls(call.sid).update(status="completed"))
    over = client.calls(call.sid).fetch()
    assert over.end_time is not None and over.duration is not None
    assert [c.sid for c in client.calls.list(to=RECIPIENT, status="completed")] == [call.sid]
    assert client.calls(call.sid).delete() is True


@check("refusals of calls")
def _():
    twiml = "<Response/>"
    refused(21217, 400, lambda: client.calls.create(to="+15005550001", from_=SENDER, twiml=twiml))
    refused(21210, 400, lambda: client.calls.create(to=RECIPIENT, from_="+14155559999", twiml=twiml))
    refused(21205, 400, lambda: client.calls.create(to=RECIPIENT, from_=SENDER))


print(f"{results['passed']} passed, {results['failed']} failed")
sys.exit(1 if results["failed"] else 0)
