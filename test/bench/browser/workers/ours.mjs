// @ts-check
/** A worker of rx-futures. */
import { serveWorker } from 'rx-futures/worker';
import * as tasks from '../../work/tasks.mjs';

serveWorker(tasks);
