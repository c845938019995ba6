"""A person at a terminal buys and releases a number with the old lines, and says no first."""

import os
import subprocess
import sys
import tempfile

import pexpect

program = sys.argv[1]
home = tempfile.mkdtemp()
fake = subprocess.Popen([program, "fake", "--port", "0"], stdout=subprocess.PIPE, text=True)
variables = {"PATH": os.environ["PATH"], "HOME": home, "TERM": "xterm"}
while "TWILIO_PHONE_NUMBER" not in variables:
    line = fake.stdout.readline()
    if line.startswith("export "):
        name, value = line.removeprefix("export ").strip().split("=", 1)
        variables[name] = value


def typed(arguments, answers, status):
    child = pexpect.spawn(program, arguments, env=variables, encoding="utf-8", timeout=30, dimensions=(24, 120))
    for question, answer in answers:
        child.expect(question)
        child.send(answer)
    child.expect(pexpect.EOF)
    child.close()
    assert child.exitstatus == status, (arguments, child.exitstatus, child.before)
    return child.before


try:
    # `+12125551234` is for sale at the fake, as in the old lines.
    number = "+12125551234"
    typed(["helper", "buy-number", "environment", number], [("Buy", "n")], 6)
    typed(["helper", "buy-number", "environment", number], [("Buy", "y")], 0)
    typed(["helper", "release-number", "environment", number], [("again", "+12125550000\r")], 6)
    typed(["helper", "release-number", "environment", number], [("again", number + "\r")], 0)
    # Interrupted at a question: nothing was done.
    typed(["helper", "buy-number", "environment", number], [("Buy", "\x03")], 130)
    # The first account, with the token typed blind.
    typed(
        ["account", "add", "shop"],
        [("SID", variables["TWILIO_ACCOUNT_SID"] + "\r"), ("token", variables["TWILIO_AUTH_TOKEN"] + "\r"), ("number", "\r")],
        0,
    )
    with open(os.path.join(home, ".config/switchboard/accounts.json")) as file:
        assert variables["TWILIO_AUTH_TOKEN"] in file.read()
    print("terminal: questions are asked, answered, refused and interrupted")
finally:
    fake.kill()
