import { describe, expect, it } from 'vitest';
import { flagsForProcess, flagsForThread } from '../../../src/backends/tinypool/inherited-flags.js';

describe('the flags that workers inherit', () => {
  it.each<[string[], string[]]>([
    [['-e', 'main()'], []],
    [['--eval=main()'], []],
    [['-p', 'main()'], []],
    [['-pe', 'main()'], []],
    [['-p', '-e', 'main()'], []],
    [['-i', '--no-warnings'], ['--no-warnings']],
    [
      ['--input-type=module', '--import', 'tsx', '-e', 'main()', '--expose-gc'],
      ['--import', 'tsx', '--expose-gc'],
    ],
    [
      ['--input-type', 'module', '-r', './setup.cjs'],
      ['-r', './setup.cjs'],
    ],
    [['--inspect-brk', '--inspect=9229', '--inspect-port=1'], []],
    [
      ['--max-old-space-size=100', '-C', 'development'],
      ['--max-old-space-size=100', '-C', 'development'],
    ],
  ])('a process has the flags %j, and its child process inherits %j', (flags, inherited) => {
    expect(flagsForProcess(flags)).toEqual(inherited);
  });

  it.each<[string[]]>([[[]], [['-e', 'main()']], [['--expose-gc', '--import', 'tsx']], [['--inspect-brk']]])(
    'a thread inherits all of the flags %j, because Node passes them on',
    (flags) => {
      expect(flagsForThread(flags)).toBeUndefined();
    },
  );

  it.each<[string[], string[]]>([
    [['--input-type=module', '-e', 'main()'], []],
    [
      ['--input-type', 'module', '--import', 'tsx', '-r', './a.cjs'],
      ['--import', 'tsx', '-r', './a.cjs'],
    ],
    [['--expose-gc', '--input-type=module', '--loader=./b.mjs', '--title=c'], ['--loader=./b.mjs']],
  ])('Node refuses some of the flags %j, and a thread inherits %j', (flags, inherited) => {
    expect(flagsForThread(flags)).toEqual(inherited);
  });
});
