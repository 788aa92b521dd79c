// @ts-check
/**
 * One contender in a process of its own: opens it, warms it up, then does a round each time the parent asks. Plain JavaScript in
 * plain Node, so that no loader stands between a contender and the engine.
 *
 *     node --expose-gc child.mjs <url of the row> <contender> <warm-up count> <warm-up rounds>
 */

const [url, name, warmUpCount, warmUpRounds] = process.argv.slice(2);

try {
  const { default: row } = await import(/** @type {string} */ (url));
  const measure = await row.contenders[/** @type {string} */ (name)].open();
  for (let i = 0; i < Number(warmUpRounds); i++) await measure(Number(warmUpCount));
  process.on('message', async (/** @type {{ count: number }} */ { count }) => {
    try {
      // Each round begins with a clean heap: nobody pays for the garbage of the round before.
      globalThis.gc?.();
      tell({ type: 'sample', sample: await measure(count) });
    } catch (error) {
      fail(error);
    }
  });
  tell({ type: 'ready' });
} catch (error) {
  fail(error);
}

/** @param {import('./contender.js').FromChild} message */
function tell(message) {
  process.send?.(message);
}

/** @param {unknown} error */
function fail(error) {
  tell({ type: 'failed', reason: error instanceof Error ? `${error.name}: ${error.message}` : String(error) });
}
