/** The tasks of example 13: two stages. The executor shuts down while the first one runs. */
import { setTimeout as sleep } from 'node:timers/promises';
import { currentTask } from 'rx-futures/worker';

export async function fetchPage(url: string): Promise<string> {
  currentTask().progress('started');
  await sleep(200);
  return `<title>${url}</title>`;
}

export function parse(html: string): string {
  return html.replace(/<\/?title>/g, '');
}
