import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { moduleUrl } from '../../src/platform/task-module.js';

describe('moduleUrl()', () => {
  let folder: string;

  beforeAll(() => {
    folder = mkdtempSync(path.join(tmpdir(), 'task-module-'));
    for (const file of ['built.js', 'built.ts', 'source.ts', 'module.mts', 'common.cts'])
      writeFileSync(path.join(folder, file), '');
  });

  afterAll(() => rmSync(folder, { recursive: true }));

  const urlOf = (file: string) => pathToFileURL(path.join(folder, file));

  it('a URL, its text and a path name the same module', () => {
    const url = urlOf('built.js');
    expect([url, url.href, path.join(folder, 'built.js')].map(moduleUrl)).toEqual([url.href, url.href, url.href]);
  });

  it('a relative path starts at the working directory', () => {
    expect(moduleUrl('./no-such-file.js')).toBe(pathToFileURL(path.resolve('no-such-file.js')).href);
  });

  it.each([
    ['source.js', 'source.ts'],
    ['module.mjs', 'module.mts'],
    ['common.cjs', 'common.cts'],
  ])('%s is %s if only that file exists', (named, found) => {
    expect(moduleUrl(urlOf(named))).toBe(urlOf(found).href);
  });

  it('a file that exists is preferred to its source, and a missing one keeps its name', () => {
    expect(moduleUrl(urlOf('built.js'))).toBe(urlOf('built.js').href);
    expect(moduleUrl(urlOf('missing.js'))).toBe(urlOf('missing.js').href);
  });

  it('a module that is not a file keeps its URL', () => {
    expect(moduleUrl('data:text/javascript,export{}')).toBe('data:text/javascript,export{}');
  });
});
