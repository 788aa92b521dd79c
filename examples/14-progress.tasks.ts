/** The task of example 14: it reports each file before copying it. */
import { currentTask } from 'rx-futures/worker';

const sleep = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

export async function copy(files: readonly string[]): Promise<number> {
  const { progress } = currentTask();
  for (const [i, file] of files.entries()) {
    progress({ file, done: i, of: files.length });
    await sleep(20);
  }
  return files.length;
}
