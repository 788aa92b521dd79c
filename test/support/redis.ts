/** Tests that need a real Redis. */
import { spawnSync } from 'node:child_process';
import { describe, it } from 'vitest';

export { type RedisServer, type RedisServerOptions, startRedis } from './redis-server.js';

/**
 * `describe` if there is a redis-server. Otherwise its tests are skipped, except in CI, where a missing redis-server is
 * a failure. On Windows they are skipped in CI too, because there is no Redis for Windows.
 */
export function describeWithRedis(name: string, tests: () => void): void {
  if (hasRedis) describe(name, tests);
  else if (process.env.CI && process.platform !== 'win32') {
    describe(name, () => {
      it('has a redis-server to run with', () => {
        throw new Error('CI needs redis-server: apt-get install redis-server');
      });
    });
  } else describe.skip(`${name} (no redis-server here)`, tests);
}

const hasRedis = spawnSync('redis-server', ['--version']).status === 0;
