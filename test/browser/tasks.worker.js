/** The file of a worker, for the option `worker`. */
import { serveWorker } from 'rx-futures/worker';
import * as tasks from './tasks.js';

serveWorker(tasks);
