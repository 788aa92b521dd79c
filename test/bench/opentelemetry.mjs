// @ts-check
/**
 * Measures what spans, metrics and a recorded trace cost: a burst of 20,000 no-ops, each future
 * subscribed. An executor without them, one with `instrument()` and one with `recordTrace()` take
 * turns within one process.
 *
 *     npm run bench:opentelemetry              40 rounds of each
 *     npm run bench:opentelemetry -- 10        10 rounds of each
 *     npm run bench:opentelemetry -- --quick   2 rounds of each, to see that the program works
 *
 * The provider is the SDK of OpenTelemetry. Its processor drops each span, so that no exporter is
 * measured.
 */
import { context, propagation } from '@opentelemetry/api';
import { AsyncLocalStorageContextManager } from '@opentelemetry/context-async-hooks';
import { W3CTraceContextPropagator } from '@opentelemetry/core';
import {
  AggregationTemporality,
  InMemoryMetricExporter,
  MeterProvider,
  PeriodicExportingMetricReader,
} from '@opentelemetry/sdk-metrics';
import { BasicTracerProvider } from '@opentelemetry/sdk-trace-base';
import { instrument } from 'rx-futures/opentelemetry';
import { recordTrace } from 'rx-futures/trace';
import { openOurs } from './peers/ours.mjs';

const COUNT = 20_000;
const WARM_UP = 3;

const isQuick = process.argv.includes('--quick');
const rounds = isQuick ? 2 : Number(process.argv.slice(2).find((argument) => /^\d+$/.test(argument)) ?? 40);

context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable());
propagation.setGlobalPropagator(new W3CTraceContextPropagator());
const tracerProvider = new BasicTracerProvider({
  spanProcessors: [{ onStart() {}, onEnd() {}, forceFlush: async () => {}, shutdown: async () => {} }],
});
const meterProvider = new MeterProvider({
  readers: [
    new PeriodicExportingMetricReader({
      exporter: new InMemoryMetricExporter(AggregationTemporality.CUMULATIVE),
      // Longer than the benchmark, so that no round has a collection.
      exportIntervalMillis: 3_600_000,
    }),
  ],
});

const executor = await openOurs();
const { noop } = executor.tasks;

/**
 * Prepares a turn. Each function returns another one, which ends the turn.
 *
 * @type {Record<string, () => () => void>}
 */
const turns = {
  nothing: () => () => {},
  'instrument()': () => instrument(executor, { tracerProvider, meterProvider }),
  'recordTrace()': () => {
    const recording = recordTrace(executor);
    return () => recording.stop();
  },
};

const names = Object.keys(turns);
/** @type {Record<string, number[]>} */
const times = Object.fromEntries(names.map((name) => [name, []]));
for (let i = 0; i < (isQuick ? 1 : WARM_UP); i++) for (const name of names) await turn(name);
for (let i = 0; i < rounds; i++) {
  // Each round starts with another one, so that a trend of the machine is in all of them.
  for (const [j] of names.entries()) {
    const name = /** @type {string} */ (names[(i + j) % names.length]);
    times[name]?.push(await turn(name));
  }
}
await executor.shutdown();
await meterProvider.shutdown();

const base = median(times['nothing']);
console.log(`A burst of ${COUNT.toLocaleString('en')} no-ops, medians of ${rounds} rounds:`);
for (const name of names) {
  const ms = median(times[name]);
  console.log(
    `${name.padEnd(14)} ${ms.toFixed(1).padStart(7)} ms   ratio ${(ms / base).toFixed(2)}   ${(((ms - base) / COUNT) * 1_000).toFixed(2)} us more for each task`,
  );
}

/** @param {string} name @returns {Promise<number>} ms */
async function turn(name) {
  const end = /** @type {() => () => void} */ (turns[name])();
  globalThis.gc?.();
  const start = performance.now();
  await new Promise((resolve, reject) => {
    let left = COUNT;
    const observer = { next: () => --left === 0 && resolve(undefined), error: reject };
    for (let i = 0; i < COUNT; i++) noop(i).subscribe(observer);
  });
  const ms = performance.now() - start;
  end();
  return ms;
}

/** @param {readonly number[]} values */
function median(values = []) {
  const sorted = values.toSorted((a, b) => a - b);
  return /** @type {number} */ (sorted[sorted.length >> 1]);
}
