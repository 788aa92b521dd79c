/** The number of threads that can run at the same time. */
export { availableParallelism as cpuCount } from 'node:os';
