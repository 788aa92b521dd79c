// @ts-check
/** Opens objects on two workers with Comlink, and returns a function for each of them. */
import { Worker } from 'node:worker_threads';

/**
 * @param {number} count
 * @returns {Promise<((value: number) => Promise<number>)[]>}
 */
export async function openComlinkEchoes(count) {
  const Comlink = await import('comlink/dist/esm/comlink.mjs');
  const { default: nodeEndpoint } = await import('comlink/dist/esm/node-adapter.mjs');
  const classes = [1, 2].map(() => {
    const worker = new Worker(new URL('../work/comlink-objects.mjs', import.meta.url));
    return /** @type {import('comlink').Remote<typeof import('../work/tasks.mjs').Echo>} */ (
      Comlink.wrap(nodeEndpoint(worker))
    );
  });
  const objects = await Promise.all(
    Array.from({ length: count }, (_, i) => new /** @type {(typeof classes)[0]} */ (classes[i % 2])()),
  );
  return objects.map((object) => (/** @type {number} */ value) => object.echo(value));
}
