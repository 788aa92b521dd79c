/** The platform of browsers: the same files and exports as on Node, and what its stand-ins do. */
import { readdirSync } from 'node:fs';
import { describe, expect, it, vi } from 'vitest';
import { AsyncLocalStorage } from '../../src/platform/web/async-storage.js';
import { inspect } from '../../src/platform/web/inspect.js';
import { moduleUrl } from '../../src/platform/web/task-module.js';
import { setImmediate } from '../../src/platform/web/time.js';
import { warn } from '../../src/platform/web/warn.js';

const folder = new URL('../../src/platform/', import.meta.url);
const names = readdirSync(folder).filter((file) => file.endsWith('.ts'));

/** Exports that only the tests of the library and the queue use. */
const forNode = ['setInternalClock'];

describe('platform/web', () => {
  it('platform/web has the same files as platform/', () => {
    expect(readdirSync(new URL('web/', folder)).toSorted()).toEqual(names.toSorted());
  });

  it.each(names)('the file web/%s exports the same names as the file of Node', async (file) => {
    const [node, web] = await Promise.all([`${file}`, `web/${file}`].map((path) => import(new URL(path, folder).href)));
    const wanted = Object.keys(node).filter((name) => !forNode.includes(name));
    expect(Object.keys(web).toSorted()).toEqual(wanted.toSorted());
  });

  it('setImmediate calls back in later turns, in order, also if a callback throws', async () => {
    const seen: number[] = [];
    setImmediate(() => seen.push(1));
    await new Promise<void>((resolve) => {
      setImmediate(() => {
        seen.push(2);
        resolve();
      });
      seen.push(0);
    });
    expect(seen).toEqual([0, 1, 2]);
  });

  it('a store is seen by the synchronous part of run(), and the store before it afterwards', () => {
    const storage = new AsyncLocalStorage<string>();
    const inner = () => [storage.getStore(), storage.run('b', () => storage.getStore()), storage.getStore()];
    expect(storage.run('a', inner)).toEqual(['a', 'b', 'a']);
    expect(() =>
      storage.run('c', () => {
        throw new Error('failed');
      }),
    ).toThrow('failed');
    expect(storage.getStore()).toBe(undefined);
  });

  it('inspect shows any value, also one that JSON can not express', () => {
    const cycle: { self?: unknown } = {};
    cycle.self = cycle;
    const values = ['a', 1n, undefined, null, { a: 1 }, cycle, Symbol('s'), () => {}];
    expect(values.map((value) => inspect(value))).toEqual([
      "'a'",
      '1n',
      'undefined',
      'null',
      '{"a":1}',
      '[object Object]',
      'Symbol(s)',
      '[Function: (anonymous)]',
    ]);
    expect(inspect(new RangeError('far'))).toBe('RangeError: far');
  });

  it('a path of a task module is relative to the page', () => {
    vi.stubGlobal('document', { baseURI: 'https://example.org/app/index.html' });
    expect(moduleUrl('./tasks.js')).toBe('https://example.org/app/tasks.js');
    expect(moduleUrl(new URL('https://cdn.example.org/t.js'))).toBe('https://cdn.example.org/t.js');
    vi.unstubAllGlobals();
  });

  it('a warning is printed with its code, its type and its advice', () => {
    const print = vi.spyOn(console, 'warn').mockImplementation(() => {});
    warn('a task failed', { type: 'RxFuturesWarning', code: 'RXF1', detail: 'Handle it.' });
    expect(print).toHaveBeenCalledExactlyOnceWith('[RXF1] RxFuturesWarning: a task failed\nHandle it.');
    print.mockRestore();
  });
});
