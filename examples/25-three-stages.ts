/**
 * This example counts words in a large file of JSON lines. It has three stages, each a task: read
 * lines, parse them, count words. The text is the README and CHANGELOG files of all packages in
 * node_modules, repeated.
 *
 * Python's concurrent.futures: a future has one result, so stages need queues of multiprocessing,
 * and each queue its own limit and its own end.
 *
 * Here a stream of one task is an argument of the next one. Values flow from worker to worker, and
 * no stage is far ahead of the next one, so memory stays flat.
 */
import { createWriteStream, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { Executor, through } from 'rx-futures';
import * as stages from './25-three-stages.tasks.js';

const MEGABYTES = 20;

const directory = mkdtempSync(path.join(tmpdir(), 'three-stages-'));
const file = path.join(directory, 'texts.ndjson');
await writeTexts(file);

await using executor = new Executor<typeof import('./25-three-stages.tasks.js')>({
  tasks: new URL('./25-three-stages.tasks.js', import.meta.url),
});
const { pieces, words, frequent } = executor.tasks;

const { total, word } = await frequent(words.stream(pieces.stream(file)));
console.log('words:', total > 1_000_000 ? 'more than a million' : total);

// The same functions are a program for one thread.
const alone = await stages.frequent(stages.words(stages.pieces(file)));
console.log('the same on one thread:', alone.total === total && alone.word === word);

// The same stages as operators. The reader leaves after the first batch, and the file is closed.
for await (const batch of pieces.stream(file).pipe(through(words))) {
  console.log('the first batch has words:', batch.length > 0);
  break;
}
rmSync(directory, { recursive: true });

async function writeTexts(to: string): Promise<void> {
  const packages = new URL('../node_modules/', import.meta.url);
  const names = readdirSync(packages, { recursive: true, encoding: 'utf8' });
  const texts = names.filter((name) => /(^|[\\/])(README|CHANGELOG)\.md$/i.test(name));
  const output = createWriteStream(to);
  for (let bytes = 0; bytes < MEGABYTES * 1e6; ) {
    for (const name of texts) {
      for (const text of readFileSync(new URL(name, packages), 'utf8').split('\n\n')) {
        const line = `${JSON.stringify({ name, text })}\n`;
        bytes += line.length;
        if (!output.write(line)) await new Promise<void>((resolve) => output.once('drain', () => resolve()));
      }
      if (bytes >= MEGABYTES * 1e6) break;
    }
  }
  await new Promise<void>((resolve) => output.end(resolve));
}

// Output:
// words: more than a million
// the same on one thread: true
// the first batch has words: true
