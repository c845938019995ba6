// Texts that look like HTML, and pages of others.
import assert from 'node:assert/strict';
import { createServer } from 'node:http';
import test from 'node:test';
import { BASE, PAGE, context, control, open, sent, shows, somebody, until, visit, words } from './site.js';

const TEXT = '<img src=x onerror="window.hit=1"><script>window.hit=1</script><b>bold</b> \u202Eexe.txt\u202C \u0007bell \u0085 &amp; javascript:alert(1)';

test('a text of HTML, script, direction and control characters is shown as text', async (t) => {
  const from = somebody();
  await control('receive', { from, body: TEXT });
  const page = await open(t, 'conversations');
  const row = page.getByRole('link').filter({ hasText: from });
  await row.waitFor();
  assert.ok((await row.textContent()).includes('<script>window.hit=1</script>'));
  await row.click();
  const bubble = page.getByRole('group').getByRole('listitem').first();
  await bubble.waitFor();
  const said = await bubble.textContent();
  for (const part of ['<img src=x onerror="window.hit=1">', '<script>window.hit=1</script>', '<b>bold</b>', '\\u202E', '\\u202C', '\\u0007', '&amp;']) assert.ok(said.includes(part), `${part} in ${said}`);
  assert.ok(!/[\u202a-\u202e\u0007\u0085]/.test(said), 'a control character is in the page');
  assert.equal(await bubble.locator('img, script, b').count(), 0);
  assert.equal(await bubble.locator('bdi').first().evaluate((element) => getComputedStyle(element).unicodeBidi), 'isolate');
  assert.equal(await page.evaluate(() => window.hit), undefined);
});

test('the same as the name and the text of a template, and in a list of choices', async (t) => {
  const name = `<img src=x onerror="window.hit=1"> \u202E${words('x')}`;
  const page = await open(t, 'templates');
  await page.getByLabel('Name').fill(name);
  await page.getByLabel('Text').fill('<script>window.hit=1</script> \u202E');
  await page.getByRole('button', { name: 'Save' }).click();
  await shows(page.getByText('The template is saved.'));
  const row = page.getByRole('listitem').filter({ hasText: name.split(' ').at(-1) });
  assert.ok((await row.textContent()).includes('<script>window.hit=1</script> \\u202E'));
  await visit(page, 'campaigns/new');
  await page.getByLabel('Name', { exact: true }).waitFor();
  const choices = await page.getByLabel('Where the text comes from').textContent();
  assert.ok(choices.includes('<img src=x') && choices.includes('\\u202E') && !choices.includes('\u202E'), choices);
  assert.equal(await page.evaluate(() => window.hit), undefined);
  assert.equal(await page.getByRole('main').locator('img, script').count(), 0);
});

/** A page of somebody else, on another port: the same site as 127.0.0.1, or, by the name localhost, another one. */
async function hostile(t, html) {
  const server = createServer((_, answer) => answer.writeHead(200, { 'content-type': 'text/html' }).end(html));
  await new Promise((done) => { server.listen(0, '127.0.0.1', done); });
  t.after(() => { server.closeAllConnections(); server.close(); });
  return server.address().port;
}

/** The status of the last answer from an address, also of those that the browser keeps from the page. */
async function statuses(page) {
  const [asked, answered] = [new Map(), new Map()];
  const network = await page.context().newCDPSession(page);
  network.on('Network.requestWillBeSent', ({ requestId, request }) => asked.set(requestId, request.url));
  network.on('Network.responseReceivedExtraInfo', ({ requestId, statusCode }) => answered.set(requestId, statusCode));
  await network.send('Network.enable');
  return (url, count) => {
    const found = [...asked].filter(([id, address]) => address === url && answered.has(id)).map(([id]) => answered.get(id));
    return found.length >= count ? found.at(-1) : null;
  };
}

for (const [kind, host] of [['another port of the same site', '127.0.0.1'], ['another site', 'localhost']]) {
  test(`requests from ${kind} are refused`, async (t) => {
    const body = words('Hostile');
    const port = await hostile(t, '<!doctype html><title>x</title><form method="post" enctype="text/plain"></form>');
    const page = await (await context(t)).newPage();
    await page.goto(`http://${host}:${port}/`);
    const status = await statuses(page);
    for (const path of ['actions/twilio/send-sms', 'actions/twilio/make-call', 'consent', 'templates', 'credentials/twilio/test']) {
      await page.evaluate(([to, text]) => fetch(to, { method: 'POST', mode: 'no-cors', credentials: 'include', headers: { 'content-type': 'text/plain' }, body: text }).catch(() => {}), [`${BASE}/api/${path}`, JSON.stringify({ to: somebody(), body })]);
      assert.equal(await until(`an answer to ${path}`, () => status(`${BASE}/api/${path}`, 1)), 403, path);
    }
    const isRead = await page.evaluate((to) => fetch(to, { credentials: 'include' }).then((answer) => answer.text()).catch(() => null), `${BASE}/api/me`);
    assert.equal(isRead, null, 'another site reads who is signed in');

    const target = `${BASE}/api/actions/twilio/send-sms`;
    await page.evaluate(([to, name]) => {
      const form = document.querySelector('form');
      form.action = to;
      const field = document.createElement('input');
      field.name = name;
      field.value = '"}';
      form.append(field);
      form.submit();
    }, [target, JSON.stringify({ to: somebody(), body }).slice(0, -2)]);
    assert.equal(await until('an answer to the form', () => status(target, 2)), 403, 'a form');
    assert.equal((await sent(body)).length, 0);
  });

  test(`a frame of ${kind} stays empty`, async (t) => {
    const port = await hostile(t, `<!doctype html><title>x</title><iframe src="${BASE}${PAGE}/send"></iframe>`);
    const page = await (await context(t)).newPage();
    await page.goto(`http://${host}:${port}/`, { waitUntil: 'load' });
    const inner = page.frames().filter((frame) => frame !== page.mainFrame());
    assert.equal(inner.length, 1);
    assert.equal(await inner[0].locator('#main').count(), 0);
    assert.ok(!inner[0].url().startsWith(BASE), inner[0].url());
  });
}
