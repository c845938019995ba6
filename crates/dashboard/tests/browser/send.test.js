// One text or call: the question before it, and what becomes of it, without a reload.
import assert from 'node:assert/strict';
import test from 'node:test';
import { api, cards, compose, control, hasFocus, hasText, open, sent, shows, smsWidget, somebody, until, visit, words } from './site.js';

test('queued, sent and delivered appear without a reload', async (t) => {
  const [page, to, body] = [await open(t, 'send'), somebody(), words('Your bike is ready')];
  await page.evaluate(() => { window.isSamePage = true; });
  const dialog = await compose(page, to, body);
  await shows(dialog.getByText(to));
  await shows(dialog.getByText(body));
  assert.equal((await sent(body)).length, 0, 'something was sent before it was confirmed');
  await dialog.getByRole('button', { name: 'Send now' }).click();

  const card = cards(page).first();
  await hasText(card, /Queued\s*\d\d:\d\d:\d\d/);
  await hasText(card, /Sent\s*\d\d:\d\d:\d\d/);
  await hasText(card, /Delivered\s*\d\d:\d\d:\d\d/);
  assert.equal(await page.evaluate(() => window.isSamePage), true);
  assert.equal((await sent(body)).length, 1);
});

test('“Back” and Escape send nothing', async (t) => {
  const [page, body] = [await open(t, 'send'), words('Never')];
  await (await compose(page, somebody(), body)).getByRole('button', { name: 'Back' }).click();
  await (await compose(page, somebody(), body)).waitFor();
  await page.keyboard.press('Escape');
  await page.getByRole('dialog').waitFor({ state: 'detached' });
  await hasFocus(smsWidget(page).send);
  assert.equal((await sent(body)).length, 0);
  assert.equal(await smsWidget(page).body.inputValue(), body, 'what was typed is lost');
});

test('a number that is none is said at its field', async (t) => {
  const page = await open(t, 'send');
  const widget = smsWidget(page);
  await widget.to.fill('12 34');
  await widget.body.fill('Hello');
  await widget.send.click();
  await shows(widget.region.getByText('Write the number with its country code'));
  await hasFocus(widget.to);
});

test('segments are counted while one types, and what forces UCS-2 is named', async (t) => {
  const page = await open(t, 'send');
  const widget = smsWidget(page);
  await widget.to.fill(somebody());
  await widget.body.fill('Hello');
  await shows(widget.region.getByText('1 segment', { exact: true }));
  await shows(widget.region.getByText('GSM-7'));
  await widget.body.fill(`Open 9–5 ${'x'.repeat(80)}`);
  await shows(widget.region.getByText('2 segments', { exact: true }));
  await shows(widget.region.getByText('U+2013'));
});

test('a person who may only send sees the delivery too', async (t) => {
  const [page, body] = [await open(t, 'send', { login: 'blue:sam:send' }), words('From Sam')];
  await (await compose(page, somebody(), body)).getByRole('button', { name: 'Send now' }).click();
  await hasText(cards(page).first(), /Delivered\s*\d\d/);
  await visit(page, 'messages');
  await shows(page.getByRole('link').filter({ hasText: body }));
});

test('a call is placed, after a question', async (t) => {
  const [page, to] = [await open(t, 'send'), somebody()];
  const widget = page.getByRole('region', { name: /call/i });
  await widget.getByLabel(/Phone Number/).fill(to);
  await widget.getByLabel(/say/i).fill('Your table is ready.');
  await widget.getByRole('button', { name: /Call|Send/ }).click();
  await page.getByRole('dialog', { name: 'Make this call?' }).getByRole('button', { name: 'Call now' }).click();
  await hasText(cards(page).first(), /Placed\s*\d\d/);
  const message = (await api('GET', 'messages')).body.items.find((one) => one.to === to);
  assert.equal(message?.kind, 'call');
});

test('after STOP the next send is refused with its reason, and the consent is listed', async (t) => {
  const [page, to, body] = [await open(t, 'consent'), somebody(), words('Spring sale')];
  await control('receive', { from: to, body: 'STOP' });
  const row = page.getByRole('listitem').filter({ hasText: to });
  await hasText(row, 'Opted out');

  await visit(page, 'send');
  await (await compose(page, to, body)).getByRole('button', { name: 'Send now' }).click();
  await hasText(cards(page).first(), 'It was not sent');
  await hasText(cards(page).first(), /opted out|opt-out|STOP/i);
  assert.equal((await sent(body)).length, 0);
  await until('START opens it again', async () => {
    await control('receive', { from: to, body: 'START' });
    return true;
  });
});
