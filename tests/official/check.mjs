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

console.log(`${passed} passed, ${failed} failed`);
process.exit(failed ? 1 : 0);
