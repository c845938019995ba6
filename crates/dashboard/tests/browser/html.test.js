// The served HTML, and what the script makes of it, are valid.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import test from 'node:test';
import { ALL, BASE, PAGE, context } from './site.js';
import { STATES, fill } from './views.js';

const JAR = join(dirname(createRequire(import.meta.url).resolve('vnu-jar/package.json')), 'build/dist/vnu.jar');

/** It is necessary: Safari takes a list without bullets for no list. */
const UNNECESSARY_ROLE = 'The “list” role is unnecessary';

function messages(pages) {
  const folder = mkdtempSync(join(tmpdir(), 'pages-'));
  try {
    const files = Object.entries(pages).map(([name, html]) => {
      const file = join(folder, `${name.replace(/\W+/g, '-')}.html`);
      writeFileSync(file, html);
      return file;
    });
    const { stdout, stderr, error } = spawnSync('java', ['-jar', JAR, '--stdout', '--format', 'json', ...files], { encoding: 'utf8' });
    assert.equal(error, undefined, stderr);
    const found = JSON.parse(stdout).messages.filter((one) => !one.message.startsWith(UNNECESSARY_ROLE));
    return found.map((one) => `${one.url?.split('/').at(-1)}:${one.lastLine} ${one.message} ${one.extract ?? ''}`);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

test('the served HTML is valid, and says what may be loaded', async () => {
  const answer = await fetch(`${BASE}${PAGE}`);
  const html = await answer.text();
  assert.match(answer.headers.get('content-security-policy'), /default-src 'self'; frame-ancestors 'none'; base-uri 'none'; form-action 'self'; object-src 'none'/);
  assert.ok(!html.includes('%API%') && !html.includes('%BASE%'));
  assert.ok(!/<style|style=|<script(?![^>]*src=)| on\w+=/.test(html), 'something is inline');
  assert.deepEqual(messages({ served: html }), []);
});

test('the validator finds what is wrong', () => {
  assert.notDeepEqual(messages({ wrong: '<!doctype html><html lang="en"><title>x</title><p><div></div></p><a href="x y">x</a>' }), []);
});

test('what the script makes is valid in every state', async (t) => {
  const filled = await fill();
  const pages = {};
  for (const [name, prepare, login = ALL] of STATES) {
    const page = await (await context(t, { login })).newPage();
    await prepare(page, filled);
    pages[name] = `<!doctype html>${await page.evaluate(() => document.documentElement.outerHTML)}`;
    await page.context().close();
  }
  assert.deepEqual(messages(pages), []);
});
