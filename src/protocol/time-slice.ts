/**
 * Time slice in ms: how long jobs, reports or stream values may occupy a thread before its timers,
 * sockets and other messages are handled. On the main thread, the time slice bounds how long the
 * other work of a program waits. On a worker, it bounds how long a cancellation waits.
 */
export const TIME_SLICE_MS = 10;
