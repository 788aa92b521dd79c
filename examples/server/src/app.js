/** The routes of the server. They know a pool of workers only by `run` and `statusOf`. */
import Fastify from 'fastify';

const MAX_TEXT = 1_000_000;

/**
 * @param {import('./pool.js').Pool} pool
 * @param {import('fastify').FastifyServerOptions} [options]
 */
export function buildApp(pool, options) {
  const app = Fastify({ bodyLimit: MAX_TEXT, ...options });
  app.addContentTypeParser('text/markdown', { parseAs: 'string' }, (_request, body, done) => done(null, body));

  app.post('/hash', { schema: { body: textIn('password') } }, (request, reply) =>
    run(reply, 'hash', request.body.password),
  );

  app.post('/sign', { schema: { body: textIn('text') } }, (request, reply) => run(reply, 'sign', request.body.text));

  app.post('/render', { schema: { body: { type: 'string' } } }, (request, reply) => {
    reply.type('text/html; charset=utf-8');
    return run(reply, 'render', request.body);
  });

  app.get('/png', { schema: { querystring: sizeIn(1, 8_192) } }, async (request, reply) => {
    const image = await run(reply, 'png', request.query.size);
    return reply.type('image/png').send(Buffer.from(image.buffer, image.byteOffset, image.byteLength));
  });

  app.get('/stats', async () => pool.stats());

  app.setErrorHandler((error, _request, reply) => {
    const status = error.validation ? 400 : (error.statusCode ?? pool.statusOf(error));
    if (status === 503) reply.header('retry-after', '1');
    return reply.code(status).type('application/json').send({ status, error: error.message });
  });

  app.addHook('onSend', async (_request, reply) => {
    // A stopping server waits for its connections, so it does not keep this one alive.
    if (!app.server.listening) reply.header('connection', 'close');
  });

  /**
   * Runs a task for a request. If the client disconnects, the task is cancelled.
   *
   * @param {import('fastify').FastifyReply} reply
   * @param {string} task
   * @param {unknown} argument
   */
  async function run(reply, task, argument) {
    const future = pool.run(task, argument);
    // 'close' comes after each response. Cancelling a future that has settled does nothing.
    reply.raw.once('close', () => future.cancel('the client disconnected'));
    return future;
  }

  return app;
}

/** @param {string} name */
function textIn(name) {
  return { type: 'object', required: [name], properties: { [name]: { type: 'string', minLength: 1 } } };
}

/** @param {number} minimum @param {number} maximum */
function sizeIn(minimum, maximum) {
  return { type: 'object', properties: { size: { type: 'integer', minimum, maximum, default: 256 } } };
}
