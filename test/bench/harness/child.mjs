// @ts-check
/**
 * The process of one contender. Opens the contender, warms it up, and runs a round for each message
 * of the parent. It is plain JavaScript in plain Node, so that no loader changes the figures.
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
      // Each round starts with a clean heap, so that it does not pay for garbage of the round
      // before.
      collectGarbage();
      send({ type: 'sample', sample: await measure(count) });
    } catch (error) {
      fail(error);
    }
  });
  send({ type: 'ready' });
} catch (error) {
  fail(error);
}

/** Node has it with --expose-gc. Bun has one of its own. */
function collectGarbage() {
  const { Bun, gc } = /** @type {{ Bun?: { gc(isSync: boolean): void }, gc?: () => void }} */ (globalThis);
  if (Bun === undefined) gc?.();
  else Bun.gc(true);
}

/** @param {import('./contender.js').FromChild} message */
function send(message) {
  process.send?.(message);
}

/** @param {unknown} error */
function fail(error) {
  send({ type: 'failed', reason: error instanceof Error ? `${error.name}: ${error.message}` : String(error) });
}
