/**
 * scripts/build.mjs builds once for the same sources. The tests use a small copy of the repository,
 * in which a stand-in replaces tsup.
 */
import { execFileSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';

let home = '';
const write = (file: string, text: string) => {
  mkdirSync(path.dirname(path.join(home, file)), { recursive: true });
  writeFileSync(path.join(home, file), text);
};

/** Each build adds a line to dist/log.txt. A quick build passes more arguments. */
const builder =
  "import { appendFileSync, mkdirSync } from 'node:fs'; mkdirSync('dist', { recursive: true });\n" +
  "appendFileSync('dist/log.txt', process.argv.length > 2 ? 'quick ' : 'whole ');\n";

beforeEach(() => {
  home = mkdtempSync(path.join(tmpdir(), 'rx-futures-build-'));
  mkdirSync(path.join(home, 'scripts'));
  cpSync(fileURLToPath(new URL('../../scripts/build.mjs', import.meta.url)), path.join(home, 'scripts/build.mjs'));
  write('package.json', '{ "type": "module" }');
  write('src/index.ts', 'export {};\n');
  write('scripts/build-commonjs.mjs', '');
  write('scripts/build-web.mjs', '');
  write('scripts/build-dashboard.mjs', '');
  write('node_modules/tsup/package.json', '{ "type": "module" }');
  write('node_modules/tsup/dist/cli-default.js', builder);
});

afterEach(() => rmSync(home, { recursive: true, force: true }));

/** Runs the script once for each set of arguments. Returns the builds so far. */
function builds(...runs: string[]): string {
  const script = path.join(home, 'scripts/build.mjs');
  for (const args of runs) execFileSync(process.execPath, [script, ...args.split(' ').filter(Boolean)], { cwd: home });
  return readFileSync(path.join(home, 'dist/log.txt'), 'utf8').trim();
}

describe('scripts/build.mjs', () => {
  it('the script builds once for the same sources', () => {
    expect(builds('', '', '')).toBe('whole');
  });

  it('a whole build serves as a quick one, and a quick build does not serve as a whole one', () => {
    expect(builds('--quick', '--quick', '', '--quick')).toBe('quick whole');
  });

  it('the script builds again after a source was changed, added or removed', () => {
    expect(builds('')).toBe('whole');
    write('src/index.ts', 'export const changed = 1;\n');
    expect(builds('', '')).toBe('whole whole');
    write('src/more.ts', 'export {};\n');
    expect(builds('', '')).toBe('whole whole whole');
    rmSync(path.join(home, 'src/more.ts'));
    expect(builds('', '')).toBe('whole whole whole whole');
  });

  it('the script builds again if a file in dist was changed or removed', () => {
    builds('');
    write('dist/index.js', 'another build\n');
    expect(builds('', '')).toBe('whole whole');
    rmSync(path.join(home, 'dist'), { recursive: true });
    expect(builds('', '')).toBe('whole');
  });

  it('--force builds in any case', () => {
    expect(builds('', '--force')).toBe('whole whole');
  });

  it('a build leaves one note, which other builds replace', () => {
    builds('', '--force');
    expect(readdirSync(path.join(home, '.cache'))).toEqual(['build.json']);
  });
});
