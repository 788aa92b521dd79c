/**
 * The links of a worker to the workers of other tasks. Values of its own streams leave through
 * some links. Values of its stream arguments arrive through others.
 */
import type { SendValues } from '../protocol/stream/outgoing-stream.js';
import type { Host, Link } from './host.js';
import type { Inputs } from './inputs.js';

/** Number of cells of a stream in `JobBatch.outputs`. */
const CELLS = 3;

/** A stream whose values flow through a link. */
export interface LinkedOutput {
  readonly send: SendValues;
  /** Informs the reader that the stream has ended without an error. */
  end(): void;
  /** Called when the stream is over. It receives no more credit. */
  close(): void;
}

/** A stream that receives credit. */
interface Creditable {
  addCredit(count: number): void;
}

export class Links {
  readonly #host: Host;
  readonly #inputs: Inputs;
  /** Ends of links at the source and at the reader, by the number of the link. */
  readonly #sources = new Map<number, Link>();
  readonly #readers = new Map<number, Link>();
  /** Streams that have not started, by slot. */
  readonly #definitions = new Map<number, { readonly link: number; readonly input: number }>();
  readonly #running = new Map<number, Creditable>();
  #last = 0;

  constructor(host: Host, inputs: Inputs) {
    this.#host = host;
    this.#inputs = inputs;
  }

  /** True if a stream flows through a link, or will do so. */
  get isActive(): boolean {
    return this.#running.size > 0 || this.#definitions.size > 0;
  }

  open(link: number, isSource: boolean, port: unknown): void {
    const ends = isSource ? this.#sources : this.#readers;
    const end: Link = this.#host.openLink!(port, {
      receive: (message) => {
        if (message.type === 'credit') this.#running.get(message.output)?.addCredit(message.count);
        else this.#inputs.flowed(message, (output, count) => end.post({ type: 'credit', output, count }));
      },
      closed: () => void ends.delete(link),
    });
    ends.set(link, end);
  }

  /** Handles the values that have arrived. They were sent before the failure of their source. */
  drain(): void {
    for (const end of this.#readers.values()) end.drain();
  }

  arrived(cells: readonly number[]): void {
    for (let i = 0; i < cells.length; i += CELLS) {
      this.#definitions.set(cells[i]!, { link: cells[i + 1]!, input: cells[i + 2]! });
    }
  }

  /** Forgets the link of a job that has ended before its stream started. */
  ended(slot: number): void {
    this.#definitions.delete(slot);
  }

  /** Returns the output of a stream that starts; undefined if its values go to the main thread. */
  start(slot: number, stream: Creditable): LinkedOutput | undefined {
    const definition = this.#definitions.get(slot);
    if (definition === undefined) return undefined;
    this.#definitions.delete(slot);
    const { link, input } = definition;
    const output = ++this.#last;
    this.#running.set(output, stream);
    let hasSent = false;
    return {
      send: (values, bytes, _creditLeft, transfer) => {
        // A message without values informs the main thread alone that the stream still waits.
        if (values.length === 0) return;
        // The main thread is informed before the reader. If this thread ends between the two, a
        // retry would otherwise emit values again that the reader has.
        if (!hasSent) this.#host.post({ type: 'flows', slot });
        hasSent = true;
        this.#sources.get(link)?.post({ type: 'values', input, output, values, bytes }, transfer);
      },
      end: () => this.#sources.get(link)?.post({ type: 'end', input }),
      close: () => void this.#running.delete(output),
    };
  }
}
