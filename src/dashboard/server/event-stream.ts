/** A connection that receives the frames as server-sent events. */
import type { ServerResponse } from 'node:http';
import type { Client } from '../hub.js';

/** Bytes that may wait for a slow connection: some ten frames. Further frames are left out. */
const MAX_BUFFERED = 2 ** 20;

export class EventStream implements Client {
  readonly #response: ServerResponse;

  constructor(response: ServerResponse) {
    this.#response = response;
    response.writeHead(200, { 'content-type': 'text/event-stream; charset=utf-8', 'x-accel-buffering': 'no' });
    // A client that has lost the connection waits so many ms before it connects again.
    response.write('retry: 1000\n\n');
  }

  send(event: 'hello' | 'frame', data: string): void {
    if (event === 'frame' && this.#response.writableLength > MAX_BUFFERED) return;
    this.#response.write(`event: ${event}\ndata: ${data}\n\n`);
  }
}
