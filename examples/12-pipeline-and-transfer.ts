/**
 * Large data stays where it is: steps that run back to back, and memory that moves instead of being copied.
 *
 * Python's concurrent.futures: in a pool of processes each stage of a chain pickles its argument and its result, on
 * the way there and on the way back, so chaining is advised for small data only. Here the steps of a `pipeline`, or of
 * one `pipe(chain(…), chain(…))`, run back to back on one worker, and what they hand on to each other crosses no
 * thread.
 */
import { chain, Executor, type Future, pipeline, transfer } from 'rx-futures';

await using executor = new Executor<typeof import('./12-pipeline-and-transfer.tasks.js')>({
  tasks: new URL('./12-pipeline-and-transfer.tasks.js', import.meta.url),
  maxWorkers: 1,
});
const { fetchText, parse, count, invert } = executor.tasks;

const points = 18_000; // some 0.8 MB of JSON

/** Each value comes to this thread and goes back. */
async function threeHops(): Promise<number> {
  const text = await fetchText(points);
  return count(await parse(text));
}

/** One task made of three: they run where the first one runs. */
const allInOne = pipeline(fetchText, parse, count);

/** The same as a chain, made in the tick of the call. A copy of the text comes home too: its future may be held. */
function oneChain(): Future<number> {
  return fetchText(points).pipe(chain(parse), chain(count));
}

const hops = await timed(threeHops);
const piped = await timed(() => allInOne(points));
const chained = await timed(oneChain);
console.log(`three hops: ${await threeHops()} points in ${hops} ms`);
console.log(`pipeline:   ${await allInOne(points)} points in ${piped} ms`);
console.log(`one chain:  ${await oneChain()} points in ${chained} ms`);
console.log('back to back is faster:', piped < hops && chained < hops);

// Binary data moves there and back. From the moment of the call this side has it no more.
const image = new Uint8Array(4_000_000);
const inverting = invert(transfer(image));
console.log('left here:', image.byteLength, 'bytes');
const inverted = await inverting;
console.log('came back:', inverted.byteLength, 'bytes, the first is', inverted[0]);

/** ms that the best of five runs takes. */
async function timed(run: () => PromiseLike<unknown>): Promise<number> {
  let best = Number.POSITIVE_INFINITY;
  for (let i = 0; i < 5; i++) {
    const start = performance.now();
    await run();
    best = Math.min(best, performance.now() - start);
  }
  return Math.round(best);
}

// Output:
// three hops: 18000 points in <ms> ms
// pipeline:   18000 points in <ms> ms
// one chain:  18000 points in <ms> ms
// back to back is faster: true
// left here: 0 bytes
// came back: 4000000 bytes, the first is 255
