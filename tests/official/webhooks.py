"""A program in Python that hears back from the fake: Twilio's own package checks every signature, and writes the TwiML.

Run `tests/official/run`, which types at the fake what FAKE_INPUT names.
"""

import os
import sys
import threading
import time
from http.server import BaseHTTPRequestHandler, HTTPServer
from urllib.parse import parse_qs

from twilio.request_validator import RequestValidator
from twilio.rest import Client
from twilio.twiml.messaging_response import MessagingResponse
from twilio.twiml.voice_response import Gather, VoiceResponse

from redirected import Redirected

ACCOUNT = os.environ["TWILIO_ACCOUNT_SID"]
TOKEN = os.environ["TWILIO_AUTH_TOKEN"]
HEARD = []


class Program(BaseHTTPRequestHandler):
    """What a user of Twilio's package would write."""

    def do_POST(self):
        body = self.rfile.read(int(self.headers["Content-Length"])).decode()
        form = {key: values[0] for key, values in parse_qs(body, keep_blank_values=True).items()}
        url = f"http://{self.headers['Host']}{self.path}"
        valid = RequestValidator(TOKEN).validate(url, form, self.headers["X-Twilio-Signature"])
        HEARD.append((self.path, form, valid))
        document = str(self.answer(form)).encode()
        self.send_response(200 if valid else 403)
        self.send_header("Content-Type", "text/xml")
        self.send_header("Content-Length", str(len(document)))
        self.end_headers()
        self.wfile.write(document)

    def answer(self, form):
        if self.path.startswith("/sms"):
            reply = MessagingResponse()
            reply.message(f"You said: {form['Body']}")
            return reply
        document = VoiceResponse()
        if self.path == "/voice":
            gather = Gather(num_digits=1, action="/keys")
            gather.say("Press 1 & wait")
            document.append(gather)
        else:
            document.say(f"You pressed {form['Digits']}")
        return document

    def log_message(self, *_):
        pass


def until(what, wanted):
    """Waits until the program has heard something."""
    end = time.monotonic() + 20
    while not any(wanted(*heard) for heard in HEARD):
        if time.monotonic() > end:
            sys.exit(f"webhooks: nothing came: {what}")
        time.sleep(0.02)


server = HTTPServer(("127.0.0.1", 0), Program)
threading.Thread(target=server.serve_forever, daemon=True).start()
base = f"http://127.0.0.1:{server.server_port}"
client = Client(ACCOUNT, TOKEN, http_client=Redirected())
number = client.incoming_phone_numbers.list(phone_number=os.environ["TWILIO_PHONE_NUMBER"])[0]
number.update(sms_url=f"{base}/sms?q=it%27s+a@b", voice_url=f"{base}/voice")

with open(os.environ["FAKE_INPUT"], "w", buffering=1) as typed:
    print("text +14155551234 Olá ☕ & co", file=typed)
    until("a text", lambda path, form, _: form.get("Body") == "Olá ☕ & co" and path.startswith("/sms"))
    print("call +14155551234", file=typed)
    until("a call", lambda path, form, _: path == "/voice" and form["CallStatus"] == "ringing")
    print("press 1", file=typed)
    until("a key", lambda path, form, _: path == "/keys" and form["Digits"] == "1")
    replies = client.messages.list(to="+14155551234")
    assert any(m.body == "You said: Olá ☕ & co" and m.direction == "outbound-reply" for m in replies), replies

assert all(valid for *_, valid in HEARD), "a signature that Twilio's package does not take"
print(f"webhooks: {len(HEARD)} requests of the fake, all signed as Twilio's package expects")
