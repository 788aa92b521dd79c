/** Serves the app on the pool whose name is the argument, until the parent process disconnects. */
import { buildApp } from '../src/app.js';
import { pools } from './peers.js';

const app = buildApp(await pools[process.argv[2]]());
process.send(await app.listen({ port: 0, host: '127.0.0.1' }));
process.once('disconnect', () => process.exit());
