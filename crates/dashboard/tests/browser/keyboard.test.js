// Everything without a mouse.
import assert from 'node:assert/strict';
import test from 'node:test';
import { cards, control, hasFocus, hasText, open, sent, shows, smsWidget, somebody, until, words } from './site.js';

/** Presses Tab until an element has the focus, as somebody does who looks for it. */
async function tabTo(page, locator) {
  await locator.waitFor();
  for (let presses = 0; presses < 80; presses += 1) {
    if (await locator.evaluate((element) => element === document.activeElement)) return presses;
    await page.keyboard.press('Tab');
  }
  assert.fail(`Tab does not reach ${locator}`);
}

test('a text is written, confirmed and followed by keyboard alone', async (t) => {
  const [page, to, body] = [await open(t, 'send'), somebody(), words('By keyboard')];
  const widget = smsWidget(page);
  await page.keyboard.press('Tab');
  await hasFocus(page.getByRole('link', { name: 'Skip to the content' }));
  await page.keyboard.press('Enter');
  await tabTo(page, widget.to);
  await page.keyboard.type(to);
  await tabTo(page, widget.body);
  await page.keyboard.type(body);
  await tabTo(page, widget.send);
  await page.keyboard.press('Enter');
  const dialog = page.getByRole('dialog');
  await hasFocus(dialog.getByRole('heading'));
  // One key press too many sends nothing.
  await page.keyboard.press('Enter');
  assert.equal(await dialog.count(), 1);
  await page.keyboard.press('Escape');
  await dialog.waitFor({ state: 'detached' });
  await hasFocus(widget.send);
  assert.equal((await sent(body)).length, 0);
  await page.keyboard.press('Enter');
  await tabTo(page, dialog.getByRole('button', { name: 'Send now' }));
  await page.keyboard.press('Enter');
  await hasText(cards(page).first(), /Delivered\s*\d/);
  assert.equal((await sent(body)).length, 1);
});

test('Tab stays inside a dialog', async (t) => {
  const page = await open(t, 'send');
  const widget = smsWidget(page);
  await widget.to.fill(somebody());
  await widget.body.fill(words('Inside'));
  await widget.send.press('Enter');
  const dialog = page.getByRole('dialog');
  await dialog.waitFor();
  for (let presses = 0; presses < 8; presses += 1) {
    await page.keyboard.press('Tab');
    const isOutside = await page.evaluate(() => document.activeElement !== document.body && !document.activeElement.closest('dialog'));
    assert.equal(isOutside, false);
  }
});

test('the menu of a narrow page opens and closes', async (t) => {
  const page = await open(t, 'messages', { viewport: { width: 320, height: 640 } });
  const menu = page.getByRole('button', { name: 'Menu' });
  assert.equal(await page.getByRole('link', { name: 'Consent' }).count(), 0);
  await tabTo(page, menu);
  await page.keyboard.press('Enter');
  assert.equal(await menu.getAttribute('aria-expanded'), 'true');
  await page.keyboard.press('Escape');
  assert.equal(await menu.getAttribute('aria-expanded'), 'false');
  await hasFocus(menu);
  await page.keyboard.press('Enter');
  await tabTo(page, page.getByRole('link', { name: 'Consent' }));
  await page.keyboard.press('Enter');
  await hasFocus(page.getByRole('heading', { level: 1, name: 'Consent' }));
  assert.equal(await menu.getAttribute('aria-expanded'), 'false');
});

test('a conversation is opened and answered', async (t) => {
  const [from, body] = [somebody(), words('Answer')];
  await control('receive', { from, body: 'Hello' });
  const page = await open(t, 'conversations');
  await tabTo(page, page.getByRole('link').filter({ hasText: from }));
  await page.keyboard.press('Enter');
  await tabTo(page, page.getByLabel('Your reply'));
  await page.keyboard.type(body);
  await tabTo(page, page.getByRole('button', { name: 'Reply' }));
  await page.keyboard.press('Enter');
  await shows(page.getByRole('group').getByText(body));
  await until('it is sent', async () => (await sent(body)).length === 1);
});

test('what is drawn anew does not take the focus away', async (t) => {
  const from = somebody();
  await control('receive', { from, body: 'First' });
  const page = await open(t, 'conversations');
  const row = page.getByRole('link').filter({ hasText: from });
  await tabTo(page, row);
  await control('receive', { from, body: 'Second' });
  await hasText(row, 'Second');
  await hasFocus(row);
});

test('a disabled button is reached, and says why', async (t) => {
  const page = await open(t, 'campaigns');
  await page.getByRole('link', { name: 'New campaign' }).click();
  await page.getByLabel('Name', { exact: true }).fill(words('Keyboard'));
  await page.getByLabel('Text', { exact: true }).fill('Hello');
  await page.getByRole('button', { name: 'Create' }).press('Enter');
  const start = page.getByRole('button', { name: 'Start', exact: true });
  await tabTo(page, start);
  assert.equal(await start.evaluate((element) => document.getElementById(element.getAttribute('aria-describedby'))?.textContent), 'Upload a list first.');
  await page.keyboard.press('Enter');
  assert.equal(await page.getByRole('dialog').count(), 0);
});
