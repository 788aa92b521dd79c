/**
 * Settles the futures that were lost with a server. A server that takes over its jobs does the same
 * (serving/job-outcomes.ts), but there may be no other server.
 */
import { judge, type LostJob, lostOutcome, type Rules } from '../../protocol/queue/lost-jobs.js';
import { outcomesOf } from '../../protocol/queue/outcomes.js';
import type { ClientConnection } from '../../protocol/queue/transport.js';

type LostJobsConnection = Pick<ClientConnection, 'outcomes' | 'storeOutcomes' | 'findLost' | 'rules'>;

/**
 * Settles the futures of those `jobs` that are lost. Futures that may run again are left for the
 * next server. Returns the ids of the futures that have an outcome now.
 */
export async function settleLost(connection: LostJobsConnection, jobs: Iterable<string>): Promise<number[]> {
  // Jobs of other programs are skipped.
  const found = await Promise.all(Array.from(jobs, (job) => connection.findLost(job).catch(() => undefined)));
  const lost = found.filter((each) => each !== undefined);
  const rules = lost.length === 0 ? undefined : await connection.rules();
  if (rules === undefined) return [];
  const ended = await Promise.all(lost.map((each) => settleLostIn(connection, each, rules)));
  return ended.flat();
}

async function settleLostIn(connection: LostJobsConnection, { data, notes }: LostJob, rules: Rules): Promise<number[]> {
  const { lost } = judge(data, notes, rules.rerunLost, await outcomesOf(connection, data));
  const outcomes = lost.map((node) => lostOutcome(node, notes, rules));
  if (outcomes.length > 0) await connection.storeOutcomes(outcomes, data.keep);
  return lost.map(({ id }) => id);
}
