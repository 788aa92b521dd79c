/** Streams of tasks: each reader gets a run of the task, and receives the values that it emits. */
import type { Future } from '../future/future.js';
import { ResultStream } from '../stream/result-stream.js';
import type { Engine } from './engine.js';
import { markOf } from './handles/high-water-mark.js';
import { type TaskInfo, withPriority } from './handles/task-info.js';
import { LinkedReceiver } from './inputs/linked-receiver.js';
import { TaskFeed } from './inputs/task-feed.js';
import { limitPipeline } from './run/deadline.js';
import { captureForLater } from './run/future-arguments.js';
import { StreamReceiver } from './run/stream-receiver.js';

/**
 * Returns a stream of the values that `task` emits. Each reader gets its own run, with the
 * arguments as they are now. The last run of a pipeline is the stream, and the others come before
 * it.
 */
export function taskStream(engine: Engine, task: TaskInfo, args: readonly unknown[]): ResultStream<any> {
  const { more = [], limits, ...first } = task;
  const runs: TaskInfo[] = [first, ...more];
  const last = runs.pop()!;
  const [head, ...between] = runs;
  const highWaterMark = markOf(last.options);
  const streamed: TaskInfo = { ...last, kind: 'stream', highWaterMark };
  const submit = captureForLater(args, engine);
  return new ResultStream(
    (sink) => {
      const refusal = engine.refusal();
      if (refusal !== undefined) {
        sink.error(refusal);
        return { stop: () => {} };
      }
      const futures: Future<any>[] = [];
      const reader = sink instanceof TaskFeed ? sink.target : undefined;
      // A task waits for the values, so the runs are as urgent as that task.
      const urgent = (task: TaskInfo) => (reader === undefined ? task : withPriority(task, reader.run.priority));
      if (head !== undefined) {
        const run = engine.createRun(urgent(head), taskStream);
        if (reader !== undefined) run.streamsOf().awaitedBy(reader);
        if (!run.future.isSettled) submit(run);
        futures.push(run.future);
        for (const task of between) futures.push(engine.chain(urgent(task), futures.at(-1)!));
      }
      const source = futures.at(-1);
      const run = engine.createRun(urgent(streamed), taskStream, source);
      if (reader !== undefined) run.streamsOf().awaitedBy(reader);
      const isLinked = reader?.worker.isLinkable === true && engine.traits.linksWorkers;
      if (isLinked) run.streamsOf().output = { worker: reader.worker, input: reader.number };
      const receiver = isLinked ? new LinkedReceiver(run, sink) : new StreamReceiver(run, sink, highWaterMark);
      if (!run.future.isSettled) {
        if (source === undefined) submit(run);
        else run.follow(source);
      }
      if (limits !== undefined) limitPipeline(limits, [...futures, run.future], true);
      return receiver;
    },
    task.name,
    highWaterMark,
  );
}
