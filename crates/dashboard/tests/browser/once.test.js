// However often and from wherever one text is sent: it is one text.
import assert from 'node:assert/strict';
import test from 'node:test';
import { api, cards, compose, context, control, hasText, open, sent, shows, smsWidget, somebody, until, visit, words } from './site.js';

const SEND = '**/api/actions/twilio/send-sms';

/** What is said depends on whether the page still noticed that its request was cut. */
const INTERRUPTED = /The page was left while this was being sent|It is not known whether it was sent/;

/** The server takes the text, and the page is gone before the answer. */
async function reloadOnSend(page) {
  let isFirst = true;
  const { promise, done } = later();
  await page.route(SEND, async (route) => {
    if (!isFirst) return route.continue();
    isFirst = false;
    await route.fetch();
    await page.reload();
    done();
  });
  return { reloaded: promise };
}

function later() {
  let done;
  const promise = new Promise((resolve) => { done = resolve; });
  return { promise, done };
}

/** Once a later text has arrived, a second one would have arrived before it. */
async function isOne(body) {
  await until('the text is at the provider', async () => (await sent(body)).length > 0);
  const marker = words('Marker');
  await api('POST', 'actions/twilio/send-sms', { to: somebody(), body: marker });
  await until('the marker is at the provider', async () => (await sent(marker)).length > 0);
  assert.equal((await sent(body)).length, 1);
}

test('a double click on the button and on the question', async (t) => {
  const [page, body] = [await open(t, 'send'), words('Double click')];
  const widget = smsWidget(page);
  await widget.to.fill(somebody());
  await widget.body.fill(body);
  await widget.send.dblclick();
  const dialogs = page.getByRole('dialog');
  await dialogs.first().waitFor();
  assert.equal(await dialogs.count(), 1);
  await dialogs.getByRole('button', { name: 'Send now' }).dblclick();
  await hasText(cards(page).first(), /Delivered\s*\d/);
  await isOne(body);
});

test('the same again within ten seconds is the same text, and is said to be', async (t) => {
  const [page, to, body] = [await open(t, 'send'), somebody(), words('Twice')];
  await (await compose(page, to, body)).getByRole('button', { name: 'Send now' }).click();
  await hasText(cards(page).first(), 'Queued');
  const again = await compose(page, to, body);
  await shows(again.getByText('It is not sent a second time'));
  await again.getByRole('button', { name: 'Send now' }).click();
  await hasText(cards(page).first(), /Delivered\s*\d/);
  assert.equal(await cards(page).count(), 1);
  await isOne(body);
});

test('a reload in the middle, then “Check”', async (t) => {
  const [page, body] = [await open(t, 'send'), words('Reload')];
  const { reloaded } = await reloadOnSend(page);
  await (await compose(page, somebody(), body)).getByRole('button', { name: 'Send now' }).click();
  await reloaded;
  await hasText(cards(page).first(), INTERRUPTED);
  await cards(page).first().getByRole('button', { name: 'Check' }).click();
  await hasText(cards(page).first(), /Delivered\s*\d/);
  await isOne(body);
});

test('a reload in the middle, then the same text again', async (t) => {
  const [page, to, body] = [await open(t, 'send'), somebody(), words('Reload and type')];
  const { reloaded } = await reloadOnSend(page);
  await (await compose(page, to, body)).getByRole('button', { name: 'Send now' }).click();
  await reloaded;
  await hasText(cards(page).first(), INTERRUPTED);
  const again = await compose(page, to, body);
  await shows(again.getByText('this only checks it'));
  assert.equal(await again.getByRole('button', { name: /Send/ }).count(), 0);
  await again.getByRole('button', { name: 'Check' }).click();
  await hasText(cards(page).first(), /Delivered\s*\d/);
  await isOne(body);
});

test('two tabs with the same text', async (t) => {
  const both = await context(t);
  const [to, body] = [somebody(), words('Two tabs')];
  const pages = [await both.newPage(), await both.newPage()];
  const dialogs = [];
  for (const page of pages) {
    await visit(page, 'send');
    dialogs.push(await compose(page, to, body));
  }
  await Promise.all(dialogs.map((dialog) => dialog.getByRole('button', { name: /Send now|Check/ }).click()));
  for (const page of pages) await hasText(cards(page).first(), /Delivered\s*\d/);
  await isOne(body);
});

test('an answer that the provider lost offers “Check”, never to send again, and settles', async (t) => {
  const [page, body] = [await open(t, 'send'), words('Cut at the provider')];
  await control('fault', { kind: 'cut' });
  await (await compose(page, somebody(), body)).getByRole('button', { name: 'Send now' }).click();
  const card = cards(page).first();
  await until('the page says what is unknown, or it has settled', async () => /not known whether|Delivered\s*\d/.test(await card.textContent()));
  assert.equal(await card.getByRole('button', { name: /again|send/i }).count(), 0);
  const check = card.getByRole('button', { name: 'Check' });
  if (await check.count()) await check.click({ timeout: 2_000 }).catch(() => {});
  await until('it settles', async () => /Delivered/.test(await card.textContent()) || (await check.click({ timeout: 1_000 }).catch(() => {}), false));
  await isOne(body);
});

test('an answer that the network lost offers “Check”, which repeats the request under the same key', async (t) => {
  const [page, body] = [await open(t, 'send'), words('Cut on the way')];
  const keys = [];
  await page.route(SEND, async (route) => {
    keys.push(route.request().headers()['idempotency-key']);
    if (keys.length > 1) return route.continue();
    await route.fetch();
    await route.abort('connectionreset');
  });
  await (await compose(page, somebody(), body)).getByRole('button', { name: 'Send now' }).click();
  const card = cards(page).first();
  await hasText(card, 'It is not known whether it was sent');
  assert.equal(await card.getByRole('button', { name: /again|send/i }).count(), 0);
  await card.getByRole('button', { name: 'Check' }).click();
  await hasText(card, /Delivered\s*\d/);
  assert.equal(keys.length, 2);
  assert.equal(keys[0], keys[1]);
  assert.match(keys[0], /^[\x21-\x7e]{1,128}$/);
  await isOne(body);
});

test('two different texts have two keys', async (t) => {
  const page = await open(t, 'send');
  const keys = [];
  page.on('request', (request) => request.url().endsWith('send-sms') && keys.push(request.headers()['idempotency-key']));
  for (const body of [words('One'), words('Two')]) {
    await (await compose(page, somebody(), body)).getByRole('button', { name: 'Send now' }).click();
    await hasText(cards(page).first(), body);
    await hasText(cards(page).first(), 'Queued');
    await isOne(body);
  }
  assert.equal(new Set(keys).size, 2);
});

test('a double click on “Reply” is one text', async (t) => {
  const [from, body] = [somebody(), words('Reply')];
  await control('receive', { from, body: 'Hello?' });
  const page = await open(t, 'conversations');
  await page.getByRole('link').filter({ hasText: from }).click();
  await page.getByLabel('Your reply').fill(body);
  await page.getByRole('button', { name: 'Reply' }).dblclick();
  await shows(page.getByRole('group').getByText(body));
  await isOne(body);
});
