/** Starts the server, requests a path (the first argument), prints the response, and ends. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';

const server = spawn(process.execPath, ['node_modules/next/dist/bin/next', 'start', '--port', '0'], {
  stdio: ['ignore', 'pipe', 'inherit'],
});
try {
  const response = await fetch((await address()) + process.argv[2]);
  process.stdout.write(await response.text());
  process.exitCode = response.ok ? 0 : 1;
} finally {
  server.kill();
  await once(server, 'exit');
}

async function address() {
  for await (const line of createInterface(server.stdout)) {
    const url = /http:\/\/localhost:\d+/.exec(line)?.[0];
    if (url !== undefined) return url;
  }
  throw new Error('next start has printed no address.');
}
