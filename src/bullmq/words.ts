/**
 * What clients and workers tell each other beside the jobs: words in Redis streams, many in one entry.
 *
 * As text (base64), not as bytes: ioredis writes each buffer of a pipeline to the socket by itself, which cost 0.3 ms a task (2026-11).
 */
import { deserialize, serialize } from 'node:v8';
import type { WireError } from '../protocol/wire-error.js';

// ── worker → client, in the client's inbox ──────────────────────────────────────────────────────────────────────────

export type Word =
  | { readonly type: 'began'; readonly id: number; readonly at: number }
  | End
  | { readonly type: 'progress'; readonly id: number; readonly value: Uint8Array }
  /** `first` counts the values before: a word that came twice, after a lost connection, is known by it. */
  | { readonly type: 'items'; readonly id: number; readonly first: number; readonly values: Uint8Array };

/** How a future has ended. It is told, and kept for those who ask later. */
export interface End {
  readonly type: 'ended';
  readonly id: number;
  /** As in protocol/messages.ts: fulfilled, rejected, skipped, unclonable. */
  readonly kind: number;
  /** ms since the epoch, by the worker's clock; equal where it never began. */
  readonly began: number;
  readonly ended: number;
  /** A value, or a {@link WireError}. Undefined in a word: too large to be told, it is to be fetched. */
  readonly payload: Uint8Array | undefined;
}

// ── client → workers, in the queue's orders ─────────────────────────────────────────────────────────────────────────

export type Order =
  | { readonly type: 'stop'; readonly id: number; readonly attempt: number; readonly reason: WireError }
  | { readonly type: 'credit'; readonly id: number; readonly count: number }
  /** Tell this client too. */
  | { readonly type: 'watch'; readonly id: number; readonly client: string };

export function encodeWords(words: readonly (Word | Order)[]): string {
  return serialize(words).toString('base64');
}

/** Empty for what is none: anybody may write to a stream. */
export function decodeWords<T extends Word | Order>(text: string): T[] {
  try {
    const words: unknown = deserialize(Buffer.from(text, 'base64'));
    return Array.isArray(words) ? words.filter(isWord<T>) : [];
  } catch {
    return [];
  }
}

const kinds = new Set(['began', 'ended', 'progress', 'items', 'stop', 'credit', 'watch']);

function isWord<T>(word: unknown): word is T {
  if (typeof word !== 'object' || word === null) return false;
  const { type, id } = word as { type?: unknown; id?: unknown };
  return typeof type === 'string' && kinds.has(type) && Number.isSafeInteger(id);
}
