/** Reads and judges the file of a random program, to which each run of a task appends a line. */
import { readFileSync } from 'node:fs';

export interface Entry {
  /** Id of the task. 0 for an initializer and a finalizer. */
  readonly id: number;
  readonly kind: string;
  /** The thread and the process that ran it. */
  readonly worker: string;
  /** Tag of the value, which all parts of a broadcast share. */
  readonly tag: string;
  readonly context: string;
}

export function readLog(file: string): Entry[] {
  return readFileSync(file, 'utf8')
    .split('\n')
    .filter(Boolean)
    .map((line) => {
      const [id, , kind, , worker, tag, context] = line.split(' ') as string[];
      return { id: Number(id), kind: kind!, worker: worker!, tag: tag!, context: context! };
    });
}

/**
 * Returns the faults of finalizers. Each worker runs one, after its last task (G24). If
 * `isPeaceful` is true, no worker was killed, so each one that has started has run its finalizer.
 */
export function judgeFinalizers(entries: readonly Entry[], isPeaceful: boolean): string[] {
  const faults: string[] = [];
  const closed = new Set<string>();
  for (const { kind, worker } of entries) {
    if (closed.has(worker)) faults.push(`worker ${worker} ran ${kind} after its finalizer`);
    if (kind === 'closes') closed.add(worker);
  }
  const left = entries.filter(({ kind, worker }) => kind === 'opens' && !closed.has(worker));
  if (isPeaceful && left.length > 0) faults.push(`${left.length} workers ended without their finalizer`);
  return faults;
}

/**
 * Returns the faults of a broadcast. At most one part runs on each worker, and each part that ran
 * has a result.
 */
export function judgeBroadcast(parts: readonly Entry[], results: number | undefined): string[] {
  const workerOf = new Map(parts.map(({ id, worker }) => [id, worker]));
  const faults: string[] = [];
  if (new Set(workerOf.values()).size < workerOf.size) faults.push('two parts ran on one worker');
  if (results !== undefined && results !== workerOf.size)
    faults.push(`${workerOf.size} parts ran, and there are ${results} results`);
  return faults;
}

/** Returns a fault if the starts of runs, in ms, exceed a rate limit. */
export function judgeStarts(starts: readonly number[], limit: { count: number; interval: number }): string[] {
  const sorted = starts.toSorted((a, b) => a - b);
  const tooEarly = sorted.some((start, i) => i >= limit.count && start - sorted[i - limit.count]! < limit.interval);
  return tooEarly ? [`more than ${limit.count} tasks started within ${limit.interval} ms: ${sorted}`] : [];
}

/**
 * Returns a fault for each task that started after a later task of its key. `keyOf` returns the key
 * of a task that was submitted alone.
 */
export function judgeKeys(entries: readonly Entry[], keyOf: (id: number) => number | undefined): string[] {
  const latest = new Map<number, number>();
  return entries.flatMap(({ id }) => {
    const key = keyOf(id);
    if (key === undefined) return [];
    const before = latest.get(key) ?? id;
    latest.set(key, Math.max(id, before));
    return id < before ? [`task #${id} of key ${key} started after task #${before}`] : [];
  });
}

/** Returns a fault if a stage of a stream has started and has not ended through its `finally`. */
export function judgeStages(entries: readonly Entry[]): string[] {
  const open = new Map<number, number>();
  for (const { id, kind } of entries) {
    if (kind === 'stage') open.set(id, (open.get(id) ?? 0) + 1);
    if (kind === 'left') open.set(id, (open.get(id) ?? 0) - 1);
  }
  return [...open].flatMap(([id, runs]) => (runs === 0 ? [] : [`stage #${id} ended ${runs} runs without its finally`]));
}

/**
 * Returns the faults of an actor, whose tag in the log is `<name>/<id of the object>`. There are at
 * most as many objects as restarts allow, and all entries of an object are of one worker. Its calls
 * start in the order of their ids, at most `concurrency` at a time. It runs nothing after its
 * disposal.
 */
export function judgeActor(
  entries: readonly Entry[],
  name: string,
  { restart, concurrency }: { restart: number; concurrency: number },
): string[] {
  const faults: string[] = [];
  const own = entries.filter(({ tag }) => tag.startsWith(`${name}/`));
  const objects = new Set(own.map(({ tag }) => tag));
  if (objects.size > restart + 1) faults.push(`${name} has ${objects.size} objects, allowed are ${restart + 1}`);
  for (const object of objects) {
    const life = own.filter(({ tag }) => tag === object);
    if (new Set(life.map(({ worker }) => worker)).size > 1) faults.push(`${name} was on several workers`);
    if (life[0]!.kind !== 'constructs') faults.push(`${name} ran ${life[0]!.kind} before its constructor`);
    let last = 0;
    const running = new Set<number>();
    for (const { id, kind } of life.slice(1)) {
      if (running.has(-1)) faults.push(`${name} ran ${kind} after its disposal`);
      if (kind === 'ends') running.delete(id);
      else if (kind === 'disposes') running.add(-1);
      else if (kind === 'left') continue;
      else {
        // A retry starts again with the same id.
        if (id < last && concurrency === 1) faults.push(`call #${id} of ${name} started after call #${last}`);
        last = Math.max(last, id);
        if (!running.has(id) && running.size >= concurrency)
          faults.push(`${name} ran ${running.size + 1} calls at a time`);
        running.add(id);
      }
    }
  }
  return faults;
}
