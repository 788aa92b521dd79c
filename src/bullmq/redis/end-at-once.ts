/** Ends connections that wait to connect again. */
import type { Redis } from 'ioredis';

/** The status of a connection that was never opened. */
const UNOPENED = 'wait';

/**
 * Makes `disconnect()` end a connection that waits to connect again. The connection then emits
 * `end`, and rejects its commands.
 *
 * ioredis only stops the timer of the next attempt (https://github.com/redis/ioredis/pull/2169).
 * BullMQ waits for `end`, so a server would never close:
 *
 *   1. Redis closes the connection on which BullMQ waits for jobs, for example because it has
 *      become a replica.
 *   2. ioredis waits for 50 ms, or longer, before it connects again.
 *   3. The server closes in that time.
 */
export function endAtOnce(redis: Redis): void {
  const disconnect = redis.disconnect.bind(redis);
  redis.disconnect = (isToReconnect = false) => {
    // ioredis ends a connection with this status at once.
    if (!isToReconnect && redis.status === 'reconnecting') redis.status = UNOPENED;
    disconnect(isToReconnect);
  };
}
