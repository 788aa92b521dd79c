/**
 * A run: an iframe of the same origin with the program of the reader. To stop the run removes the
 * iframe, and the browser ends its workers.
 */
import type { TaskEvent } from './stream.js';

export type FromFrame =
  | { readonly type: 'loaded'; readonly isIsolated: boolean }
  | { readonly type: 'console'; readonly level: Level; readonly text: string; readonly worker?: string }
  | { readonly type: 'event'; readonly event: TaskEvent }
  | { readonly type: 'ended'; readonly hasFailed: boolean };

export type Level = 'log' | 'info' | 'warn' | 'error' | 'debug';

export interface Files {
  readonly main: string;
  readonly tasks: string;
}

/** Starts a run. Returns a function that stops it. */
export function start(address: string, files: Files, receive: (message: FromFrame) => void): () => void {
  const frame = document.createElement('iframe');
  frame.src = address;
  frame.title = 'The program of the playground';
  // The theme shows frames that have the attribute `hidden`.
  frame.style.display = 'none';
  const listen = ({ source, data }: MessageEvent<FromFrame>) => {
    if (source === null || source !== frame.contentWindow) return;
    if (data.type === 'loaded') frame.contentWindow.postMessage({ type: 'run', ...files }, location.origin);
    receive(data);
  };
  addEventListener('message', listen);
  document.body.append(frame);
  return () => {
    removeEventListener('message', listen);
    frame.remove();
  };
}
