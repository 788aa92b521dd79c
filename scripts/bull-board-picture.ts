/**
 * Makes the picture of bull-board in the guide. It needs Redis and Chromium:
 *
 *     npx tsx scripts/bull-board-picture.ts docs/guides/images/bull-board.png
 */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { serve } from '@hono/node-server';
import { startChromium } from '../test/browser/chromium.mjs';
import { fillQueue, openBoard } from '../test/bullmq/support/board.js';
import { startRedis } from '../test/support/redis-server.js';

const SIZE = { width: 1_360, height: 900 };
/** The picture is smaller than the window, so that the file is small. */
const SCALE = 0.6;

const [to] = process.argv.slice(2);
if (to === undefined) throw new Error('The path of the picture is missing. Pass it as the first argument.');

const redis = await startRedis();
const profile = mkdtempSync(path.join(tmpdir(), 'rx-futures-board-'));
const address = { connection: redis.url, queue: 'pages' };
const board = openBoard(address);
const filled = await fillQueue(address);
const browser = await startChromium(profile);
const server = serve({ fetch: board.app.fetch, port: 0, hostname: '127.0.0.1' });
try {
  await new Promise<void>((resolve) => (server.listening ? resolve() : server.once('listening', resolve)));
  const { port } = server.address() as { port: number };
  const page = await browser.newPage();
  await page.setViewportSize(SIZE);
  await page.goto(`http://127.0.0.1:${port}/queue/pages?status=waiting`);
  // The stacks of failed jobs would show the paths of this machine.
  await page.getByText('fetchPage').first().waitFor();
  await page.waitForLoadState('networkidle');
  const session = await browser.newCDPSession(page);
  const clip = { x: 0, y: 0, ...SIZE, scale: SCALE };
  const { data } = await session.send('Page.captureScreenshot', { format: 'png', clip });
  writeFileSync(to, Buffer.from(data, 'base64'));
} finally {
  await browser.close();
  server.close();
  await filled[Symbol.asyncDispose]();
  await board[Symbol.asyncDispose]();
  await redis.stop();
  rmSync(profile, { recursive: true, force: true });
}
