import { afterEach, expect, it, vi } from 'vitest';
import { display } from '../../src/terminal/display.js';

const shown = {} as never;
const open = () => {
  const close = vi.fn();
  return { close, end: display(() => close, shown) };
};

afterEach(() => {
  expect(process.listeners('exit').filter(({ name }) => name === 'endAll')).toEqual([]);
});

it('a display ends once, with the first ending', () => {
  const { close, end } = open();
  end('completed');
  end('stopped');
  expect(close.mock.calls).toEqual([['completed']]);
});

it('the exit of the process stops all displays that are open', () => {
  const [one, two, three] = [open(), open(), open()];
  one.end('completed');
  for (const listener of process.listeners('exit')) if (listener.name === 'endAll') listener.call(process, 0);
  expect([one, two, three].map(({ close }) => close.mock.calls)).toEqual([
    [['completed']],
    [['stopped']],
    [['stopped']],
  ]);
});

it('the process has one listener, however many displays are open', () => {
  const displays = [open(), open()];
  expect(process.listeners('exit').filter(({ name }) => name === 'endAll')).toHaveLength(1);
  for (const { end } of displays) end('completed');
});
