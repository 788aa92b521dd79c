/** Streams of the web and of Node that have one value, 1, and then wait for another one. */
import { Readable } from 'node:stream';

/** Makes each stream, with its name. `left` is called when its reader has left it. */
export const waitingSources: readonly [name: string, make: (left: () => void) => AsyncIterable<number>][] = [
  [
    'a ReadableStream',
    (cancel) => new ReadableStream<number>({ start: (controller) => controller.enqueue(1), cancel }),
  ],
  [
    'a Readable of Node',
    (left) => {
      const readable = new Readable({ objectMode: true, read() {} });
      readable.push(1);
      return readable.once('close', left);
    },
  ],
];
