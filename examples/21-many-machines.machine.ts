/**
 * The server of example 21: it runs tasks of the queue. A server on another machine needs only this
 * file and the task module. `npx rx-futures serve` does the same from a shell.
 */
import { serveTasks } from 'rx-futures/bullmq';

const [name, connection, queue] = process.argv.slice(2) as [string, string, string];
const service = await serveTasks({
  connection,
  queue,
  name,
  tasks: new URL('./21-many-machines.tasks.ts', import.meta.url),
  maxWorkers: 1,
  lostAfter: 2_000,
  rerunLost: 1, // these steps may run twice, because they only read
});
process.once('disconnect', () => service.close()).send!('serving');
