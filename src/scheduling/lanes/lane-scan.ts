/**
 * Finds and revokes jobs that a worker has not started, if some of them have a key. The worker may
 * hold a job of a key while it starts newer jobs. So an older job may start later than a newer one.
 */
import type { Job } from '../job/job.js';
import { treeSize } from '../job/job-tree.js';
import type { JobLane } from '../job/place.js';

/** The jobs of a worker, as far as the scan needs them. */
export interface SentJobs {
  /** Root jobs, oldest first. */
  rootJobs(): Iterable<Job>;
  isUnclaimed(root: Job): boolean;
  /** Returns true if the job will never run on the worker. */
  revoke(root: Job): boolean;
}

/** Number of the last scan. A lane whose `scan` is this number was counted in it. */
let lastScan = 0;

/**
 * Returns the number of jobs that have not started, and of job trees that another worker may run
 * instead. All jobs of a key count as one, because they run one after another.
 */
export function countUnclaimed(sent: SentJobs): { trees: number; jobs: number } {
  const scan = ++lastScan;
  let trees = 0;
  let jobs = 0;
  for (const root of sent.rootJobs()) {
    const lane = root.place?.lane;
    if (lane !== undefined) {
      // The oldest job of the key is the first one here.
      if (lane.scan === scan) continue;
      lane.scan = scan;
    }
    if (sent.isUnclaimed(root)) {
      jobs += treeSize(root);
      if (lane?.isStarted !== true) trees++;
    } else lane?.started();
  }
  return { trees, jobs };
}

/** Limits how many jobs {@link revokeUnclaimed} revokes on a worker. */
export interface RevokeLimits {
  /** Maximum number of job trees. All trees of a key count as one, because they move together. */
  readonly most: number;
  /**
   * Number of jobs that fit into the window of the worker that will receive them. Revoking stops
   * when the revoked trees contain so many jobs. The last tree may exceed the number.
   */
  readonly room: number;
  /** Returns false for a root job that must stay. */
  readonly isWanted: (job: Job) => boolean;
}

/**
 * Revokes job trees, newest first. If a job of a key stays, the older jobs of that key stay too.
 * Otherwise the job that stays would run before them.
 */
export function revokeUnclaimed(sent: SentJobs, { most, room, isWanted }: RevokeLimits): Job[] {
  const revoked: Job[] = [];
  const revokedLanes = new Set<JobLane>();
  const kept = new Set<JobLane>();
  let left = room;
  let count = 0;
  for (const root of [...sent.rootJobs()].reverse()) {
    const lane = root.place?.lane;
    if (lane !== undefined && kept.has(lane)) continue;
    const isLaneRevoked = lane !== undefined && revokedLanes.has(lane);
    const isUnclaimed = sent.isUnclaimed(root);
    const isChosen = isLaneRevoked || (count < most && left > 0);
    if (isChosen && isUnclaimed && root.transfer === undefined && isWanted(root)) {
      const size = treeSize(root);
      if (sent.revoke(root)) {
        revoked.push(root);
        left -= size;
        if (!isLaneRevoked) count++;
        if (lane !== undefined) revokedLanes.add(lane);
        continue;
      }
    }
    if (lane === undefined) continue;
    kept.add(lane);
    if (!isUnclaimed) lane.started();
  }
  return revoked;
}
