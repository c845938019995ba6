// The states that the page can be in, for the tests that look at all of them.
import { api, cards, compose, control, hasText, shows, smsWidget, somebody, visit, words } from './site.js';

const PIXEL = 'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==';
const EMPTY = 'empty-door:eve:view+send+manage';
const json = (status, body) => ({ status, contentType: 'application/json', body: JSON.stringify(body) });
const NAMES = ['send', 'conversations', 'messages', 'campaigns', 'templates', 'consent', 'unsettled', 'audit', 'credentials'];

/** Something in every view. Returns what the states need to find it. */
export async function fill() {
  const [talker, stopper, name] = [somebody(), somebody(), words('Filled')];
  await control('receive', { from: talker, body: 'Here is a picture, with <b>no</b> \u202Ebold\u202C text.', media: { contentType: 'image/png', base64: PIXEL } });
  await control('receive', { from: talker, body: 'A_very_long_word_without_any_place_to_break_it_'.repeat(4) });
  await control('receive', { from: stopper, body: 'STOP' });
  await api('POST', 'actions/twilio/send-sms', { to: talker, body: 'Thank you! We will look at it today.' });
  await api('POST', 'templates', { name, body: 'Hello {{name}}, your order {{order}} is ready.' });
  const campaign = (await api('POST', 'campaigns', { name, body: 'Hello {{name}}. Reply STOP to unsubscribe.' })).body;
  await api('PUT', `campaigns/${campaign.id}/list`, `phone,name\n${somebody()},Ann\nnot a number,Bob\n`);
  const running = (await api('POST', 'campaigns', { name: `${name} started`, body: 'Hello. Reply STOP to unsubscribe.' })).body;
  await api('PUT', `campaigns/${running.id}/list`, `phone\n${somebody()}\n${somebody()}\n`);
  await api('POST', `campaigns/${running.id}/start`, {});
  const talks = (await api('GET', 'conversations')).body.items;
  const talk = (number) => talks.find((one) => one.person === number).id;
  return { talk: talk(talker), stopped: talk(stopper), draft: campaign.id, running: running.id };
}

const ready = (page) => page.getByText('Loading…').first().waitFor({ state: 'detached' });

async function show(page, view) {
  await visit(page, view);
  await ready(page);
}

const AT = '2026-11-22T10:00:00Z';
const MESSAGE = {
  id: 77, kind: 'text', to: '+14155550177', from: '+15550001111', state: 'accepted', status: 'undelivered', sid: 'SM77', body: 'Hello', segments: 1, attempts: 1, user: 'ada', campaign: null, enqueuedAt: AT,
  dueAt: null, at: AT, endedAt: AT, expiresAt: null, parked: null, cancelRequested: false, price: { amount: '0.0083', currency: 'USD' },
  error: { code: 'PROVIDER_ERROR', message: 'The handset is switched off', action: 'retry', details: { twilioCode: 30003, moreInfo: 'https://www.twilio.com/docs/errors/30003' } },
};
const PARKED = { ...MESSAGE, state: 'parked', status: null, sid: null, error: null, parked: { reason: 'several', candidates: ['SM1', 'SM2'] } };

/** `[name, prepare(page, filled), login]` */
export const STATES = [
  ...NAMES.map((view) => [`${view}, empty`, (page) => show(page, view), EMPTY]),
  ...NAMES.map((view) => [`${view}, filled`, (page) => show(page, view)]),
  ['a conversation with a picture', async (page, { talk }) => { await show(page, `conversations/${talk}`); await shows(page.getByRole('img', { name: 'Picture 1' })); }],
  ['a conversation after STOP', async (page, { stopped }) => { await show(page, `conversations/${stopped}`); await shows(page.getByText('This person has opted out')); }],
  ['the forms about consent', async (page) => { await show(page, 'consent'); for (const title of ['Record a consent', 'Forget a person']) await page.getByText(title).click(); }],
  ['a question before something is deleted', async (page) => { await show(page, 'templates'); await page.getByRole('button', { name: /^Delete/ }).first().click(); await shows(page.getByRole('dialog')); }],
  ['a new campaign', async (page) => { await show(page, 'campaigns/new'); await page.getByText('More settings').click(); }],
  ['a draft with its plan', async (page, { draft }) => {
    await show(page, `campaigns/${draft}`);
    await page.getByRole('button', { name: 'Make the plan' }).click();
    await shows(page.getByRole('region', { name: 'Rejected rows' }));
  }],
  ['the question before a campaign', async (page, { draft }) => {
    await show(page, `campaigns/${draft}`);
    await page.getByRole('button', { name: 'Start', exact: true }).click();
    await shows(page.getByRole('dialog'));
  }],
  ['a campaign that was started', async (page, { running }) => {
    await show(page, `campaigns/${running}`);
    await page.getByRole('button', { name: 'Make the report' }).click();
    await shows(page.getByText('Delivery rate'));
    const table = page.getByText('Show as a table');
    if (await table.count()) await table.click();
  }],
  ['a message that did not arrive', async (page) => {
    await page.route('**/api/messages/77', (route) => route.fulfill(json(200, MESSAGE)));
    await show(page, 'messages/77');
    await shows(page.getByText('The handset is switched off'));
  }],
  ['a parked message', async (page) => {
    await page.route('**/api/unsettled?*', (route) => route.fulfill(json(200, { items: [PARKED], next: null })));
    await show(page, 'unsettled');
    await page.getByRole('radio', { name: 'It was sent' }).check();
  }],
  ['a question before a text', async (page) => {
    await show(page, 'send');
    await shows((await compose(page, somebody(), words('Open 9–5'))).getByText('1 segment', { exact: true }));
  }],
  ['errors of a form', async (page) => { await show(page, 'send'); await smsWidget(page).send.click(); await shows(page.getByText('To Phone Number is missing')); }],
  ['a text that was sent', async (page) => {
    await show(page, 'send');
    await (await compose(page, somebody(), words('Hello'))).getByRole('button', { name: 'Send now' }).click();
    await hasText(cards(page).first(), /Delivered\s*\d/);
  }],
  ['a text of which nothing is known', async (page) => {
    await show(page, 'send');
    await page.route('**/send-sms', (route) => route.fulfill(json(504, { error: 'the answer was lost', outcome: 'unknown' })));
    await (await compose(page, somebody(), words('Lost'))).getByRole('button', { name: 'Send now' }).click();
    await shows(page.getByRole('button', { name: 'Check' }));
  }],
  ['a text that was refused', async (page) => {
    await show(page, 'send');
    await page.route('**/send-sms', (route) => route.fulfill(json(422, { error: 'a rule refuses it', rule: 'consent', errorInfo: { code: 'BLOCKED', action: 'fix-request', message: 'x', details: {} } })));
    await (await compose(page, somebody(), words('Refused'))).getByRole('button', { name: 'Send now' }).click();
    await shows(page.getByText('It was not sent', { exact: true }));
  }],
  ['a suggestion of an event', async (page) => {
    await show(page, 'send');
    await smsWidget(page).body.fill('My words');
    await shows(page.getByRole('banner').getByText('Live').first());
    await control('publish', { name: 'stripe.payment.failed', payload: { customer_phone: somebody(), amount: '1', currency: 'USD' } });
    await shows(page.getByRole('button', { name: 'Use the suggestion' }));
  }],
  ['wrong credentials', async (page) => {
    await show(page, 'credentials');
    await page.getByLabel('Account SID').fill(`AC${'0'.repeat(32)}`);
    await page.getByLabel('Auth Token').fill('0'.repeat(32));
    await page.getByLabel('Phone Number', { exact: true }).fill(somebody());
    await page.getByRole('button', { name: 'Save', exact: true }).first().click();
    await shows(page.getByText('does not accept these credentials'));
  }, 'nobody-yet:nora:manage'],
  ['a list that could not be read', async (page) => {
    await page.route('**/api/audit?*', (route) => route.fulfill(json(503, { error: 'the server cannot do this now: try again' })));
    await show(page, 'audit');
    await shows(page.getByRole('alert'));
  }],
  ['nothing found', async (page) => {
    await show(page, 'messages');
    await page.getByLabel('Phone number').fill(somebody());
    await page.getByRole('button', { name: 'Search' }).click();
    await shows(page.getByText('Nothing found'));
  }],
  ['not allowed', (page) => show(page, 'consent'), 'blue:vera:view'],
  ['no role at all', (page) => show(page, ''), 'blue:nil:none'],
  ['no such page', (page) => show(page, 'nowhere')],
  ['signed out', (page) => show(page, 'messages'), null],
  ['offline', async (page) => { await show(page, 'messages'); await page.context().setOffline(true); await shows(page.getByText('You are offline')); }],
  ['a trial account', async (page) => {
    await page.route('**/api/account', (route) => route.fulfill(json(200, { connected: true, friendlyName: 'Blue', type: 'Trial', status: 'active', from: '+15550001111' })));
    await show(page, 'send');
    await page.getByText('Trial account', { exact: true }).click();
  }],
];
