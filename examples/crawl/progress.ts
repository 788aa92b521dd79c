/** Shows how far the crawl is: a bar on a terminal, lines elsewhere; on stderr, so that stdout is the summary alone. */
import { Presets, SingleBar } from 'cli-progress';
import type { Outcome } from 'rx-futures';

/** Passes the outcomes on as they come, and clears the bar however the reader leaves: at the end, early, by a throw. */
export async function* showProgress<T>(outcomes: AsyncIterable<Outcome<T>>, total: number): AsyncGenerator<Outcome<T>> {
  const view = process.stderr.isTTY ? bar(total) : lines(total);
  let failed = 0;
  let done = 0;
  try {
    for await (const outcome of outcomes) {
      if (outcome.status === 'rejected') failed++;
      // What was cancelled is neither done nor failed: after Ctrl-C the count stands still.
      if (outcome.status !== 'cancelled') view.update(++done, failed);
      yield outcome;
    }
  } finally {
    view.stop();
  }
}

interface View {
  update(done: number, failed: number): void;
  stop(): void;
}

function bar(total: number): View {
  const format = '{bar} {percentage}%  {value} of {total}, {failed} failed  {duration_formatted}';
  // Ctrl-C is the crawl's to handle (gracefulExit: false): its outcomes end, and so does the bar.
  const view = new SingleBar(
    { format, barsize: 30, clearOnComplete: true, gracefulExit: false },
    Presets.shades_classic,
  );
  view.start(total, 0, { failed: 0 });
  return {
    update: (done, failed) => view.update(done, { failed }),
    stop: () => view.stop(),
  };
}

/** A line for each tenth of the way: few enough for a log file. */
function lines(total: number): View {
  const started = performance.now();
  let tenths = 0;
  return {
    update(done, failed) {
      const reached = Math.floor((done / total) * 10);
      if (reached === tenths) return;
      tenths = reached;
      const percent = `${Math.floor((done / total) * 100)}%`.padStart(4);
      const seconds = ((performance.now() - started) / 1000).toFixed(1);
      process.stderr.write(`${percent}  ${done} of ${total}, ${failed} failed  ${seconds} s\n`);
    },
    stop() {},
  };
}
