/**
 * The task of example 06: it fetches a page. The time limit is an argument, as in Python's
 * `load_url(url, timeout)`.
 */
import { currentTask } from 'rx-futures/worker';

export async function loadUrl(url: string, timeout: number): Promise<string> {
  const signal = AbortSignal.any([currentTask().signal, AbortSignal.timeout(timeout)]);
  const response = await fetch(url, { signal });
  if (!response.ok) throw new Error(`HTTP ${response.status}`);
  return response.text();
}
