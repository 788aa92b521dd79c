/**
 * Starts the server:
 *
 *     PORT=3000 npm start
 *
 * SIGTERM and SIGINT stop it: it accepts no more requests, finishes those that it has, and ends.
 */
import { buildApp } from './app.js';
import { openPool } from './pool.js';

const { PORT = '3000', HOST = '127.0.0.1', GRACE_MS = '10000', DEADLINE_MS = '5000', LOG } = process.env;

const pool = openPool({ deadline: Number(DEADLINE_MS) });
const app = buildApp(pool, { logger: LOG !== undefined });

for (const signal of ['SIGTERM', 'SIGINT']) {
  process.once(signal, async () => {
    // The server waits for its responses, and they wait for their tasks.
    await Promise.all([app.close(), pool.close(Number(GRACE_MS))]);
    console.log('stopped');
  });
}

console.log(`listening on ${await app.listen({ port: Number(PORT), host: HOST })}`);
