/** The links from the worker of a stream to the workers of its readers. */
import type { MessagePort } from 'node:worker_threads';
import { afterEach, describe, expect, it } from 'vitest';
import type { ToInput } from '../../../src/protocol/stream/messages.js';
import type { Transferable } from '../../../src/protocol/transfer.js';
import type { JobWorker } from '../../../src/scheduling/job/job.js';
import { Links } from '../../../src/scheduling/worker/links.js';

type LinkEnd = Extract<ToInput, { type: 'link' }>;

const ports: MessagePort[] = [];
afterEach(() => {
  for (const port of ports.splice(0)) port.close();
});

/** A worker that records the ends of links that it receives. */
function newWorker() {
  const ends: LinkEnd[] = [];
  const postInput = (message: ToInput, transfer: readonly Transferable[] = []) => {
    const end = message as LinkEnd;
    ends.push(end);
    ports.push(end.port as MessagePort);
    expect(transfer).toEqual([end.port]);
  };
  return { ends, worker: { postInput } as unknown as JobWorker };
}

describe('the links of a worker', () => {
  it('the first stream to a worker opens a link: each worker receives one end, under the same number', () => {
    const [source, reader] = [newWorker(), newWorker()];
    const link = new Links(source.worker).to({ worker: reader.worker, input: 1 });
    expect(source.ends).toMatchObject([{ type: 'link', link, isSource: true }]);
    expect(reader.ends).toMatchObject([{ type: 'link', link, isSource: false }]);
    expect(source.ends[0]!.port).not.toBe(reader.ends[0]!.port);
  });

  it('later streams to the same worker share the link, whatever their inputs', () => {
    const [source, reader] = [newWorker(), newWorker()];
    const links = new Links(source.worker);
    const numbers = [1, 2, 3].map((input) => links.to({ worker: reader.worker, input }));
    expect(new Set(numbers).size).toBe(1);
    expect([source.ends.length, reader.ends.length]).toEqual([1, 1]);
  });

  it('each pair of workers has a link of its own, in each direction', () => {
    const [one, other] = [newWorker(), newWorker()];
    const [ofOne, ofOther] = [new Links(one.worker), new Links(other.worker)];
    const numbers = [
      ofOne.to({ worker: other.worker, input: 1 }),
      ofOther.to({ worker: one.worker, input: 1 }),
      ofOne.to({ worker: one.worker, input: 1 }),
    ];
    expect(new Set(numbers).size).toBe(3);
  });

  it('a worker that reads its own streams receives both ends of one link', () => {
    const { ends, worker } = newWorker();
    new Links(worker).to({ worker, input: 1 });
    expect(ends.map(({ isSource }) => isSource)).toEqual([true, false]);
  });
});
