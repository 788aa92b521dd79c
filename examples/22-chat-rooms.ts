/**
 * This example keeps the messages of each chat room in order, with one key for each room.
 *
 * Python's concurrent.futures: tasks of a pool run in any order, at the same time, in any process.
 * To keep one order for each room, a program needs one pool with a single worker for each room.
 *
 * Here each worker interleaves eight tasks, and each room lives in the memory of one worker.
 * Without keys, two messages could read the same room at the same time. One of them would be lost.
 */
import { Executor } from 'rx-futures';

await using executor = new Executor<typeof import('./22-chat-rooms.tasks.js')>({
  tasks: new URL('./22-chat-rooms.tasks.js', import.meta.url),
  maxWorkers: 2,
  concurrency: 8,
});
const { say } = executor.tasks;

const garden = say.with({ key: 'garden' });
const kitchen = say.with({ key: 'kitchen' });
const messages = [
  garden('garden', 'The tomatoes are ripe.'),
  kitchen('kitchen', 'Soup?'),
  garden('garden', 'All of them?'),
  kitchen('kitchen', 'Salad.'),
  garden('garden', 'All.'),
];
for (const message of await Promise.all(messages)) console.log(message);

// Output:
// garden #1: The tomatoes are ripe.
// kitchen #1: Soup?
// garden #2: All of them?
// kitchen #2: Salad.
// garden #3: All.
