/** The tasks for poolifier, which needs a ThreadWorker. */
import { ThreadWorker } from 'poolifier';
import * as tasks from './tasks.mjs';

export default new ThreadWorker({ ...tasks });
