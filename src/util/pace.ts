/** Estimates the average time of one piece of work from samples. */

/** Weight of the newest sample in the average, if it is slower than the average. */
const SLOWER_WEIGHT = 0.25;

/**
 * Returns the average after one more sample. A faster sample replaces the average. A slower one
 * counts for a quarter, because it may only have waited for a processor.
 *
 * @param average undefined before the first sample
 */
export function updatedPace(average: number | undefined, newest: number): number {
  return average === undefined || newest < average ? newest : average + SLOWER_WEIGHT * (newest - average);
}
