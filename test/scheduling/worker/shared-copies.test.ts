import { SerializationError } from 'rx-futures';
import { expect, it } from 'vitest';
import { SharedData } from '../../../src/scheduling/job/shared-data.js';
import { SharedCopies } from '../../../src/scheduling/worker/shared-copies.js';
import { FakeJob } from '../../support/fake-job.js';

function open() {
  const log: unknown[] = [];
  const copies = new SharedCopies({ post: (message: unknown) => log.push(message) } as never);
  const share = (id: number) => new SharedData(id, `shared-${id}`, `value ${id}`, () => {});
  const jobWith = (...values: SharedData[]) =>
    new FakeJob(1, 'job', { shared: values.map((data, position) => ({ position, data })) });
  return { log, copies, share, jobWith };
}

it('each value is sent once, before it is needed again', () => {
  const { log, copies, share, jobWith } = open();
  const [a, b] = [share(1), share(2)];
  copies.sendFor([new FakeJob(2, 'other'), jobWith(a), jobWith(a, b)]);
  copies.sendFor([jobWith(b)]);
  expect(log).toEqual([
    { type: 'share', id: 1, value: 'value 1' },
    { type: 'share', id: 2, value: 'value 2' },
  ]);
});

it('a value that is disposed of is freed on the worker', () => {
  const { log, copies, share, jobWith } = open();
  const a = share(1);
  copies.sendFor([jobWith(a)]);
  a.dispose();
  expect(log.at(-1)).toEqual({ type: 'unshare', id: 1 });
});

it('a worker that has ended receives no message', () => {
  const { log, copies, share, jobWith } = open();
  const a = share(1);
  copies.sendFor([jobWith(a)]);
  copies.clear();
  a.dispose();
  expect(log).toHaveLength(1);
});

it('a value that cannot be sent is a SerializationError, and is sent again later', () => {
  const { share, jobWith } = open();
  let isRefused = true;
  const log: unknown[] = [];
  const copies = new SharedCopies({
    post: (message: unknown) => {
      if (isRefused) throw new Error('refused');
      log.push(message);
    },
  } as never);
  const job = jobWith(share(1));
  expect(() => copies.sendFor([job])).toThrow(SerializationError);
  isRefused = false;
  copies.sendFor([job]);
  expect(log).toHaveLength(1);
});
