import {
  AggregationTemporality,
  InMemoryMetricExporter,
  MeterProvider,
  PeriodicExportingMetricReader,
} from '@opentelemetry/sdk-metrics';
import { Executor } from 'rx-futures';
import { instrument } from 'rx-futures/opentelemetry';
import { inlineBackend } from 'rx-futures/testing';
import { expect, it, onTestFinished } from 'vitest';
import { currentTask } from '../../src/worker.js';
import { until } from '../support/until.js';
import { untilCancelled } from './open.js';

const module = {
  double: (n: number) => n * 2,
  failOnce: () => {
    if (currentTask().attempt === 1) throw new TypeError('busy');
  },
  never: untilCancelled,
};

function open() {
  const exporter = new InMemoryMetricExporter(AggregationTemporality.CUMULATIVE);
  const reader = new PeriodicExportingMetricReader({ exporter, exportIntervalMillis: 2 ** 30 });
  const meterProvider = new MeterProvider({ readers: [reader] });
  onTestFinished(() => meterProvider.shutdown());
  const executor = new Executor<typeof module>({ name: 'crew', backend: inlineBackend({ module: () => module }) });
  const undo = instrument(executor, { meterProvider });
  /** Collects, and returns `[attributes of interest, value or count]` of each point of a metric. */
  const read = async (name: string, ...keys: string[]) => {
    exporter.reset();
    await meterProvider.forceFlush();
    const all = exporter.getMetrics().flatMap(({ scopeMetrics }) => scopeMetrics.flatMap(({ metrics }) => metrics));
    const metric = all.findLast(({ descriptor }) => descriptor.name === name);
    return (metric?.dataPoints ?? []).map(({ attributes, value }) => [
      ...keys.map((key) => attributes[key]),
      typeof value === 'number' ? value : value.count,
    ]);
  };
  return { executor, tasks: executor.tasks, read, undo };
}

it('tasks are counted by their name and status, and retries are counted', async () => {
  const { tasks, read } = open();
  await tasks.double(1);
  await tasks.double(2);
  await tasks.failOnce.with({ retry: 1 })();
  await tasks.failOnce().settled();
  tasks.never().cancel();
  expect(await read('rx_futures.task.completed', 'code.function.name', 'rx_futures.task.status', 'error.type')).toEqual(
    [
      ['double', 'fulfilled', undefined, 2],
      ['failOnce', 'fulfilled', undefined, 1],
      ['failOnce', 'rejected', 'TypeError', 1],
      ['never', 'cancelled', undefined, 1],
    ],
  );
  expect(await read('rx_futures.task.retried', 'code.function.name')).toEqual([['failOnce', 1]]);
});

it('each run has a time, and each task that started has waited once', async () => {
  const { tasks, read } = open();
  await tasks.failOnce.with({ retry: 1 })();
  expect(await read('rx_futures.task.run.duration', 'rx_futures.task.status')).toEqual([
    ['retried', 1],
    ['fulfilled', 1],
  ]);
  expect(await read('rx_futures.task.wait.duration', 'rx_futures.executor.name')).toEqual([['crew', 1]]);
});

it('gauges show the pending tasks, the workers and their utilization at the moment of the collection', async () => {
  const { executor, tasks, read } = open();
  await tasks.double(1);
  const future = tasks.never();
  await until(() => executor.stats().running === 1);
  expect(await read('rx_futures.task.pending', 'rx_futures.task.state')).toEqual([
    ['queued', 0],
    ['running', 1],
    ['waiting', 0],
  ]);
  expect(await read('rx_futures.worker.count', 'rx_futures.worker.state')).toEqual([
    ['starting', 0],
    ['idle', 0],
    ['busy', 1],
    ['leaving', 0],
  ]);
  expect(await read('rx_futures.executor.utilization')).toEqual([[expect.any(Number)]]);
  future.cancel();
});

it('the metrics end with the executor, or with the call of the returned function', async () => {
  const { executor, tasks, read, undo } = open();
  await tasks.double(1);
  undo();
  await tasks.double(1);
  expect(await read('rx_futures.task.completed')).toEqual([[1]]);
  expect(await read('rx_futures.worker.count')).toEqual([]);
  const other = open();
  await other.executor.shutdown();
  expect(await other.read('rx_futures.worker.count')).toEqual([]);
  await executor.shutdown();
});
