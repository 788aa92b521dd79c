/**
 * Each numbered example is run as a reader runs it, in a process of its own, and must print exactly what it promises
 * in its `// Output:` block.
 */
import { execFile } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { filter, firstValueFrom, from, mergeMap, shareReplay } from 'rxjs';
import { describe, expect, test } from 'vitest';
import { describeWithRedis } from '../support/redis.js';

const root = fileURLToPath(new URL('../../', import.meta.url));
const folder = fileURLToPath(new URL('../../examples/', import.meta.url));
const examples = readdirSync(folder).filter((file) => /^\d\d-[a-z-]+\.ts$/.test(file));
const onQueues = examples.filter((example) => sourceOf(example).includes('rx-futures/bullmq'));

interface Run {
  readonly example: string;
  readonly stdout: string;
  readonly stderr: string;
  readonly exitCode: number | string;
}

/** Two at a time: some of them look at the clock. */
const runs = from(examples).pipe(
  mergeMap(async (example) => ({ example, ...(await run(example)) }) satisfies Run, 2),
  shareReplay(),
);

describe('examples', () => {
  test.each(examples.filter((example) => !onQueues.includes(example)))(
    '%s prints what it promises',
    keepsItsWord,
    60_000,
  );

  test.each(examples)('%s begins by saying what it shows and what Python does', (example) => {
    const header = /^\/\*\*\n \* (?<idea>[\s\S]*?)\*\//.exec(sourceOf(example));
    expect(header?.groups?.['idea']).toContain("Python's concurrent.futures");
  });

  test('the table in the README names every example', () => {
    const readme = readFileSync(`${folder}README.md`, 'utf8');
    expect(examples.filter((example) => !readme.includes(`npx tsx examples/${example}\``))).toEqual([]);
  });
});

describeWithRedis('examples over a queue', () => {
  test.each(onQueues)('%s prints what it promises', keepsItsWord, 60_000);
});

async function keepsItsWord(example: string): Promise<void> {
  const { stdout, stderr, exitCode } = await firstValueFrom(runs.pipe(filter((done) => done.example === example)));
  expect({ stderr, exitCode }).toEqual({ stderr: '', exitCode: 0 });
  expect(withoutFigures(stdout, promisedBy(example))).toBe(promisedBy(example));
}

function sourceOf(example: string): string {
  return readFileSync(folder + example, 'utf8');
}

/** The comment after `// Output:`, which is the last thing in the file. */
function promisedBy(example: string): string {
  const [, block] = sourceOf(example).split('\n// Output:\n');
  if (block === undefined) throw new Error(`${example} has no "// Output:" block`);
  return block.replace(/^\/\/ ?/gm, '');
}

/** Puts `<ms>` and `<MB>` where the promise has them, and `<time>` for a duration: all that may differ from run to run. */
function withoutFigures(stdout: string, promised: string): string {
  const promises = promised.split('\n');
  const lines = stdout.split('\n').map((line, i) => {
    if (promises[i]?.includes('<time>')) return line.replace(/\d+(\.\d)? m?s\b/, '<time>');
    if (promises[i]?.includes('<MB>')) return line.replace(/\d+(?= MB\b)/g, '<MB>');
    return promises[i]?.includes('<ms>') ? line.replace(/\d+(?= ms\b)/, '<ms>') : line;
  });
  return lines.join('\n');
}

/** As `npx tsx` does, less the process that it puts in front. */
function run(example: string): Promise<Omit<Run, 'example'>> {
  const args = ['--import', 'tsx', `examples/${example}`];
  return new Promise((resolve) => {
    execFile(process.execPath, args, { cwd: root, timeout: 50_000 }, (error, stdout, stderr) =>
      resolve({ stdout, stderr, exitCode: error?.code ?? error?.signal ?? 0 }),
    );
  });
}
