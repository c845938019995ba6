"""Twilio's Python client against the fake: it must take it for Twilio.

Run `tests/official/run`, or by hand:
    cargo run --example fake_twilio      # prints the variables this reads; export them
    pip install twilio && python tests/official/check.py
"""

import os
import sys
import time
from datetime import datetime, timedelta, timezone
from decimal import Decimal

import requests
from twilio.base.exceptions import TwilioException, TwilioRestException
from twilio.rest import Client
from twilio.rest.content.v1.content import ContentList as content_v1
from twilio.rest.content.v1.content.approval_create import ApprovalCreateList as approval_v1

from redirected import BASE, Redirected

ACCOUNT = os.environ["TWILIO_ACCOUNT_SID"]
TOKEN = os.environ["TWILIO_AUTH_TOKEN"]
KEY = os.environ["TWILIO_API_KEY"]
SECRET = os.environ["TWILIO_API_SECRET"]
SENDER = os.environ["TWILIO_PHONE_NUMBER"]
SERVICE = "MG" + "0" * 31 + "1"
RECIPIENT = "+14155551234"


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


@check("account with a main API key")
def _():
    assert by_key.api.accounts(ACCOUNT).fetch().sid == ACCOUNT


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


def wait_until(ready):
    """Waits until something that takes the fake a moment has happened."""
    for _ in range(100):
        if ready():
            return
        time.sleep(0.1)
    raise AssertionError("it did not happen within ten seconds")


@check("record, list, download, delete")
def _():
    call = client.calls.create(to="+14155550790", from_=SENDER, twiml="<Response/>")
    refused(21220, 400, lambda: client.calls(call.sid).recordings.create())
    wait_until(lambda: client.calls(call.sid).fetch().status == "in-progress")
    recording = client.calls(call.sid).recordings.create(recording_channels="dual", recording_track="both")
    assert recording.sid.startswith("RE") and recording.status == "in-progress" and recording.duration is None
    live = client.calls(call.sid).recordings("Twilio.CURRENT")
    assert live.update(status="paused", pause_behavior="skip").status == "paused"
    assert live.update(status="in-progress").status == "in-progress"
    assert live.update(status="stopped").status == "stopped"
    wait_until(lambda: client.recordings(recording.sid).fetch().status == "completed")
    client.calls(call.sid).update(status="completed")
    found = client.recordings(recording.sid).fetch()
    assert found.channels == 2 and found.price is not None and found.source == "StartCallRecordingAPI"
    today = datetime.now(timezone.utc)
    assert [r.sid for r in client.recordings.list(call_sid=call.sid)] == [recording.sid]
    assert [r.sid for r in client.calls(call.sid).recordings.list()] == [recording.sid]
    assert client.recordings.list(call_sid=call.sid, date_created_after=today + timedelta(days=1)) == []
    for end, kind in [("", "audio/x-wav"), (".wav", "audio/x-wav"), (".mp3?RequestedChannels=1", "audio/mpeg")]:
        answer = requests.get(BASE.geturl() + found.uri.removesuffix(".json") + end, auth=(ACCOUNT, TOKEN), timeout=10)
        assert answer.status_code == 200 and answer.headers["Content-Type"] == kind and answer.content
    assert client.recordings(recording.sid).delete() is True
    refused(20404, 404, lambda: client.recordings(recording.sid).fetch())
    assert client.transcriptions.list() == []


@check("a call that is recorded from the start")
def _():
    call = client.calls.create(to="+14155550790", from_=SENDER, twiml="<Response/>", record=True)
    wait_until(lambda: client.calls(call.sid).recordings.list())
    client.calls(call.sid).update(status="completed")
    [recording] = client.calls(call.sid).recordings.list()
    assert recording.status == "completed" and recording.channels == 1


@check("search, buy, configure, list, release")
def _():
    assert "US" in [c.country_code for c in client.available_phone_numbers.list()]
    # A list that is not there is an error without a code in this client.
    try:
        client.available_phone_numbers("US").mobile.list()
    except TwilioException as error:
        assert "20404" in str(error)
    else:
        raise AssertionError("there are no mobile numbers in the United States")
    offers = client.available_phone_numbers("US").local.list(area_code=206, sms_enabled=True, limit=3)
    assert len(offers) == 3 and offers[0].locality == "Seattle" and offers[0].capabilities["sms"] is True
    assert client.available_phone_numbers("US").toll_free.list(contains="+1888", limit=1)
    number = client.incoming_phone_numbers.create(phone_number=offers[0].phone_number, friendly_name="Desk")
    assert number.sid.startswith("PN") and number.friendly_name == "Desk" and number.capabilities["voice"] is True
    assert send(from_=number.phone_number).from_ == offers[0].phone_number
    left = client.available_phone_numbers("US").local.list(area_code=206, limit=3)
    assert offers[0].phone_number not in [o.phone_number for o in left]
    changed = client.incoming_phone_numbers(number.sid).update(sms_url="https://example.com/in", sms_method="GET")
    assert (changed.sms_url, changed.sms_method) == ("https://example.com/in", "GET")
    owned = [n.phone_number for n in client.incoming_phone_numbers.list()]
    assert owned == [number.phone_number, SENDER]
    assert [n.sid for n in client.incoming_phone_numbers.list(phone_number="20655501**")] == [number.sid]
    assert [n.sid for n in client.incoming_phone_numbers.local.list(friendly_name="Desk")] == [number.sid]
    assert client.incoming_phone_numbers(number.sid).delete() is True
    refused(20404, 404, lambda: client.incoming_phone_numbers(number.sid).fetch())
    refused(21606, 400, lambda: send(from_=number.phone_number))
    for code, phone_number in [(21422, "+15005550000"), (21421, "+15005550001")]:
        refused(code, 400, lambda: client.incoming_phone_numbers.create(phone_number=phone_number))
    refused(21452, 400, lambda: client.incoming_phone_numbers.create(area_code="533"))
    magic = client.incoming_phone_numbers.create(area_code="500")
    assert magic.phone_number == "+15005550006"
    client.incoming_phone_numbers(magic.sid).delete()


@check("verify: start, wrong code, right code")
def _():
    service = client.verify.v2.services.create(friendly_name="Shop", code_length=6)
    assert service.sid.startswith("VA") and service.code_length == 6
    assert service.sid in [s.sid for s in client.verify.v2.services.stream(page_size=1)]
    within = client.verify.v2.services(service.sid)
    started = within.verifications.create(to=RECIPIENT, channel="sms")
    assert started.sid.startswith("VE") and started.status == "pending" and len(started.send_code_attempts) == 1
    wrong = within.verification_checks.create(to=RECIPIENT, code="000000")
    assert wrong.status == "pending" and wrong.valid is False
    right = within.verification_checks.create(verification_sid=started.sid, code="123456")
    assert right.status == "approved" and right.valid is True
    refused(20404, 404, lambda: within.verification_checks.create(to=RECIPIENT, code="123456"))
    mail = within.verifications.create(to="alex@example.com", channel="email", custom_code="4711")
    assert within.verifications("alex@example.com").fetch().sid == mail.sid
    assert within.verifications(mail.sid).update(status="canceled").status == "canceled"
    within.verifications.create(to=RECIPIENT, channel="sms")
    for _ in range(5):
        within.verification_checks.create(to=RECIPIENT, code="000000")
    refused(60202, 429, lambda: within.verification_checks.create(to=RECIPIENT, code="123456"))
    refused(60200, 400, lambda: within.verifications.create(to=RECIPIENT, channel="pigeon"))
    assert client.verify.v2.services(service.sid).update(friendly_name="Store").friendly_name == "Store"
    assert client.verify.v2.services(service.sid).delete() is True


@check("lookup")
def _():
    found = client.lookups.v2.phone_numbers(RECIPIENT).fetch(fields="line_type_intelligence,caller_name")
    assert found.valid is True and found.country_code == "US" and found.national_format == "(415) 555-1234"
    assert found.line_type_intelligence["type"] == "mobile" and found.sim_swap is None
    bad = client.lookups.v2.phone_numbers("+1415").fetch()
    assert bad.valid is False and bad.validation_errors == ["TOO_SHORT"]


@check("content")
def _():
    request = content_v1.ContentCreateRequest(
        {
            "friendly_name": "table",
            "language": "en",
            "variables": {"1": "there"},
            "types": {"twilio/text": {"body": "Hi {{1}}, your table is ready"}},
        }
    )
    template = client.content.v1.contents.create(content_create_request=request)
    assert template.sid.startswith("HX") and template.types["twilio/text"]["body"].startswith("Hi {{1}}")
    assert client.content.v1.contents(template.sid).fetch().language == "en"
    assert template.sid in [c.sid for c in client.content.v1.contents.list()]
    message = client.messages.create(
        to=RECIPIENT, from_=SENDER, content_sid=template.sid, content_variables='{"1":"Alex"}'
    )
    assert message.body == "Hi Alex, your table is ready"
    asked = approval_v1.ContentApprovalRequest({"name": "table", "category": "UTILITY"})
    approval = client.content.v1.contents(template.sid).approval_create.create(content_approval_request=asked)
    assert approval.status == "received"
    fetched = client.content.v1.contents(template.sid).approval_fetch().fetch()
    assert fetched.whatsapp["name"] == "table"
    assert client.content.v1.contents(template.sid).delete() is True
    refused(20404, 404, lambda: client.content.v1.contents(template.sid).fetch())


@check("messaging service with a number")
def _():
    service = client.messaging.v1.services.create(friendly_name="Shop", sticky_sender=False)
    assert service.sid.startswith("MG") and service.sticky_sender is False
    refused(21703, 400, lambda: client.messages.create(to=RECIPIENT, messaging_service_sid=service.sid, body="x"))
    number = client.incoming_phone_numbers.create(area_code="512")
    within = client.messaging.v1.services(service.sid)
    added = within.phone_numbers.create(phone_number_sid=number.sid)
    assert added.phone_number == number.phone_number and "SMS" in added.capabilities
    refused(21710, 409, lambda: within.phone_numbers.create(phone_number_sid=number.sid))
    assert [n.sid for n in within.phone_numbers.list()] == [number.sid]
    message = client.messages.create(to=RECIPIENT, messaging_service_sid=service.sid, body="x")
    wait_until(lambda: client.messages(message.sid).fetch().from_ == number.phone_number)
    assert within.phone_numbers(number.sid).delete() is True
    assert within.update(friendly_name="Store").friendly_name == "Store"
    assert service.sid in [s.sid for s in client.messaging.v1.services.list()]
    assert within.delete() is True
    client.incoming_phone_numbers(number.sid).delete()


@check("subaccounts")
def _():
    account = client.api.accounts.create(friendly_name="Branch")
    assert account.status == "active" and account.owner_account_sid == ACCOUNT
    assert account.sid in [a.sid for a in client.api.accounts.list(friendly_name="Branch")]
    assert client.api.accounts(account.sid).update(status="suspended").status == "suspended"
    assert client.api.accounts(account.sid).update(status="closed").status == "closed"


@check("balance and usage")
def _():
    before = Decimal(client.balance.fetch().balance)
    sid = send().sid
    wait_until(lambda: client.messages(sid).fetch().status == "delivered")
    after = client.balance.fetch()
    assert after.currency == "USD" and Decimal(after.balance) < before
    [today] = client.usage.records.today.list(category="sms-outbound")
    assert int(today.count) > 0 and Decimal(today.price) > 0 and today.count_unit == "messages"
    day = datetime.now(timezone.utc).date()
    for records in [client.usage.records, client.usage.records.all_time, client.usage.records.this_month]:
        [record] = records.list(category="totalprice", start_date=day, end_date=day)
        assert Decimal(record.price) > 0
    assert len(client.usage.records.daily.list(page_size=4)) > 8


@check("prices")
def _():
    assert "US" in [c.iso_country for c in client.pricing.v1.messaging.countries.list()]
    sms = client.pricing.v1.messaging.countries("US").fetch()
    assert Decimal(sms.outbound_sms_prices[0]["prices"][0]["current_price"]) > 0
    assert client.pricing.v1.voice.countries("GB").fetch().outbound_prefix_prices[0]["prefixes"] == ["44"]
    assert client.pricing.v2.voice.numbers(RECIPIENT).fetch().iso_country == "US"
    assert client.pricing.v1.phone_numbers.countries("US").fetch().phone_number_prices


@check("alerts")
def _():
    nowhere = "http://127.0.0.1:1/"
    sid = send(status_callback=nowhere).sid
    wait_until(lambda: client.monitor.v1.alerts.list(log_level="error"))
    alert = client.monitor.v1.alerts.list(limit=1)[0]
    assert alert.error_code == "11200" and alert.resource_sid == sid and alert.request_url == nowhere
    assert client.monitor.v1.alerts(alert.sid).fetch().request_method == "POST"


@check("API keys")
def _():
    key = client.new_keys.create(friendly_name="worker")
    assert key.sid.startswith("SK") and len(key.secret) == 32
    worker = Client(key.sid, key.secret, ACCOUNT, http_client=Redirected())
    assert worker.messages.create(to=RECIPIENT, from_=SENDER, body="by a new key").sid
    refused(20003, 401, lambda: worker.new_keys.create())
    assert client.keys(key.sid).update(friendly_name="other").friendly_name == "other"
    assert key.sid in [k.sid for k in client.keys.list()]
    assert client.keys(key.sid).delete() is True
    refused(20003, 401, lambda: worker.balance.fetch())
    refused(20404, 404, lambda: client.keys(key.sid).fetch())


@check("secondary auth token")
def _():
    made = client.accounts.v1.secondary_auth_token().create()
    assert made.account_sid == ACCOUNT and made.date_created
    both = Client(ACCOUNT, made.secondary_auth_token, http_client=Redirected())
    assert both.messages.list(limit=1)
    refused(20409, 409, lambda: client.accounts.v1.secondary_auth_token().create())
    assert both.accounts.v1.secondary_auth_token().delete() is True
    refused(20003, 401, lambda: both.balance.fetch())
    refused(20404, 404, lambda: client.accounts.v1.auth_token_promotion().update())


@check("geo permissions")
def _():
    geo = client.accounts.v1.messaging_geopermissions
    change = lambda country, enabled: geo.update(
        permissions=[{"country_code": country, "type": "country", "enabled": enabled}]
    ).permissions[0]
    assert change("GB", False)["error_code"] == 0
    assert geo.fetch(country_code="GB").permissions == [
        {"country_code": "GB", "type": "country", "enabled": False, "prefix": "+44", "message": ""}
    ]
    refused(21408, 400, lambda: send(to="+447700900123"))
    change("GB", True)
    assert send(to="+447700900123").sid
    assert change("PK", True)["error_code"] == 30649
    assert len(geo.fetch().permissions) > 5


@check("usage triggers")
def _():
    trigger = client.usage.triggers.create(
        usage_category="totalprice", trigger_value="+1000.50", callback_url="http://127.0.0.1:1/", trigger_by="price"
    )
    assert Decimal(trigger.trigger_value) > 1000 and trigger.recurring == "alltime" and trigger.date_fired is None
    assert client.usage.triggers(trigger.sid).update(friendly_name="cost").friendly_name == "cost"
    assert [t.sid for t in client.usage.triggers.list(trigger_by="price")] == [trigger.sid]
    assert client.usage.triggers(trigger.sid).delete() is True
    refused(20404, 404, lambda: client.usage.triggers(trigger.sid).fetch())


@check("caller IDs and conferences")
def _():
    asked = client.validation_requests.create(phone_number="+14155550999", friendly_name="Office")
    assert len(asked.validation_code) == 6 and asked.friendly_name == "Office"
    assert client.outgoing_caller_ids.list(phone_number="+14155550999") == []
    refused(20404, 404, lambda: client.outgoing_caller_ids("PN" + "0" * 32).fetch())
    day = datetime.now(timezone.utc).date()
    assert client.conferences.list(status="in-progress", date_created_after=day) == []
    refused(20404, 404, lambda: client.conferences("CF" + "0" * 32).update(status="completed"))


print(f"{results['passed']} passed, {results['failed']} failed")
sys.exit(1 if results["failed"] else 0)
