/**
 * Runs each numbered example in a separate process, as a reader does. The example must print
 * exactly the text of its `// Output:` block.
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

/** Node 22 prints it for node:sqlite. */
const SQLITE_WARNING = /^\(node:\d+\) ExperimentalWarning: SQLite .*\n\(Use .*\n/m;

/** Runs two examples at a time, because some of them measure time. */
const runs = from(examples).pipe(
  mergeMap(async (example) => ({ example, ...(await run(example)) }) satisfies Run, 2),
  shareReplay(),
);

describe('examples', () => {
  test.each(examples.filter((example) => !onQueues.includes(example)))(
    '%s prints the text of its Output block',
    printsItsOutput,
    60_000,
  );

  test.each(examples)('%s starts with the idea that it shows, and with the same in Python', (example) => {
    const header = /^\/\*\*\n \* (?<idea>[\s\S]*?)\*\//.exec(sourceOf(example))?.groups?.['idea'];
    expect(header).toMatch(/^This example \w+/);
    expect(header).toContain("Python's concurrent.futures");
  });

  test('the table in the README names every example', () => {
    const readme = readFileSync(`${folder}README.md`, 'utf8');
    expect(examples.filter((example) => !readme.includes(`npx tsx examples/${example}\``))).toEqual([]);
  });
});

describeWithRedis('examples over a queue', () => {
  test.each(onQueues)('%s prints the text of its Output block', printsItsOutput, 60_000);
});

async function printsItsOutput(example: string): Promise<void> {
  const { stdout, stderr, exitCode } = await firstValueFrom(runs.pipe(filter((done) => done.example === example)));
  expect({ stderr: stderr.replace(SQLITE_WARNING, ''), exitCode }).toEqual({ stderr: '', exitCode: 0 });
  expect(withoutFigures(stdout, outputOf(example))).toBe(outputOf(example));
}

function sourceOf(example: string): string {
  return readFileSync(folder + example, 'utf8');
}

/** Returns the comment after `// Output:`, which ends the file. */
function outputOf(example: string): string {
  const [, block] = sourceOf(example).split('\n// Output:\n');
  if (block === undefined) throw new Error(`${example} has no "// Output:" block`);
  return block.replace(/^\/\/ ?/gm, '');
}

/**
 * Replaces figures that differ from run to run by `<time>`, `<MB>` or `<ms>`, if `expected` has
 * them.
 */
function withoutFigures(stdout: string, expected: string): string {
  const expectedLines = expected.split('\n');
  const lines = stdout.split('\n').map((line, i) => {
    if (expectedLines[i]?.includes('<time>')) return line.replace(/\d+(\.\d)? m?s\b/, '<time>');
    if (expectedLines[i]?.includes('<MB>')) return line.replace(/\d+(?= MB\b)/g, '<MB>');
    return expectedLines[i]?.includes('<ms>') ? line.replace(/\d+(?= ms\b)/, '<ms>') : line;
  });
  return lines.join('\n');
}

/** Runs an example like `npx tsx`, but without the extra process of tsx. */
function run(example: string): Promise<Omit<Run, 'example'>> {
  const args = ['--import', 'tsx', `examples/${example}`];
  return new Promise((resolve) => {
    execFile(process.execPath, args, { cwd: root, timeout: 50_000 }, (error, stdout, stderr) =>
      resolve({ stdout, stderr, exitCode: error?.code ?? error?.signal ?? 0 }),
    );
  });
}
