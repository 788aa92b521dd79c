/**
 * This example avoids copies of large data: steps run back to back, and buffers are transferred.
 *
 * Python's concurrent.futures: in a pool of processes, each stage of a chain pickles its argument
 * and its result. Chains are therefore recommended for small data only.
 *
 * Here the steps of a `pipeline`, or of one `pipe(chain(…), chain(…))`, run back to back on one
 * worker. The values between the steps stay on its thread.
 */
import { chain, Executor, type Future, pipeline, transfer } from 'rx-futures';

await using executor = new Executor<typeof import('./12-pipeline-and-transfer.tasks.js')>({
  tasks: new URL('./12-pipeline-and-transfer.tasks.js', import.meta.url),
  maxWorkers: 1,
});
const { fetchText, parse, count, invert } = executor.tasks;

const points = 18_000; // about 0.8 MB of JSON

/** Sends each value to this thread and back to the worker. */
async function threeHops(): Promise<number> {
  const text = await fetchText(points);
  return count(await parse(text));
}

/** Makes one task of three. All of them run on the worker of the first. */
const allInOne = pipeline(fetchText, parse, count);

/**
 * The same steps as a chain, built in the tick of the call. The text is also sent to the main
 * thread, because its future may still be used.
 */
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

// Binary data is transferred to the worker and back. The main thread can't read it after the call.
const image = new Uint8Array(4_000_000);
const inverting = invert(transfer(image));
console.log('left on this thread:', image.byteLength, 'bytes');
const inverted = await inverting;
console.log('received:', inverted.byteLength, 'bytes, the first is', inverted[0]);

/** Returns the time of the fastest of five runs in ms. */
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
// left on this thread: 0 bytes
// received: 4000000 bytes, the first is 255
