/** Metrics of an executor: counters and times from its events, and gauges from its statistics. */
import type { BatchObservableResult, Meter } from '@opentelemetry/api';
import type { ExecutorEvent } from '../engine/observe/events.js';
import type { ExecutorStats } from '../engine/observe/stats.js';
import * as name from './names.js';

/**
 * Bounds of the buckets in seconds. They start at 100 us, because many tasks are shorter than the
 * shortest default of 5 ms.
 */
const SECONDS = [0.0001, 0.0005, 0.001, 0.005, 0.01, 0.05, 0.1, 0.5, 1, 5, 10, 60];

const MS_PER_SECOND = 1_000;

/**
 * Starts to measure an executor.
 *
 * @returns `record` receives the events of the executor, and `stop` removes the gauges
 */
export function measure(
  meter: Meter,
  executor: string,
  stats: () => ExecutorStats,
): { record: (event: ExecutorEvent) => void; stop: () => void } {
  const seconds = (description: string) => ({ description, unit: 's', advice: { explicitBucketBoundaries: SECONDS } });
  const completed = meter.createCounter('rx_futures.task.completed', {
    description: 'Number of tasks that have settled.',
    unit: '{task}',
  });
  const retried = meter.createCounter('rx_futures.task.retried', {
    description: 'Number of runs that failed and were followed by another run.',
    unit: '{run}',
  });
  const wait = meter.createHistogram(
    'rx_futures.task.wait.duration',
    seconds('Time from the submit of a task to its first start on a worker.'),
  );
  const run = meter.createHistogram('rx_futures.task.run.duration', seconds('Time of a run on its worker.'));

  const record = (event: ExecutorEvent): void => {
    if (event.type === 'task-started') {
      if (event.attempt === 1 && event.waited !== undefined) wait.record(event.waited / MS_PER_SECOND, of(event.name));
    } else if (event.type === 'task-retried') {
      retried.add(1, of(event.name));
      const attributes = { ...of(event.name), [name.TASK_STATUS]: 'retried', ...typed(event.error) };
      if (event.ran !== undefined) run.record(event.ran / MS_PER_SECOND, attributes);
    } else if (event.type === 'task-settled') {
      const attributes = { ...of(event.name), [name.TASK_STATUS]: event.status, ...typed(event.error) };
      completed.add(1, attributes);
      if (event.ran !== undefined) run.record(event.ran / MS_PER_SECOND, attributes);
    }
  };
  const of = (task: string) => ({ [name.EXECUTOR]: executor, [name.FUNCTION]: task });
  return { record, stop: observe(meter, executor, stats) };
}

function typed(error: unknown) {
  return error === undefined ? {} : { [name.ERROR_TYPE]: name.typeOf(error) };
}

/** Adds the gauges, which read the statistics at each collection. Returns their removal. */
function observe(meter: Meter, executor: string, stats: () => ExecutorStats): () => void {
  const tasks = meter.createObservableUpDownCounter('rx_futures.task.pending', {
    description: 'Number of tasks that have not settled.',
    unit: '{task}',
  });
  const workers = meter.createObservableUpDownCounter('rx_futures.worker.count', {
    description: 'Number of workers.',
    unit: '{worker}',
  });
  const utilization = meter.createObservableGauge('rx_futures.executor.utilization', {
    description: 'Share of the time of the workers in which they had a task, since they were ready.',
    unit: '1',
  });
  const all = [tasks, workers, utilization];
  const of = { [name.EXECUTOR]: executor };
  const collect = (result: BatchObservableResult): void => {
    const { pending, queued, running, workers: counts, utilization: share } = stats();
    // The others wait for another task, or on their way to a worker.
    const states = { queued, running, waiting: Math.max(0, pending - queued - running) };
    for (const [state, count] of Object.entries(states))
      result.observe(tasks, count, { ...of, [name.TASK_STATE]: state });
    for (const [state, count] of Object.entries(counts))
      result.observe(workers, count, { ...of, [name.WORKER_STATE]: state });
    result.observe(utilization, share, of);
  };
  meter.addBatchObservableCallback(collect, all);
  return () => meter.removeBatchObservableCallback(collect, all);
}
