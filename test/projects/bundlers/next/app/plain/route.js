import { Executor } from 'rx-futures';

export const dynamic = 'force-dynamic';

/** Responds with the error of a task with the option `tasks`, which can't work here. */
export async function GET(request) {
  const runtime = new URL(request.url).searchParams.get('runtime') ?? undefined;
  const executor = new Executor({ tasks: new URL('../../src/tasks.js', import.meta.url), runtime, maxWorkers: 1 });
  const error = await executor.submit('double', 1).catch((error) => error);
  await executor.shutdown();
  return new Response(`${error.name}: ${error.message}\n`, { status: 500 });
}
