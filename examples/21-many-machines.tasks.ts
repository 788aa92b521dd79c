/** The tasks of example 21: two steps of a chain. Each reports the name of its worker. */
import { setTimeout as sleep } from 'node:timers/promises';
import { currentTask } from 'rx-futures/worker';

export async function fetchPage(url: string): Promise<string> {
  currentTask().progress(currentTask().workerName);
  return (await fetch(url)).text();
}

export async function parse(html: string): Promise<string> {
  currentTask().progress(currentTask().workerName);
  if (html.includes('long')) await sleep(2_000);
  return /<h1>(.*)<\/h1>/.exec(html)![1]!;
}
