/** Refuses options that have no effect in a browser. */

/** Why an option has no effect, and what to do instead. */
const REASONS: Readonly<Record<string, string>> = {
  maxMemoryPerWorker: "a worker can't measure its heap there. Set maxTasksPerWorker to replace workers.",
};

const OTHERS = 'workers have no such setting there. Pass values to the initializer, with initArgs.';

/** @throws TypeError that names the option */
export function refuseOptions(options: object): void {
  const [name] = Object.keys(options);
  if (name === undefined) return;
  throw new TypeError(`Executor: option "${name}" has no effect in a browser, because ${REASONS[name] ?? OTHERS}`);
}
