/**
 * G5 Everything settles: a closed MessagePort in a value does not end the process, although Node's
 * own clone of such a port does.
 */
import { describe, expect, it } from 'vitest';
import { runProgram } from '../support/run-program.js';

const program = new URL('../fixtures/programs/closed-port.js', import.meta.url);

describe.concurrent('G5 Everything settles: a closed MessagePort', () => {
  it.each(['threads', 'inline', 'processes'])(
    'a closed port is refused with its path wherever it is in a value, on %s',
    async (backend) => {
      const { code, lines, stderr } = await runProgram(program, { args: [backend] });
      expect({ code, lines: lines.map((line) => line.trim()) }, stderr).toEqual({
        code: 0,
        lines: [
          'argument rejected SerializationError arguments[0]',
          'nested rejected SerializationError arguments[0].deep[0].get("a").port',
          'cause rejected SerializationError arguments[0].cause',
          'cycle rejected SerializationError arguments[0].port',
          'many rejected SerializationError arguments[0][3000].port',
          'beside a buffer that moves rejected SerializationError arguments[0].port',
          'in the list rejected SerializationError arguments[0]',
          'result rejected SerializationError result.items[0]',
          'late result rejected SerializationError result',
          'value of a head fulfilled',
          'error property rejected Error',
          'thrown rejected SerializationError error',
          'progress rejected SerializationError progress.port',
          'stream 1 SerializationError',
          'initArgs SerializationError initArgs[0].port',
          'reason cancelled',
          'closed',
        ],
      });
    },
  );
});
