/** Named channels, to which no tool listens in a browser. */
import type { Channel } from 'node:diagnostics_channel';

export type { Channel };

const NOBODY = { hasSubscribers: false, publish() {} } as unknown as Channel;

export function channel(_name: string): Channel {
  return NOBODY;
}
