import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { createContext, runInContext } from 'node:vm';
import ts from 'typescript';
import { describe, expect, it } from 'vitest';
import { adopt } from '../../src/platform/realm.js';
import * as viewKinds from '../../src/platform/view-kinds.js';

/** Evaluates realm.ts in a sandbox of node:vm, as Jest does. */
function inSandbox(code: string): unknown {
  const source = readFileSync(new URL('../../src/platform/realm.ts', import.meta.url), 'utf8');
  const { outputText } = ts.transpileModule(source, { compilerOptions: { module: ts.ModuleKind.CommonJS, target: 9 } });
  const requireNode = createRequire(import.meta.url);
  const require = (name: string) => (name === './view-kinds.js' ? viewKinds : requireNode(name));
  const context = createContext({ require, exports: {}, structuredClone });
  runInContext(outputText, context);
  return runInContext(code, context);
}

describe('adopt', () => {
  it('adopt() makes a clone and its parts instances of the classes of the sandbox', () => {
    const code = `
      const value = { list: [{}], map: new Map([[{}, new Set([new Date(0)])]]), bytes: new Uint8Array(2), error: new TypeError('no') };
      value.self = value;
      const clone = exports.adopt(structuredClone(value));
      const [[key, set]] = clone.map;
      [
        clone instanceof Object, clone.list instanceof Array, clone.list[0] instanceof Object, clone.map instanceof Map,
        key instanceof Object, set instanceof Set, [...set][0] instanceof Date, clone.bytes instanceof Uint8Array,
        clone.bytes.buffer instanceof ArrayBuffer, clone.error instanceof TypeError, clone.self === clone,
      ].join();`;
    expect(inSandbox(code)).toBe(Array.from({ length: 11 }, () => 'true').join());
  });

  it('a copy made by adopt() keeps values of classes that structured clone does not copy', () => {
    const port = new MessageChannel().port1;
    const prototype = Object.getPrototypeOf(port);
    const sandboxed = inSandbox('exports.adopt') as typeof adopt;
    expect(Object.getPrototypeOf(sandboxed({ port }).port)).toBe(prototype);
    expect(Object.getPrototypeOf(sandboxed(Object.create(null)))).toBe(null);
    port.close();
  });

  it('adopt() changes nothing outside of a sandbox', () => {
    const frozen = Object.freeze({ list: Object.freeze([]) });
    expect(adopt(frozen)).toBe(frozen);
  });
});
