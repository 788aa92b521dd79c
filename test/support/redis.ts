/** Tests that need a real Redis. */
import { spawnSync } from 'node:child_process';
import { describe, it } from 'vitest';

export { type RedisServer, type RedisServerOptions, startRedis } from './redis-server.js';

/** `describe` where there is a redis-server; otherwise its tests are skipped, except in CI, where that is a failure. */
export function describeWithRedis(name: string, tests: () => void): void {
  if (hasRedis) describe(name, tests);
  else if (process.env.CI) {
    describe(name, () => {
      it('has a redis-server to run with', () => {
        throw new Error('CI needs redis-server: apt-get install redis-server');
      });
    });
  } else describe.skip(`${name} (no redis-server here)`, tests);
}

const hasRedis = spawnSync('redis-server', ['--version']).status === 0;
