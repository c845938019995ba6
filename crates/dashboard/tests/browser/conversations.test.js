// What people wrote, and what is answered.
import assert from 'node:assert/strict';
import test from 'node:test';
import { control, hasText, open, shows, somebody, until, visit, words } from './site.js';

const PIXEL = 'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==';

test('a text that comes in appears in the list and in the open conversation, without a reload', async (t) => {
  const [from, first, second] = [somebody(), words('Is it ready?'), words('Hello?')];
  const page = await open(t, 'conversations');
  await page.evaluate(() => { window.isSamePage = true; });
  await control('receive', { from, body: first });
  const row = page.getByRole('link').filter({ hasText: from });
  await hasText(row, '1 new');
  await row.click();
  const thread = page.getByRole('group', { name: `Conversation with ${from}` });
  await shows(thread.getByText(first));
  await control('receive', { from, body: second });
  await shows(thread.getByText(second));
  const texts = await thread.getByRole('listitem').allTextContents();
  assert.ok(texts.findIndex((text) => text.includes(first)) < texts.findIndex((text) => text.includes(second)), 'the newest is not last');
  await until('it is read', async () => !(await row.textContent()).includes('new'));
  assert.equal(await page.evaluate(() => window.isSamePage), true);
});

test('a reply is sent at once, and its delivery is shown', async (t) => {
  const [from, body] = [somebody(), words('Yes, at five.')];
  await control('receive', { from, body: 'When?' });
  const page = await open(t, 'conversations');
  await page.getByRole('link').filter({ hasText: from }).click();
  await page.getByLabel('Your reply').fill(body);
  await page.getByRole('button', { name: 'Reply' }).click();
  const bubble = page.getByRole('group').getByRole('listitem').filter({ hasText: body });
  await hasText(bubble, 'Delivered');
  assert.equal(await page.getByLabel('Your reply').inputValue(), '');
});

test('a reply whose answer is lost offers “Check”', async (t) => {
  const [from, body] = [somebody(), words('Lost')];
  await control('receive', { from, body: 'Hi' });
  const page = await open(t, 'conversations');
  await page.getByRole('link').filter({ hasText: from }).click();
  let isFirst = true;
  await page.route('**/replies', async (route) => {
    if (!isFirst) return route.continue();
    isFirst = false;
    await route.fetch();
    return route.abort();
  });
  await page.getByLabel('Your reply').fill(body);
  await page.getByRole('button', { name: 'Reply' }).click();
  await page.getByRole('button', { name: 'Check' }).click();
  await hasText(page.getByRole('group').getByRole('listitem').filter({ hasText: body }), 'Delivered');
  assert.equal((await control('sent')).filter((one) => one.body === body).length, 1);
});

test('who has opted out is marked, and cannot be answered', async (t) => {
  const from = somebody();
  await control('receive', { from, body: 'STOP' });
  const page = await open(t, 'conversations');
  const row = page.getByRole('link').filter({ hasText: from });
  await hasText(row, 'Opted out');
  await row.click();
  await shows(page.getByText('This person has opted out'));
  assert.equal(await page.getByLabel('Your reply').isDisabled(), true);
  await control('receive', { from, body: 'START' });
  await until('it is open again', () => page.getByLabel('Your reply').isEnabled());
});

test('who may only view sees why there is no answer', async (t) => {
  const from = somebody();
  await control('receive', { from, body: 'Hello' });
  const page = await open(t, 'conversations', { login: 'blue:vera:view' });
  await page.getByRole('link').filter({ hasText: from }).click();
  await shows(page.getByText('You may read, but not answer'));
  assert.equal(await page.getByLabel('Your reply').isDisabled(), true);
});

test('pictures are shown from here, and other media are a download', async (t) => {
  const [one, other] = [somebody(), somebody()];
  await control('receive', { from: one, body: 'A picture', media: { contentType: 'image/png', base64: PIXEL } });
  await control('receive', { from: other, body: 'A page', media: { contentType: 'text/html', base64: Buffer.from('<script>parent.x = 1</script>').toString('base64') } });
  const page = await open(t, 'conversations');
  await page.getByRole('link').filter({ hasText: one }).click();
  const picture = page.getByRole('img', { name: 'Picture 1' });
  await until('the picture is loaded', () => picture.evaluate((image) => image.complete && image.naturalWidth > 0));
  assert.equal(new URL(await picture.getAttribute('src'), page.url()).origin, new URL(page.url()).origin);

  await visit(page, 'conversations');
  await page.getByRole('link').filter({ hasText: other }).click();
  const link = page.getByRole('link', { name: /Download the attachment/ });
  await link.waitFor();
  assert.notEqual(await link.getAttribute('download'), null);
  assert.equal(await page.getByRole('group').getByRole('img').count(), 0);
});

test('a conversation is found by its number', async (t) => {
  const from = somebody();
  await control('receive', { from, body: 'Find me' });
  const page = await open(t, 'conversations');
  await page.getByLabel('Phone number').fill(from);
  await page.getByRole('button', { name: 'Search' }).click();
  await until('one is left', async () => await page.getByRole('list', { name: 'Conversations' }).getByRole('link').count() === 1);
  await page.getByLabel('Phone number').fill(somebody());
  await page.getByRole('button', { name: 'Search' }).click();
  await shows(page.getByText('Nothing found'));
  await page.getByRole('button', { name: 'Show all' }).click();
  await shows(page.getByRole('link').filter({ hasText: from }));
});
