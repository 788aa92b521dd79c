/** The file of each worker. */
import { serveWorker } from 'rx-futures/worker';
import * as tasks from './tasks';

serveWorker(tasks);
