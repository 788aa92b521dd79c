/** The tasks for poolifier, which wants a ThreadWorker of them. */
import { ThreadWorker } from 'poolifier';
import * as tasks from './tasks.mjs';

export default new ThreadWorker({ ...tasks });
