/**
 * The short scripts of scripts/ that the current Node can run. They end with exit code 0, or print
 * what failed.
 */
import { describe, expect, it } from 'vitest';
import { runProgram } from '../support/run-program.js';

const script = (name: string) => new URL(`../../scripts/${name}.mjs`, import.meta.url);

describe.each([
  ['node --watch', 'test-watch-mode'],
  ["Node's permission model", 'test-permission'],
])('under %s', (_, name) => {
  it('an executor works on threads and on child processes', async () => {
    const { code, lines, stderr } = await runProgram(script(name), { hangsAfter: 120_000 });
    expect([lines.filter((line) => !line.startsWith('ok ')).at(-1), stderr, code]).toEqual([
      expect.stringMatching(/: ok$/),
      '',
      0,
    ]);
  }, 130_000);
});
