/** The task of example 19: it counts the steps of the Collatz sequence from `start` to 1. */
export function collatz(start: number): number {
  let steps = 0;
  for (let n = start; n !== 1; n = n % 2 === 0 ? n / 2 : 3 * n + 1) steps++;
  return steps;
}
