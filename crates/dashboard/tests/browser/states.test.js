// Signed out, offline, roles, trial accounts, errors and pages of lists.
import assert from 'node:assert/strict';
import test from 'node:test';
import { api, cards, compose, context, control, hasFocus, hasText, open, shows, signIn, somebody, until, visit, words, BASE, PAGE } from './site.js';

const json = (status, body) => ({ status, contentType: 'application/json', body: JSON.stringify(body) });

test('who is not signed in sees no data', async (t) => {
  const page = await open(t, 'messages', { login: null });
  await shows(page.getByRole('heading', { name: 'You are signed out' }));
  assert.equal(await page.getByRole('navigation').getByRole('link').count(), 0);
});

test('when the login ends, what was shown is gone', async (t) => {
  const from = somebody();
  await control('receive', { from, body: 'A secret' });
  const site = await context(t);
  const page = await site.newPage();
  await visit(page, 'send');
  await (await compose(page, somebody(), words('Before the end'))).getByRole('button', { name: 'Send now' }).click();
  await hasText(cards(page).first(), 'Queued');
  assert.notEqual(await page.evaluate(() => sessionStorage.length), 0);
  await page.getByRole('link', { name: 'Conversations' }).click();
  await shows(page.getByText(from));
  await site.clearCookies();
  await page.getByRole('link', { name: 'Messages' }).click();
  await shows(page.getByRole('heading', { name: 'You are signed out' }));
  assert.ok(!(await page.locator('body').textContent()).includes(from));
  assert.ok(!(await page.locator('body').textContent()).includes('ada'));
  assert.equal(await page.evaluate(() => sessionStorage.length), 0);
  await signIn(site, 'blue:ada:view+send+manage');
  await page.getByRole('button', { name: 'I have signed in' }).click();
  await shows(page.getByRole('heading', { name: 'Messages' }));
});

test('the provider’s 401 is not a sign-out', async (t) => {
  const page = await open(t, 'send');
  const errorInfo = { code: 'UNAUTHORIZED', provider: 'twilio', message: 'Authenticate', action: 'reconnect', details: { outcome: 'not_applied' } };
  await page.route('**/send-sms', (route) => route.fulfill(json(401, { error: 'Authenticate', errorInfo, id: 1, state: 'rejected' })));
  await (await compose(page, somebody(), words('No'))).getByRole('button', { name: 'Send now' }).click();
  await hasText(cards(page).first(), 'It was not sent');
  await hasText(cards(page).first(), 'Enter the credentials again');
});

test('offline is said, and it goes on by itself', async (t) => {
  const site = await context(t);
  const page = await site.newPage();
  await visit(page, 'messages');
  await site.setOffline(true);
  await shows(page.getByText('You are offline'));
  await site.setOffline(false);
  await page.getByText('You are offline').waitFor({ state: 'detached' });
});

test('a server that does not answer is said, with a button to try again', async (t) => {
  const page = await open(t, 'send');
  await page.route('**/api/**', (route) => route.abort());
  await page.getByRole('link', { name: 'Messages' }).click();
  await shows(page.getByText('The server does not answer. What you see may be old.'));
  await page.unroute('**/api/**');
  await page.getByRole('main').getByRole('button', { name: 'Try again' }).first().click();
  await page.getByText('The server does not answer. What').waitFor({ state: 'detached' });
});

test('views that somebody may not use are not offered, and say why if opened', async (t) => {
  const page = await open(t, 'consent', { login: 'blue:vera:view' });
  await shows(page.getByText('It needs the role manage'));
  const links = await page.getByRole('navigation').getByRole('link').allTextContents();
  assert.deepEqual(links, ['Conversations', 'Messages', 'Campaigns', 'Templates']);
  await visit(page, 'send');
  await shows(page.getByText('It needs the role send'));
});

test('the first view is one that the person may use', async (t) => {
  for (const [login, title] of [['blue:sam:send', 'Send'], ['blue:vera:view', 'Conversations'], ['blue:max:manage', 'Templates']]) {
    const page = await (await context(t, { login })).newPage();
    await page.goto(`${BASE}${PAGE}`);
    await shows(page.getByRole('heading', { level: 1, name: title, exact: true }));
  }
});

test('links are real, and back and forward work with the focus on the heading', async (t) => {
  const page = await open(t, 'messages');
  assert.match(await page.getByRole('link', { name: 'Consent' }).getAttribute('href'), /\/consent$/);
  await page.getByRole('link', { name: 'Consent' }).click();
  await hasFocus(page.getByRole('heading', { level: 1, name: 'Consent' }));
  assert.match(await page.title(), /^Consent/);
  await page.goBack();
  await hasFocus(page.getByRole('heading', { level: 1, name: 'Messages' }));
  await page.goForward();
  await hasFocus(page.getByRole('heading', { level: 1, name: 'Consent' }));
});

test('times have the viewer’s zone and UTC', async (t) => {
  await control('receive', { from: somebody(), body: 'What time is it?' });
  const page = await open(t, 'conversations', { timezoneId: 'Asia/Kolkata' });
  const time = page.getByRole('main').locator('time').first();
  const [text, at] = [await time.textContent(), await time.getAttribute('datetime')];
  // In the evening of UTC it is another day there, and the day of UTC stands in the brackets, too.
  assert.match(text, new RegExp(`[( ]${at.slice(11, 16)} UTC\\)$`));
  const there = new Date(at).toLocaleTimeString('en-GB', { timeZone: 'Asia/Kolkata', hour: '2-digit', minute: '2-digit' });
  assert.ok(text.includes(there), `${text} for ${at}`);
});

test('a list is read in pages, and a page may be empty', async (t) => {
  const page = await open(t, 'send');
  const entry = (id) => ({ id, at: '2026-11-22T10:00:00Z', user: 'ada', action: 'campaign.start', target: `Entry ${id}`, detail: {} });
  const pages = { '': { items: [entry(9)], next: 'a' }, a: { items: [], next: 'b' }, b: { items: [entry(5)], next: null } };
  await page.route('**/api/audit?*', (route) => route.fulfill(json(200, pages[new URL(route.request().url()).searchParams.get('after') ?? ''])));
  await page.getByRole('link', { name: 'Audit log' }).click();
  await shows(page.getByText('Entry 9'));
  await page.getByRole('button', { name: 'Load more' }).click();
  await shows(page.getByText('Entry 5'));
  assert.equal(await page.getByRole('button', { name: 'Load more' }).count(), 0);
});

test('messages are filtered by state and found by number', async (t) => {
  const [to, body] = [somebody(), words('Find me')];
  await api('POST', 'actions/twilio/send-sms', { to, body });
  const page = await open(t, 'messages');
  await shows(page.getByRole('link').filter({ hasText: body }));
  await page.getByLabel('State').selectOption('expired');
  await page.getByRole('link').filter({ hasText: body }).waitFor({ state: 'detached' });
  await page.getByLabel('State').selectOption('accepted');
  await shows(page.getByRole('link').filter({ hasText: body }));
  await page.getByLabel('Phone number').fill(to);
  await page.getByRole('button', { name: 'Search' }).click();
  await until('one is left', async () => await page.getByRole('list', { name: 'Messages' }).getByRole('link').count() === 1);
  await page.getByRole('link').filter({ hasText: body }).click();
  await shows(page.getByRole('definition').filter({ hasText: body }));
  assert.ok(!page.url().includes(to.slice(1)), 'the number is in the address');
});

test('an error says what it means, what to do, and where to read more', async (t) => {
  const page = await open(t, 'send');
  const error = { code: 'PROVIDER_ERROR', message: 'The handset is switched off', action: 'retry', details: { twilioCode: 30003, moreInfo: 'https://www.twilio.com/docs/errors/30003' } };
  await page.route('**/api/messages/77', (route) => route.fulfill(json(200, message({ status: 'undelivered', error }))));
  await visit(page, 'messages/77');
  await shows(page.getByText('The handset is switched off'));
  await shows(page.getByText('Wait a little, then try again.'));
  assert.equal(await page.getByRole('link', { name: /About error 30003/ }).getAttribute('href'), error.details.moreInfo);
  await page.unroute('**/api/messages/77');
  await page.route('**/api/messages/77', (route) => route.fulfill(json(200, message({ error: { ...error, details: { moreInfo: 'javascript:alert(1)' } } }))));
  await visit(page, 'messages/77');
  await shows(page.getByText('The handset is switched off'));
  assert.equal(await page.getByRole('link', { name: /About/ }).count(), 0);
});

test('what is parked is settled with one of three explained choices', async (t) => {
  const page = await open(t, 'send');
  let parked = [message({ state: 'parked', status: null, parked: { reason: 'several', candidates: ['SM1', 'SM2'] } })];
  let asked = null;
  await page.route('**/api/unsettled?*', (route) => route.fulfill(json(200, { items: parked, next: null })));
  await page.route('**/api/messages/77/settle', (route) => {
    asked = route.request().postDataJSON();
    parked = [];
    return route.fulfill(json(200, message({})));
  });
  await page.getByRole('link', { name: 'Unsettled' }).click();
  await shows(page.getByText('several messages that may be this one'));
  await page.getByRole('button', { name: 'Settle' }).click();
  await shows(page.getByText('Choose one of the three.'));
  await hasFocus(page.getByRole('radio').first());
  await page.getByRole('radio', { name: 'It was sent' }).check();
  await page.getByLabel(/ID of the message/).fill('SM2');
  await page.getByRole('button', { name: 'Settle' }).click();
  await shows(page.getByText('Nothing to settle'));
  assert.deepEqual(asked, { as: 'was-sent', messageSid: 'SM2' });
});

test('too many open pages are said, and the page goes on without events', async (t) => {
  const page = await (await context(t)).newPage();
  await page.route('**/api/events', (route) => route.fulfill(json(429, { error: 'you have 20 pages open already: close one' })));
  await visit(page, 'messages');
  await shows(page.getByRole('banner').getByText('Too many pages are open'));
});

test('dropped events are read again', async (t) => {
  const page = await (await context(t)).newPage();
  let reads = 0;
  page.on('request', (request) => { reads += /\/api\/messages\?/.test(request.url()) ? 1 : 0; });
  await page.route('**/api/events', (route) => route.fulfill({ status: 200, contentType: 'text/event-stream', body: 'event: resync\ndata: {}\n\n' }));
  await visit(page, 'messages');
  await until('the list is read again', () => reads >= 3);
});

test('what happens between the reading of a view and the start of its stream is not lost', async (t) => {
  const [page, from, isAsked] = [await (await context(t)).newPage(), somebody(), gate()];
  await page.route('**/api/events', async (route) => {
    await isAsked.opened;
    return route.continue();
  });
  await visit(page, 'conversations');
  await page.getByText('Loading…').first().waitFor({ state: 'detached' });
  await control('receive', { from, body: 'In between' });
  isAsked.open();
  await shows(page.getByRole('link').filter({ hasText: from }));
});

test('thousands of events of a campaign cause no requests', async (t) => {
  const page = await (await context(t)).newPage();
  await page.clock.install();
  let reads = 0;
  page.on('request', (request) => { reads += /\/api\/messages\?/.test(request.url()) ? 1 : 0; });
  const event = (i, campaign) => `id: ${i + 1}\ndata: ${JSON.stringify({ id: `${i}`, name: 'twilio.sms.status', source: 'x', time: '', subject: null, payload: { id: i, status: 'sent', campaign } })}\n\n`;
  const bodies = [
    `retry: 1\n${Array.from({ length: 5_000 }, (_, i) => event(i, 7)).join('')}event: resync\ndata: {}\n\n`,
    `retry: 60000\n${event(5_001, null)}`,
  ];
  let streams = 0;
  const isAsked = gate();
  await page.route('**/api/events', async (route) => {
    streams += 1;
    if (streams === 2) await isAsked.opened;
    return route.fulfill({ status: 200, contentType: 'text/event-stream', body: bodies[streams - 1] ?? '' });
  });
  await visit(page, 'messages');
  // For the view, for the stream and for `resync`; what the events asked for would follow a moment later.
  await until('the events were read', () => reads === 3 && streams === 2);
  await page.clock.runFor(3_000);
  await page.evaluate((url) => fetch(url), `${BASE}/api/me`);
  assert.equal(reads, 3);
  // An event of a single text does cause one.
  isAsked.open();
  await until('an event of a single text is followed', () => reads === 5);
});

function gate() {
  let open;
  const opened = new Promise((resolve) => { open = resolve; });
  return { opened, open };
}

test('a trial account is marked, with what it means', async (t) => {
  const page = await (await context(t)).newPage();
  await page.route('**/api/account', (route) => route.fulfill(json(200, { connected: true, friendlyName: 'Blue', type: 'Trial', status: 'active', from: '+15550001111' })));
  await visit(page, 'send');
  const badge = page.getByText('Trial account', { exact: true });
  await badge.click();
  await shows(page.getByText('only to numbers that you have verified'));
});

test('consent is recorded and found', async (t) => {
  const [page, person] = [await open(t, 'consent'), somebody()];
  await page.getByText('Record a consent').click();
  const form = page.getByRole('group').filter({ hasText: 'Record a consent' });
  await form.getByLabel('Phone number').fill(person);
  await form.getByLabel('What they said').selectOption('opted-out');
  await form.getByLabel(/Proof/).fill('By phone');
  await form.getByRole('button', { name: 'Record' }).click();
  await shows(page.getByText('Recorded.'));
  const row = page.getByRole('listitem').filter({ hasText: person });
  await hasText(row, 'Opted out');
  await hasText(row, 'By phone');
  await page.getByRole('search').getByLabel('Phone number').fill(person);
  await page.getByRole('button', { name: 'Search' }).click();
  await until('one is left', async () => await page.getByRole('list', { name: 'Consent' }).getByRole('listitem').count() === 1);
});

function message(changes) {
  const at = '2026-11-22T10:00:00Z';
  return {
    id: 77, kind: 'text', to: '+14155550177', from: '+15550001111', state: 'accepted', status: 'sent', sid: 'SM77', body: 'Hello', segments: 1, attempts: 1, user: 'ada', campaign: null,
    enqueuedAt: at, dueAt: null, at, endedAt: at, expiresAt: null, error: null, parked: null, cancelRequested: false, price: null, ...changes,
  };
}
