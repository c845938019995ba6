// A campaign from the list to the report.
import assert from 'node:assert/strict';
import test from 'node:test';
import { control, hasText, open, shows, somebody, until, words } from './site.js';

/** A list of `rows` people, and one row that cannot be used. */
function list(rows) {
  const start = Number(somebody().slice(1));
  const people = Array.from({ length: rows }, (_, i) => `+${start + i},Person ${i}`);
  return { people: people.map((row) => row.split(',')[0]), csv: ['phone,name', ...people, 'not a number,Nobody'].join('\n') };
}

async function create(page, name, body) {
  await page.getByRole('link', { name: 'New campaign' }).click();
  await page.getByLabel('Name', { exact: true }).fill(name);
  await page.getByLabel('Text', { exact: true }).fill(body);
  await page.getByRole('button', { name: 'Create' }).click();
  await page.getByRole('heading', { level: 1, name }).waitFor();
}

async function upload(page, csv) {
  await page.getByLabel('File').setInputFiles({ name: 'list.csv', mimeType: 'text/csv', buffer: Buffer.from(csv) });
  await page.getByRole('button', { name: 'Upload' }).click();
  await shows(page.getByRole('main').getByText('A list is uploaded: CSV'));
}

const figure = (page, label) => page.locator('dl.counts > div').filter({ has: page.getByText(label, { exact: true }) }).locator('dd');

test('500 messages are planned, started, followed to the end, and reported', { timeout: 120_000 }, async (t) => {
  const [page, name] = [await open(t, 'campaigns'), words('Spring')];
  const { people, csv } = list(500);
  await create(page, name, 'Hello {{name}}, the sale begins tomorrow. Reply STOP to unsubscribe.');
  assert.equal(await page.getByRole('button', { name: 'Start' }).getAttribute('aria-disabled'), 'true');
  await upload(page, csv);

  await page.getByRole('button', { name: 'Make the plan' }).click();
  await hasText(figure(page, 'Messages'), '500');
  await hasText(figure(page, 'Rejected rows'), '1');
  await shows(page.getByRole('region', { name: 'Rejected rows' }).getByRole('cell', { name: '502', exact: true }));
  assert.equal((await control('sent')).filter((one) => people.includes(one.to)).length, 0, 'a plan sends');

  await page.getByRole('button', { name: 'Start', exact: true }).click();
  const dialog = page.getByRole('dialog', { name: 'Start this campaign?' });
  await shows(dialog.getByText('500 messages are sent'));
  await dialog.getByRole('button', { name: 'Start now' }).click();

  const bar = page.getByRole('progressbar', { name: 'Progress' });
  await bar.waitFor();
  await until('it is finished', async () => (await page.getByText('Finished', { exact: true }).count()) > 0);
  assert.equal(await bar.evaluate((element) => element.value / element.max), 1);
  const to = new Map();
  for (const one of await control('sent')) to.set(one.to, (to.get(one.to) ?? 0) + 1);
  assert.ok(people.every((one) => to.get(one) === 1), 'not everybody has exactly one text');

  await shows(page.getByRole('img', { name: /delivered and .* not delivered/ }));
  await page.getByText('Show as a table').click();
  await shows(page.getByRole('columnheader', { name: 'Delivered', exact: true }));
  await page.getByRole('button', { name: 'Make the report' }).click();
  await shows(page.getByText('Delivery rate'));
  const [download] = await Promise.all([page.waitForEvent('download'), page.getByRole('link', { name: 'Report as CSV' }).click()]);
  assert.equal(await download.failure(), null);
});

test('a campaign is paused, resumed and stopped', async (t) => {
  const [page, name] = [await open(t, 'campaigns'), words('Pause')];
  await create(page, name, 'Hello {{name}}. Reply STOP to unsubscribe.');
  await upload(page, list(20_000).csv);
  await page.getByRole('button', { name: 'Start', exact: true }).click();
  await page.getByRole('dialog').getByRole('button', { name: 'Start now' }).click();
  await page.getByRole('button', { name: 'Pause' }).click();
  await page.getByRole('button', { name: 'Resume' }).click();
  await page.getByRole('button', { name: 'Stop', exact: true }).click();
  await page.getByRole('dialog', { name: 'Stop this campaign?' }).getByRole('button', { name: 'Stop for good' }).click();
  await shows(page.getByText('Stopped', { exact: true }));
  assert.equal(await page.getByRole('button', { name: 'Resume' }).count(), 0);
});

test('a draft is deleted', async (t) => {
  const [page, name] = [await open(t, 'campaigns'), words('Draft')];
  await create(page, name, 'Hello');
  await page.getByRole('button', { name: 'Delete the draft' }).click();
  await page.getByRole('dialog').getByRole('button', { name: 'Delete', exact: true }).click();
  await page.getByRole('heading', { level: 1, name: 'Campaigns' }).waitFor();
  assert.equal(await page.getByRole('link').filter({ hasText: name }).count(), 0);
});

test('templates are written, changed, used and deleted', async (t) => {
  const [page, name] = [await open(t, 'templates'), words('Reminder')];
  await page.getByLabel('Name').fill(name);
  await page.getByLabel('Text').fill('Hello {{first}}, see you at {{time}}.');
  await page.getByRole('button', { name: 'Save' }).click();
  const row = page.getByRole('listitem').filter({ hasText: name });
  await hasText(row, 'Places: first, time');
  await row.getByRole('button', { name: /^Edit/ }).click();
  await page.getByLabel('Text').fill('Hello {{first}}.');
  await page.getByRole('button', { name: 'Save' }).click();
  await hasText(row, 'Hello {{first}}.');

  await page.getByRole('link', { name: 'Campaigns' }).click();
  await page.getByRole('link', { name: 'New campaign' }).click();
  await page.getByLabel('Name', { exact: true }).fill(name);
  await page.getByLabel('Where the text comes from').selectOption({ label: `Template: ${name}` });
  await page.getByRole('button', { name: 'Create' }).click();
  await shows(page.getByText('Hello {{first}}.'));

  await page.getByRole('link', { name: 'Templates' }).click();
  await row.getByRole('button', { name: /^Delete/ }).click();
  await page.getByRole('dialog').getByRole('button', { name: 'Delete', exact: true }).click();
  await row.waitFor({ state: 'detached' });
});
