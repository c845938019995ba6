// Makes the picture of the README, if SCREENSHOT names the file: `SCREENSHOT=../../screenshot.png npm test screenshot.test.js`,
// on a server that nothing else has used.
import { test } from 'node:test';
import { api, control, open, shows } from './site.js';

const TALKS = [
  ['+14155550142', 'Your table for two is booked for Saturday at 19:00.', 'Thank you!'],
  ['+14155550117', 'The blue one is in stock again.', 'Is it the large one?'],
  ['+14155550133', null, 'My order number is 4417. When does it arrive?'],
  ['+14155550161', 'Your appointment is on Friday at 10:30.', 'Thanks, see you on Friday!'],
  ['+14155550188', 'Your bicycle is ready.', 'Great. Can I pick it up tomorrow before nine?'],
];

test('the picture of the README', { skip: !process.env.SCREENSHOT }, async (t) => {
  for (const [person, ours, theirs] of TALKS) {
    if (ours) await api('POST', 'actions/twilio/send-sms', { to: person, body: ours });
    await control('receive', { from: person, body: theirs });
  }
  const [newest] = (await api('GET', 'conversations')).body.items;
  await api('POST', `conversations/${newest.id}/replies`, { body: 'We open at eight, so yes. It is 64.50 in total, and you can pay by card.' });
  const page = await open(t, `conversations/${newest.id}`);
  await shows(page.getByText('pay by card').last());
  await shows(page.getByText('Delivered').last());
  await control('receive', { from: newest.person, body: 'Perfect, thank you. See you tomorrow!' });
  await shows(page.getByText('See you tomorrow!').last());
  await page.getByLabel('Your reply').fill('You are welcome!');
  await page.screenshot({ path: process.env.SCREENSHOT });
});
