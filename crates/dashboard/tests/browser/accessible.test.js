// Every state, in both colour schemes and on 320 pixels.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import test from 'node:test';
import { ALL, context, control } from './site.js';
import { STATES, fill } from './views.js';

const AXE = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
const filled = await fill();

/** What axe-core finds. It is evaluated and not added as a script, which the content security policy would report. */
async function violations(page) {
  await page.evaluate(AXE);
  const found = await page.evaluate(async () => (await window.axe.run(document)).violations);
  return found.map(({ id, nodes }) => `${id}: ${nodes.map((node) => `${node.target} ${node.failureSummary}`).join(' | ')}`);
}

for (const [name, prepare, login = ALL] of STATES) {
  test(`axe-core finds nothing, and nothing is wider than 320 pixels: ${name}`, async (t) => {
    const page = await (await context(t, { login, reducedMotion: 'reduce' })).newPage();
    await prepare(page, filled);
    for (const colorScheme of ['light', 'dark']) {
      await page.emulateMedia({ colorScheme });
      assert.deepEqual(await violations(page), [], colorScheme);
    }
    await page.setViewportSize({ width: 320, height: 640 });
    assert.ok(await page.evaluate(() => document.scrollingElement.scrollWidth) <= 320, await page.evaluate(widest));
    assert.deepEqual(await violations(page), [], '320 pixels');
  });
}

/** What sticks out, for the message of a failure. */
function widest() {
  const wide = [...document.querySelectorAll('body *')].filter((element) => element.getBoundingClientRect().right > 321);
  return wide.slice(0, 5).map((element) => element.outerHTML.slice(0, 160)).join('\n');
}

test('the content security policy has nothing to report', async () => {
  const reports = (await control('csp-reports')).map((one) => (typeof one === 'string' ? one : JSON.stringify(one)));
  // The frames that other tests make are refused, and reported.
  assert.deepEqual(reports.filter((one) => !one.includes('frame-ancestors')), []);
});
