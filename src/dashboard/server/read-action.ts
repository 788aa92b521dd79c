/** Reads the body of a request that changes something. */
import type { IncomingMessage } from 'node:http';
import { ACTIONS, type Action } from '../frames.js';

/** An action is some 100 bytes. */
const MAX_BYTES = 4_096;

/** Returns the action, or a text that says what is wrong with the request. */
export async function readAction(request: IncomingMessage): Promise<Action | string> {
  if (!/^application\/json\b/.test(request.headers['content-type'] ?? ''))
    return 'Expected a body of the type application/json.';
  const body = await readBody(request);
  if (body === undefined) return `Expected at most ${MAX_BYTES} bytes.`;
  let action: Partial<Record<string, unknown>>;
  try {
    action = JSON.parse(body);
  } catch {
    return 'The body is not valid JSON.';
  }
  return isAction(action) ? action : `Expected an object with "source" and one of the actions ${ACTIONS.join(', ')}.`;
}

function isAction(value: any): value is Action {
  if (typeof value !== 'object' || value === null || !Number.isInteger(value.source)) return false;
  if (value.action === 'cancel') return Number.isSafeInteger(value.id);
  if (value.action === 'end-worker' || value.action === 'terminate-worker') return typeof value.worker === 'string';
  return value.action === 'pause' || value.action === 'resume';
}

async function readBody(request: IncomingMessage): Promise<string | undefined> {
  const chunks: Buffer[] = [];
  let size = 0;
  // The answer to a body that is too large still needs the connection.
  for await (const chunk of request.iterator({ destroyOnReturn: false })) {
    size += (chunk as Buffer).length;
    if (size > MAX_BYTES) return undefined;
    chunks.push(chunk as Buffer);
  }
  return Buffer.concat(chunks).toString('utf8');
}
