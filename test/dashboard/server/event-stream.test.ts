import type { ServerResponse } from 'node:http';
import { expect, it } from 'vitest';
import { EventStream } from '../../../src/dashboard/server/event-stream.js';

/** A response whose client reads only when the test says so. */
class SlowResponse {
  writableLength = 0;
  readonly texts: string[] = [];

  writeHead(): void {}

  write(text: string): void {
    this.texts.push(text);
    this.writableLength += text.length;
  }

  read(): void {
    this.writableLength = 0;
  }
}

it('a client that does not read loses frames, and receives frames again after it has read', () => {
  const response = new SlowResponse();
  const stream = new EventStream(response as unknown as ServerResponse);
  const megabyte = 'x'.repeat(2 ** 20);
  for (let i = 0; i < 100; i++) stream.send('frame', megabyte);
  expect(response.texts).toEqual(['retry: 1000\n\n', `event: frame\ndata: ${megabyte}\n\n`]);
  stream.send('hello', '{}');
  expect(response.texts.at(-1)).toBe('event: hello\ndata: {}\n\n');
  response.read();
  stream.send('frame', 'next');
  expect(response.texts.at(-1)).toBe('event: frame\ndata: next\n\n');
});
