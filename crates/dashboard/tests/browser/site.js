// Opens the site in a browser, and speaks with its API and with the control server.
import assert from 'node:assert/strict';
import { randomInt } from 'node:crypto';
import { after } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { chromium } from 'playwright-core';

export const BASE = needed('BASE');
export const CONTROL = needed('CONTROL');
export const PAGE = process.env.PAGE ?? '/settings';
export const ALL = 'blue:ada:view+send+manage';

function needed(name) {
  const value = process.env[name];
  if (!value) throw new Error(`set ${name}, such as http://127.0.0.1:3000`);
  return value.replace(/\/$/, '');
}

let launched = null;

export function browser() {
  launched ??= chromium.launch({ executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium' });
  return launched;
}

after(async () => (await launched)?.close());

/** A browser in which somebody is signed in. Its pages are closed with the test, and may not have thrown anything. */
export async function context(t, { login = ALL, ...options } = {}) {
  const made = await (await browser()).newContext({ viewport: { width: 1200, height: 800 }, timezoneId: 'Europe/Berlin', locale: 'en-GB', ...options });
  if (login) await signIn(made, login);
  made.setDefaultTimeout(15_000);
  const thrown = [];
  made.on('weberror', (error) => thrown.push(error.error()));
  t.after(async () => {
    await made.close();
    assert.deepEqual(thrown, [], 'the page threw an error');
  });
  return made;
}

export async function signIn(context, login) {
  await context.addCookies([{ name: 'login', value: login, url: BASE }]);
}

/** A page of the site. */
export async function open(t, view, options) {
  const page = await (await context(t, options)).newPage();
  await visit(page, view);
  return page;
}

export async function visit(page, view) {
  await page.goto(`${BASE}${PAGE}${view && `/${view}`}`);
  await page.getByRole('heading', { level: 1 }).waitFor();
}

/** A request to the API, as a program makes it. */
export async function api(method, path, body, login = ALL) {
  const isRaw = typeof body === 'string';
  const headers = { cookie: `login=${login}`, ...(body === undefined ? {} : { 'content-type': isRaw ? 'text/csv' : 'application/json' }) };
  const answer = await fetch(`${BASE}/api/${path}`, { method, headers, body: body === undefined || isRaw ? body : JSON.stringify(body) });
  const text = await answer.text();
  return { status: answer.status, body: text && JSON.parse(text) };
}

/** Asks the control server. */
export async function control(path, body) {
  const answer = await fetch(`${CONTROL}/${path}`, body === undefined ? {} : { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) });
  const text = await answer.text();
  assert.ok(answer.ok, `${path}: ${answer.status} ${text}`);
  return text ? JSON.parse(text) : null;
}

/** The texts at the provider with these words. */
export async function sent(body) {
  return (await control('sent')).filter((one) => one.body === body);
}

/** Waits until a question has the answer, at most 20 seconds. */
export async function until(what, ask) {
  const end = Date.now() + 20_000;
  for (;;) {
    const answer = await ask();
    if (answer) return answer;
    assert.ok(Date.now() < end, `in 20 s: ${what}`);
    await sleep(100);
  }
}

/** A number that no other test uses. */
export function somebody() {
  return `+1415${randomInt(2, 10)}${randomInt(200_000, 950_000)}`;
}

/** A text that no other test sends. */
export function words(start) {
  return `${start} ${randomInt(1_000_000_000)}`;
}

/** The widget for texts. */
export function smsWidget(page) {
  const region = page.getByRole('region', { name: 'Send SMS' });
  return { region, to: region.getByLabel('To Phone Number'), body: region.getByLabel('Message'), send: region.getByRole('button', { name: 'Send', exact: true }) };
}

/** Fills in a text, and opens the question. */
export async function compose(page, to, body) {
  const widget = smsWidget(page);
  await widget.to.fill(to);
  await widget.body.fill(body);
  await widget.send.click();
  const dialog = page.getByRole('dialog', { name: 'Send this text?' });
  await dialog.waitFor();
  return dialog;
}

/** What was sent from the page. */
export function cards(page) {
  return page.getByRole('region', { name: 'Sent from this page' }).getByRole('list').first().locator(':scope > li');
}

export const shows = (locator) => locator.waitFor({ state: 'visible' });

/** Waits until an element has a text. */
export function hasText(locator, text) {
  return until(`${locator} says ${text}`, async () => {
    const found = await locator.first().textContent({ timeout: 1_000 }).catch(() => null);
    return found !== null && (text instanceof RegExp ? text.test(found) : found.includes(text));
  });
}

export async function hasFocus(locator) {
  await until(`${locator} has the focus`, () => locator.evaluate((element) => element === document.activeElement));
}
