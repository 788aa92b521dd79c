import { expect, it } from 'vitest';
import { SharedData } from '../../../src/scheduling/job/shared-data.js';

function make() {
  const log: string[] = [];
  const data = new SharedData(1, 'shared-1', { big: true }, () => log.push('freed'));
  const holder = (name: string) => ({ unshare: () => log.push(`unshare ${name}`) });
  return { data, log, holder };
}

it('a value without uses is freed by dispose(), once', () => {
  const { data, log } = make();
  data.dispose();
  data.dispose();
  expect([data.value, data.isDisposed, log]).toEqual([undefined, true, ['freed']]);
});

it('a disposed value is freed after its last use', () => {
  const { data, log } = make();
  data.use();
  data.use();
  data.dispose();
  data.release();
  expect([data.value, log]).toEqual([{ big: true }, []]);
  data.release();
  expect([data.value, log]).toEqual([undefined, ['freed']]);
});

it('a value that is in use again and again is kept until it is disposed of', () => {
  const { data, log } = make();
  data.use();
  data.release();
  expect([data.value, data.isDisposed, log]).toEqual([{ big: true }, false, []]);
});

it('dispose() frees the copies of workers, except of those that have ended', () => {
  const { data, log, holder } = make();
  const [a, b] = [holder('a'), holder('b')];
  data.sentTo(a);
  data.sentTo(b);
  data.lostBy(a);
  data.dispose();
  expect(log).toEqual(['unshare b', 'freed']);
});
