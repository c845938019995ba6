"""Twilio's Python client, sent to the fake."""

import os
from urllib.parse import urlsplit, urlunsplit

from twilio.http.http_client import TwilioHttpClient

BASE = urlsplit(os.environ["TWILIO_BASE_URL"])


class Redirected(TwilioHttpClient):
    """Sends everything to the fake, whatever host it was meant for."""

    def request(self, method, url, *args, **kwargs):
        parts = urlsplit(url)
        url = urlunsplit((BASE.scheme, BASE.netloc, parts.path, parts.query, ""))
        return super().request(method, url, *args, **kwargs)
