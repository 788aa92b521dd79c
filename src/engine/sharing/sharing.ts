/** The shared values of one executor: makes them, and frees them when the executor has closed. */
import { isShared } from '../../protocol/shared-mark.js';
import { isStreamLike } from '../../protocol/stream/stream-like.js';
import { isTransferred } from '../../protocol/transfer.js';
import { SharedData } from '../../scheduling/job/shared-data.js';
import type { Engine } from '../engine.js';
import { captureValue } from '../run/capture.js';
import { makeShared, type Shared } from './shared.js';
import { toSharedMemory } from './shared-memory.js';

/** Ids are unique in the process, so that the names in errors are unique too. */
let lastId = 0;

export class Sharing {
  readonly #engine: Engine;
  /** Values that have not been freed. */
  readonly #kept = new Set<SharedData>();

  constructor(engine: Engine) {
    this.#engine = engine;
  }

  /**
   * Copies a value, so that it can be sent to workers later.
   *
   * @throws TypeError if the value can't be shared, or if the executor uses a queue
   * @throws SerializationError if the value can't be copied
   * @throws ExecutorShutdownError or BrokenExecutorError if the executor accepts no more work
   */
  share(value: unknown): Shared<any> {
    const engine = this.#engine;
    const refusal = engine.refusal();
    if (refusal !== undefined) throw refusal;
    if (!engine.traits.ownsWorkers) {
      throw new TypeError(
        `share(value): executor "${engine.name}" uses a queue, whose workers belong to other processes. Pass the value as an argument, or load it in the initializer of the servers.`,
      );
    }
    if (isShared(value))
      throw new TypeError(`share(value): "${value.name}" is shared already. Pass it to the tasks as it is.`);
    if (isStreamLike(value)) {
      throw new TypeError(
        "share(value): a stream can't be shared, because each task would need values of its own. Pass the stream itself as an argument of a task.",
      );
    }
    if (isTransferred(value)) {
      throw new TypeError(
        'share(value): the value is marked with transfer(), but a shared value is copied. Pass the value itself.',
      );
    }
    const copy = toSharedMemory(captureValue(value, 'value'));
    const id = ++lastId;
    const data = new SharedData(id, `shared-${id}`, copy, (freed) => this.#kept.delete(freed));
    this.#kept.add(data);
    return makeShared({ data, engine, uses: [] });
  }

  /** The values that have not been freed. */
  get all(): Iterable<SharedData> {
    return this.#kept;
  }

  /** Called when the executor has closed. Its futures have settled, so no task uses a value. */
  close(): void {
    for (const data of this.#kept) data.dispose();
  }
}
