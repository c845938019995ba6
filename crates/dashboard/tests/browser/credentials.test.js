// Credentials: saved and tested, refused with what to do, the number, and the test text.
import assert from 'node:assert/strict';
import test from 'node:test';
import { api, control, hasFocus, open, shows, somebody, until } from './site.js';

const GREEN = 'green:gil:view+send+manage';

async function enter(page, { accountSid, authToken, phoneNumber }) {
  await page.getByLabel('Account SID').fill(accountSid);
  await page.getByLabel('Auth Token').fill(authToken);
  await page.getByLabel('Phone Number', { exact: true }).fill(phoneNumber);
  await page.getByRole('button', { name: 'Save', exact: true }).first().click();
}

test('what is missing is said at the field, and the first has the focus', async (t) => {
  const page = await open(t, 'credentials', { login: 'nobody-yet:nora:manage' });
  await page.getByRole('button', { name: 'Save', exact: true }).click();
  await shows(page.getByText('Account SID is missing: enter it.'));
  await hasFocus(page.getByLabel('Account SID'));
  assert.equal(await page.getByLabel('Auth Token').getAttribute('aria-invalid'), 'true');
});

test('a wrong token says what to do, with the focus there; the right one is Connected', async (t) => {
  await api('DELETE', 'credentials/twilio', undefined, GREEN);
  const right = await control('credentials?tenant=green');
  const page = await open(t, 'credentials', { login: GREEN });

  await enter(page, { ...right, authToken: '0'.repeat(32) });
  await shows(page.getByText('Copy the Auth Token again').first());
  await hasFocus(page.getByLabel('Auth Token'));
  assert.equal(await page.getByText('Connected', { exact: true }).count(), 0);

  await enter(page, right);
  await shows(page.getByRole('status').getByText('Connected', { exact: true }));
  assert.equal(await page.getByLabel('Auth Token').inputValue(), '', 'the token stays in the page');
});

test('the number is chosen from those of the account', async (t) => {
  const page = await open(t, 'credentials');
  const { own } = await control('numbers');
  const choice = page.getByRole('combobox', { name: 'Number' });
  await choice.selectOption(own);
  await page.getByRole('button', { name: 'Save Number' }).click();
  await shows(page.getByText('The number is saved.'));
  assert.equal((await api('GET', 'credentials/twilio')).body.shown.phoneNumber, own);
});

test('a test text goes to one’s own phone, after a question', async (t) => {
  const me = somebody();
  const page = await open(t, 'credentials');
  await page.getByLabel('Your own phone number').fill(me);
  await page.getByRole('button', { name: 'Send a test text' }).click();
  await page.getByRole('dialog').getByRole('button', { name: 'Send now' }).click();
  await shows(page.getByText(/^Delivered/).last());
  await until('one text arrived', async () => (await control('sent')).filter((one) => one.to === me).length === 1);
});

test('who may not manage does not see the form', async (t) => {
  const page = await open(t, 'credentials', { login: 'blue:vera:view' });
  await shows(page.getByText('It needs the role manage'));
  assert.equal(await page.getByLabel('Auth Token').count(), 0);
  assert.equal(await page.getByRole('link', { name: 'Credentials' }).count(), 0);
});
