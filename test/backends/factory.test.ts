/**
 * The conformance suite on workers that a function of the program creates. The file of each worker
 * imports the task module and passes its exports to `serveWorker()`.
 */
import { Worker } from 'node:worker_threads';
import { Executor, type ExecutorOptions } from 'rx-futures';
import { fixture } from '../support/open.js';
import { describeBackend, type Opened } from './describe-backend.js';

describeBackend('worker factory', { open });

function open({ tasks, ...options }: ExecutorOptions): Opened {
  const worker = () => new Worker(fixture('served/any.worker.js'), { workerData: String(tasks) });
  return { executor: new Executor<any>({ worker, ...options }) };
}
