/** Declares tests that need a real Redis. */
import { spawnSync } from 'node:child_process';
import { describe, it } from 'vitest';

export { type RedisServer, type RedisServerOptions, startRedis } from './redis-server.js';

/**
 * Calls `describe` if redis-server is installed. Otherwise the tests are skipped. In CI, a missing
 * redis-server is a failure, except on Windows, because Redis does not run there.
 */
export function describeWithRedis(name: string, tests: () => void): void {
  if (hasRedis) describe(name, tests);
  else if (process.env.CI && process.platform !== 'win32') {
    describe(name, () => {
      it('redis-server is installed', () => {
        throw new Error('CI needs redis-server. Run apt-get install redis-server.');
      });
    });
  } else describe.skip(`${name} (redis-server is not installed)`, tests);
}

const hasRedis = spawnSync('redis-server', ['--version']).status === 0;
