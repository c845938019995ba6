// Events fill the widget in. They never send, and they do not overwrite what somebody has typed.
import assert from 'node:assert/strict';
import test from 'node:test';
import { control, open, sent, shows, smsWidget, somebody, until } from './site.js';

const name = 'stripe.payment.failed';

async function live(page) {
  await shows(page.getByRole('banner').getByText('Live', { exact: false }).first());
}

test('an event fills empty fields, says so, and sends nothing', async (t) => {
  const [page, to] = [await open(t, 'send'), somebody()];
  const { to: toField, body: bodyField, region } = smsWidget(page);
  await toField.waitFor();
  await live(page);
  await control('publish', { name, payload: { customer_phone: to, amount: '12.50', currency: 'USD' } });
  await shows(region.getByText('Nothing was sent'));
  const text = 'Your payment of 12.50 USD failed. Please update your payment method.';
  assert.equal(await toField.inputValue(), to);
  assert.equal(await bodyField.inputValue(), text);
  assert.equal((await control('sent')).filter((one) => one.to === to).length, 0);
  assert.equal(await page.getByRole('dialog').count(), 0);
  await region.getByRole('button', { name: 'Undo' }).click();
  assert.equal(await toField.inputValue(), '');
});

test('what was typed is kept, and the suggestion is taken only by hand', async (t) => {
  const [page, to] = [await open(t, 'send'), somebody()];
  const { to: toField, body: bodyField, region } = smsWidget(page);
  await toField.waitFor();
  await live(page);
  await bodyField.fill('My own words');
  await control('publish', { name, payload: { customer_phone: to, amount: '3', currency: 'EUR' } });
  await shows(region.getByText('What you typed was kept'));
  assert.equal(await bodyField.inputValue(), 'My own words');
  assert.equal(await toField.inputValue(), '');
  await region.getByRole('button', { name: 'Use the suggestion' }).click();
  assert.match(await bodyField.inputValue(), /payment of 3 EUR/);
  assert.equal(await toField.inputValue(), to);
});

test('an event never changes what is being confirmed', async (t) => {
  const [page, to, other] = [await open(t, 'send'), somebody(), somebody()];
  const { to: toField, body: bodyField, send, region } = smsWidget(page);
  await live(page);
  await toField.fill(to);
  await bodyField.fill('As it was typed');
  await send.click();
  const dialog = page.getByRole('dialog');
  await dialog.waitFor();
  await control('publish', { name, payload: { customer_phone: other, amount: '1', currency: 'USD' } });
  await until('the suggestion is there', () => region.getByText('What you typed was kept').count());
  assert.ok(!(await dialog.textContent()).includes(other));
  await dialog.getByRole('button', { name: 'Back' }).click();
  assert.equal((await sent('As it was typed')).length, 0);
});

test('an event without the number fills in the rest and says what is missing', async (t) => {
  const page = await open(t, 'send');
  const { to, body, region } = smsWidget(page);
  await to.waitFor();
  await live(page);
  await control('publish', { name, payload: { amount: '9', currency: 'USD' } });
  await shows(region.getByText('customer_phone'));
  assert.match(await body.inputValue(), /9 USD/);
  assert.equal(await to.inputValue(), '');
});
