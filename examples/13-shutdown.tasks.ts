/** Two stages of a chain; the first takes long enough to be shut down meanwhile. */
import { setTimeout as sleep } from 'node:timers/promises';
import { currentTask } from 'rx-futures/worker';

export async function fetchPage(url: string): Promise<string> {
  currentTask().progress('begun');
  await sleep(200);
  return `<title>${url}</title>`;
}

export function parse(html: string): string {
  return html.replace(/<\/?title>/g, '');
}
