/**
 * The final screen of real processes that end while their bars run, with other output in between.
 */
import { spawn } from 'node:child_process';
import { closeSync, mkdtempSync, openSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, describe, expect, it } from 'vitest';
import { FakeTerminal } from '../support/fake-terminal.js';

const folder = mkdtempSync(path.join(tmpdir(), 'rx-futures-bars-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** Runs a program. Both of its output streams write to one file, as they would to one terminal. */
async function run(what: string): Promise<{ code: number | null; screen: string[]; column: number }> {
  const file = path.join(folder, what);
  const output = openSync(file, 'a');
  const program = fileURLToPath(new URL('../fixtures/programs/bar.js', import.meta.url));
  const child = spawn(process.execPath, [program, what], {
    stdio: ['ignore', output, output],
    timeout: 15_000,
  });
  const code = await new Promise<number | null>((resolve, reject) => child.on('error', reject).on('close', resolve));
  closeSync(output);
  const terminal = new FakeTerminal({ columns: 200 });
  terminal.show(readFileSync(file, 'utf8'));
  const screen = terminal.screen.map((line) => line.replace(/[█░]+ +/, '').replace(/\d+ ms$/, '<ms>'));
  return { code, screen, column: terminal.cursor.column };
}

const stopped = ['a  50%  1/2  stopped after <ms>', 'b  50%  1/2  stopped after <ms>'];
const completed = ['a  100%  2/2  in <ms>', 'b  100%  2/2  in <ms>'];

describe('two bars, on stdout and stderr of one terminal', () => {
  it('output to stdout or stderr scrolls above the bars', async () => {
    expect(await run('logs')).toEqual({ code: 0, screen: ['to stdout', 'to stderr', ...completed, ''], column: 0 });
  });

  it('a warning that Node prints without the streams is above the bars', async () => {
    const { code, screen } = await run('warns');
    expect(code).toBe(0);
    expect(screen[0]).toMatch(/^\(node:\d+\) \[GAP\] Warning: mind the gap$/);
    expect(screen.slice(-3)).toEqual([...completed, '']);
  });

  it.each(['throws', 'rejects'])(
    'the bars end before the error that ends the process is printed, if the program %s',
    async (what) => {
      const { code, screen, column } = await run(what);
      expect({ code, column }).toEqual({ code: 1, column: 0 });
      expect(screen.slice(0, 2)).toEqual(stopped);
      expect(screen[2]).toContain('bar.js:');
      expect(screen.join('\n')).toMatch(/^RangeError: (thrown|rejected) in mid-bar$/m);
    },
  );

  it('the bars end with process.exit', async () => {
    expect(await run('exits')).toEqual({ code: 3, screen: [...stopped, ''], column: 0 });
  });

  it('the bars end with a process that has nothing else to do', async () => {
    expect(await run('ends')).toEqual({ code: 0, screen: [...stopped, ''], column: 0 });
  });
});
