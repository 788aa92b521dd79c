/** The package without cli-progress, as after a plain `npm install rx-futures`. */
import { execFile } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

const root = fileURLToPath(new URL('../../', import.meta.url));
const home = realpathSync(mkdtempSync(path.join(tmpdir(), 'rx-futures-peer-')));
const modules = path.join(home, 'node_modules');

beforeAll(() => {
  mkdirSync(path.join(modules, 'rx-futures'), { recursive: true });
  // The package is copied, because a link would resolve to the packages that are installed beside
  // the original.
  for (const part of ['dist', 'package.json']) {
    cpSync(path.join(root, part), path.join(modules, 'rx-futures', part), { recursive: true });
  }
  for (const name of ['rxjs', 'tslib', 'tinypool'])
    symlinkSync(path.join(root, 'node_modules', name), path.join(modules, name));
});

afterAll(() => rmSync(home, { recursive: true, force: true }));

async function output(code: string): Promise<string> {
  const file = path.join(home, 'main.mjs');
  writeFileSync(file, `import { progressBar } from 'rx-futures/terminal';\nimport { of } from 'rxjs';\n${code}`);
  const { stdout } = await promisify(execFile)(process.execPath, [file], { timeout: 15_000 });
  return stdout;
}

describe('progressBar without cli-progress', () => {
  it('progressBar throws on a terminal, and says what to install', async () => {
    const printed = await output(`
      const stream = { isTTY: true, write() {} };
      try { progressBar({ stream }); } catch (error) { console.log(error.message, error.cause.code); }
    `);
    expect(printed).toBe(
      'progressBar(): a bar on a terminal needs the package "cli-progress", which is not installed. Run: npm install cli-progress MODULE_NOT_FOUND\n',
    );
  });

  it('progressBar writes plain lines without cli-progress', async () => {
    const printed = await output(`
      of({ status: 'fulfilled' }).pipe(progressBar({ stream: process.stdout })).subscribe();
    `);
    expect(printed).toMatch(/^1 done {2}in \d+ ms\n$/);
  });
});
