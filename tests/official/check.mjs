// Twilio's Node client against the fake: it must take it for Twilio.
//
// Run `tests/official/run`, or by hand:
//     cargo run --example fake_twilio      # prints the variables this reads; export them
//     npm install --prefix DIR twilio && NODE_PATH=DIR/node_modules node tests/official/check.mjs

import assert from "node:assert/strict";
import { createRequire } from "node:module";

// `require` looks where NODE_PATH says, so that nothing is installed beside this file.
const twilio = createRequire(import.meta.url)("twilio");

const {
  TWILIO_BASE_URL: base,
  TWILIO_ACCOUNT_SID: account,
  TWILIO_AUTH_TOKEN: token,
  TWILIO_API_KEY: key,
  TWILIO_API_SECRET: secret,
  TWILIO_PHONE_NUMBER: sender,
} = process.env;
const service = "MG" + "0".repeat(31) + "1";
const recipient = "+14155551234";

/** Sends everything to the fake, whatever host it was meant for. */
class Redirected extends twilio.RequestClient {
  request(options) {
    const { pathname, search } = new URL(options.uri);
    return super.request({ ...options, uri: base + pathname + search });
  }
}

const httpClient = new Redirected();
const client = twilio(account, token, { httpClient });
const byKey = twilio(key, secret, { accountSid: account, httpClient });
const send = (more) =>
  client.messages.create({ to: recipient, from: sender, body: "Your table is ready", ...more });
const inAnHour = () => new Date(Date.now() + 3600_000);
const later = () =>
  client.messages.create({
    to: recipient,
    messagingServiceSid: service,
    body: "later",
    scheduleType: "fixed",
    sendAt: inAnHour(),
  });

let passed = 0;
let failed = 0;

async function check(name, test) {
  try {
    await test();
    passed += 1;
    console.log(`ok   ${name}`);
  } catch (error) {
    failed += 1;
    console.log(`FAIL ${name}: ${error.stack ?? error}`);
  }
}

const refused = (code, status, request) =>
  assert.rejects(request, (error) => {
    assert.deepEqual([error.code, error.status], [code, status]);
    assert.ok(error.moreInfo.endsWith(`/${code}`));
    return true;
  });

await check("send", async () => {
  const message = await send();
  assert.match(message.sid, /^SM[0-9a-f]{32}$/);
  assert.equal(message.status, "queued");
  assert.equal(message.numSegments, "1");
  assert.equal(message.price, null);
  assert.ok(Math.abs(message.dateCreated - new Date()) < 60_000);
});

await check("send with an API key", async () => {
  const { sid } = await byKey.messages.create({ to: recipient, from: sender, body: "by key" });
  assert.equal((await byKey.messages(sid).fetch()).body, "by key");
});

await check("fetch", async () => {
  const { sid } = await send({ body: "It’s ready" });
  const message = await client.messages(sid).fetch();
  assert.equal(message.body, "It’s ready");
  assert.equal(message.to, recipient);
});

await check("list over several pages", async () => {
  const to = "+14155550779";
  const sids = [];
  for (let n = 0; n < 7; n += 1) sids.unshift((await send({ to, body: `number ${n}` })).sid);
  const found = (messages) => messages.map((message) => message.sid);
  assert.deepEqual(found(await client.messages.list({ to })), sids);
  assert.deepEqual(found(await client.messages.list({ to, pageSize: 2, limit: 5 })), sids.slice(0, 5));
  const streamed = [];
  await new Promise((resolve, reject) =>
    client.messages.each({ to, pageSize: 3, done: (error) => (error ? reject(error) : resolve()) }, (message) =>
      streamed.push(message.sid),
    ),
  );
  assert.deepEqual(streamed, sids);
  const first = await client.messages.page({ to, pageSize: 3 });
  const second = await first.nextPage();
  assert.deepEqual(found(second.instances), sids.slice(3, 6));
  assert.deepEqual(found((await second.previousPage()).instances), sids.slice(0, 3));
});

await check("list by date", async () => {
  const to = "+14155550780";
  await send({ to });
  const count = async (filter) => (await client.messages.list({ to, ...filter })).length;
  assert.equal(await count({ dateSent: new Date() }), 1);
  assert.equal(await count({ dateSentAfter: new Date(Date.now() - 3600_000) }), 1);
  assert.equal(await count({ dateSentBefore: new Date(Date.now() - 86_400_000) }), 0);
});

await check("redact", async () => {
  const { sid } = await send();
  assert.equal((await client.messages(sid).update({ body: "" })).body, "");
});

await check("cancel a scheduled message", async () => {
  const { sid, status } = await later();
  assert.equal(status, "scheduled");
  assert.equal((await client.messages(sid).update({ status: "canceled" })).status, "canceled");
  await refused(30409, 400, () => client.messages(sid).update({ status: "canceled" }));
});

await check("delete", async () => {
  const { sid } = await later();
  await refused(20009, 409, () => client.messages(sid).remove());
  await client.messages(sid).update({ status: "canceled" });
  assert.equal(await client.messages(sid).remove(), true);
  await refused(20404, 404, () => client.messages(sid).fetch());
});

await check("media", async () => {
  const { sid, numMedia } = await send({ mediaUrl: ["https://example.com/a.png", "https://example.com/b.jpg"] });
  assert.match(sid, /^MM/);
  assert.equal(numMedia, "2");
  const media = await client.messages(sid).media.list();
  assert.deepEqual(media.map((one) => one.contentType).sort(), ["image/jpeg", "image/png"]);
  assert.equal((await client.messages(sid).media(media[0].sid).fetch()).parentSid, sid);
  assert.equal(await client.messages(sid).media(media[0].sid).remove(), true);
});

await check("feedback", async () => {
  const { sid } = await send({ provideFeedback: true });
  assert.equal((await client.messages(sid).feedback.create({ outcome: "confirmed" })).outcome, "confirmed");
});

const magic = [
  [21211, "+15005550001"],
  [21408, "+15005550003"],
  [21610, "+15005550004"],
  [21614, "+15005550009"],
];
for (const [code, to] of magic) {
  await check(`refusal ${code}`, () => refused(code, 400, () => send({ to })));
}

await check("refusal 20003", async () => {
  const wrong = twilio(account, "0".repeat(32), { httpClient });
  await refused(20003, 401, () => wrong.messages.create({ to: recipient, from: sender, body: "x" }));
});

await check("refusal 20404", () => refused(20404, 404, () => client.messages("SM" + "0".repeat(32)).fetch()));

await check("account", async () => {
  const found = await client.api.accounts(account).fetch();
  assert.deepEqual([found.sid, found.type, found.status], [account, "Full", "active"]);
});

await check("call", async () => {
  const call = await client.calls.create({ to: recipient, from: sender, twiml: "<Response><Say>Hello</Say></Response>" });
  assert.match(call.sid, /^CA[0-9a-f]{32}$/);
  assert.equal(call.status, "queued");
  assert.equal((await client.calls(call.sid).fetch()).to, recipient);
  assert.equal((await client.calls(call.sid).update({ status: "completed" })).status, "completed");
  await refused(21220, 400, () => client.calls(call.sid).update({ status: "completed" }));
  const found = await client.calls.list({ to: recipient, status: "completed" });
  assert.deepEqual(found.map((one) => one.sid), [call.sid]);
  assert.equal(await client.calls(call.sid).remove(), true);
});

/** Waits until something that takes the fake a moment has happened. */
async function waitUntil(ready) {
  for (let n = 0; n < 100; n += 1) {
    if (await ready()) return;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  assert.fail("it did not happen within ten seconds");
}

await check("record, list, download, delete", async () => {
  const call = await client.calls.create({ to: "+14155550791", from: sender, twiml: "<Response/>" });
  await waitUntil(async () => (await client.calls(call.sid).fetch()).status === "in-progress");
  const { sid, status } = await client.calls(call.sid).recordings.create({ recordingChannels: "dual" });
  assert.match(sid, /^RE[0-9a-f]{32}$/);
  assert.equal(status, "in-progress");
  const live = client.calls(call.sid).recordings("Twilio.CURRENT");
  assert.equal((await live.update({ status: "paused" })).status, "paused");
  await client.calls(call.sid).update({ status: "completed" });
  const found = await client.recordings(sid).fetch();
  assert.deepEqual([found.status, found.channels], ["completed", 2]);
  const listed = await client.recordings.list({ callSid: call.sid, dateCreated: new Date() });
  assert.deepEqual(listed.map((one) => one.sid), [sid]);
  const authorization = `Basic ${Buffer.from(`${account}:${token}`).toString("base64")}`;
  const answer = await fetch(`${base}${found.uri.replace(".json", ".wav")}`, { headers: { authorization } });
  assert.equal(answer.headers.get("content-type"), "audio/x-wav");
  assert.ok((await answer.arrayBuffer()).byteLength >= 44);
  assert.equal(await client.recordings(sid).remove(), true);
  await refused(20404, 404, () => client.recordings(sid).fetch());
  assert.deepEqual(await client.transcriptions.list(), []);
});

await check("search, buy, configure, list, release", async () => {
  await refused(20404, 404, () => client.availablePhoneNumbers("US").mobile.list());
  const offers = await client.availablePhoneNumbers("US").local.list({ areaCode: 212, limit: 2 });
  assert.equal(offers.length, 2);
  const number = await client.incomingPhoneNumbers.create({ phoneNumber: offers[0].phoneNumber });
  assert.match(number.sid, /^PN[0-9a-f]{32}$/);
  assert.equal((await send({ from: number.phoneNumber })).from, offers[0].phoneNumber);
  const changed = await client.incomingPhoneNumbers(number.sid).update({ voiceUrl: "https://example.com/v" });
  assert.equal(changed.voiceUrl, "https://example.com/v");
  const owned = await client.incomingPhoneNumbers.list();
  assert.deepEqual(owned.map((one) => one.phoneNumber), [number.phoneNumber, sender]);
  assert.equal(await client.incomingPhoneNumbers(number.sid).remove(), true);
  await refused(21606, 400, () => send({ from: number.phoneNumber }));
  await refused(21452, 400, () => client.incomingPhoneNumbers.create({ areaCode: "533" }));
});

await check("verify: start, wrong code, right code", async () => {
  const { sid, codeLength } = await client.verify.v2.services.create({ friendlyName: "Shop" });
  assert.equal(codeLength, 6);
  const within = client.verify.v2.services(sid);
  const to = "+14155551235";
  const started = await within.verifications.create({ to, channel: "sms" });
  assert.deepEqual([started.status, started.sendCodeAttempts.length], ["pending", 1]);
  const wrong = await within.verificationChecks.create({ to, code: "000000" });
  assert.deepEqual([wrong.status, wrong.valid], ["pending", false]);
  const right = await within.verificationChecks.create({ to, code: "123456" });
  assert.deepEqual([right.status, right.valid, right.sid], ["approved", true, started.sid]);
  await refused(20404, 404, () => within.verificationChecks.create({ to, code: "123456" }));
  for (let n = 0; n < 5; n += 1) await within.verifications.create({ to, channel: "call" });
  await refused(60203, 429, () => within.verifications.create({ to, channel: "sms" }));
  assert.ok((await client.verify.v2.services.list()).some((one) => one.sid === sid));
  assert.equal(await within.remove(), true);
});

await check("lookup", async () => {
  const found = await client.lookups.v2.phoneNumbers(recipient).fetch({ fields: "line_type_intelligence" });
  assert.deepEqual([found.valid, found.lineTypeIntelligence.type, found.callerName], [true, "mobile", null]);
  assert.equal((await client.lookups.v2.phoneNumbers("+14155551234567").fetch()).valid, false);
});

await check("content", async () => {
  const created = await client.content.v1.contents.create({
    friendly_name: "table",
    language: "en",
    variables: { 1: "there" },
    types: { "twilio/text": { body: "Hi {{1}}, your table is ready" } },
  });
  assert.match(created.sid, /^HX/);
  assert.equal((await client.content.v1.contents(created.sid).fetch()).friendlyName, "table");
  assert.ok((await client.content.v1.contents.list()).some((one) => one.sid === created.sid));
  const message = await send({ body: undefined, contentSid: created.sid, contentVariables: '{"1":"Alex"}' });
  assert.equal(message.body, "Hi Alex, your table is ready");
  const asked = await client.content.v1
    .contents(created.sid)
    .approvalCreate.create({ name: "table", category: "UTILITY" });
  assert.equal(asked.status, "received");
  assert.equal((await client.content.v1.contents(created.sid).approvalFetch().fetch()).whatsapp.name, "table");
  assert.equal(await client.content.v1.contents(created.sid).remove(), true);
});

await check("messaging service with a number", async () => {
  const { sid } = await client.messaging.v1.services.create({ friendlyName: "Shop" });
  const within = client.messaging.v1.services(sid);
  const number = await client.incomingPhoneNumbers.create({ areaCode: "206" });
  const added = await within.phoneNumbers.create({ phoneNumberSid: number.sid });
  assert.equal(added.phoneNumber, number.phoneNumber);
  await refused(21710, 409, () => within.phoneNumbers.create({ phoneNumberSid: number.sid }));
  const message = await client.messages.create({ to: recipient, messagingServiceSid: sid, body: "x" });
  await waitUntil(async () => (await client.messages(message.sid).fetch()).from === number.phoneNumber);
  assert.deepEqual((await within.phoneNumbers.list()).map((one) => one.sid), [number.sid]);
  assert.equal(await within.phoneNumbers(number.sid).remove(), true);
  assert.equal(await within.remove(), true);
  await client.incomingPhoneNumbers(number.sid).remove();
});

await check("subaccounts", async () => {
  const { sid, ownerAccountSid } = await client.api.accounts.create({ friendlyName: "Branch" });
  assert.equal(ownerAccountSid, account);
  assert.equal((await client.api.accounts(sid).update({ status: "suspended" })).status, "suspended");
  assert.equal((await client.api.accounts(sid).update({ status: "closed" })).status, "closed");
});

await check("balance and usage", async () => {
  const before = Number((await client.balance.fetch()).balance);
  const { sid } = await send();
  await waitUntil(async () => (await client.messages(sid).fetch()).status === "delivered");
  assert.ok(Number((await client.balance.fetch()).balance) < before);
  const [today] = await client.usage.records.today.list({ category: "sms" });
  assert.ok(Number(today.count) > 0 && Number(today.price) > 0);
  const all = await client.usage.records.list({ pageSize: 4 });
  assert.ok(all.length > 8);
});

await check("prices and alerts", async () => {
  const sms = await client.pricing.v1.messaging.countries("US").fetch();
  assert.ok(Number(sms.outboundSmsPrices[0].prices[0].current_price) > 0);
  assert.equal((await client.pricing.v2.voice.numbers(recipient).fetch()).isoCountry, "US");
  const { sid } = await send({ statusCallback: "http://127.0.0.1:1/" });
  await waitUntil(async () => (await client.monitor.v1.alerts.list()).some((one) => one.resourceSid === sid));
  const [alert] = await client.monitor.v1.alerts.list({ limit: 1 });
  assert.equal((await client.monitor.v1.alerts(alert.sid).fetch()).errorCode, "11200");
});

console.log(`${passed} passed, ${failed} failed`);
process.exit(failed ? 1 : 0);
