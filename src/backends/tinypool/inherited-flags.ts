/**
 * Decides which flags of this process (process.execArgv) its workers inherit. Most flags are meant
 * for all code: loaders, conditions, limits, warnings.
 *
 * Some flags are only for the program:
 *
 *   - Flags that name the program. A process that inherits `-e` would run the program once more,
 *     and so on without end.
 *   - `--input-type`. Node refuses a worker that inherits it, because it is not for files.
 *   - Flags of the debugger. Its port is in use: a process with `--inspect-brk` waits until the
 *     port is free.
 *
 * Tried with Node 20. `--test` and `--watch` do not occur here, because the process that they start
 * does not receive them. `--test-only`, `--watch-preserve-output`, `--cpu-prof` and V8's flags do
 * no harm.
 */

/** Flags that only this process may have. */
const PROGRAM_FLAGS = /^(-[epi]+|--eval|--print|--interactive|--input-type|--inspect(-brk|-wait|-port)?)$/;

/** Flags that change how modules are found, loaded and reported. */
const MODULE_FLAGS =
  /^(-r|--require|--import|--(experimental-)?loader|-C|--conditions|--enable-source-maps|--(no-)?experimental-strip-types|--experimental-transform-types)$/;

export function flagsForProcess(flags: readonly string[] = process.execArgv): string[] {
  return pick(flags, (name) => !PROGRAM_FLAGS.test(name));
}

/**
 * Returns the flags of a thread. `undefined` if a thread may have all flags, because Node then
 * passes them on by itself. Otherwise only some flags can be named: Node refuses those of V8 and of
 * the whole process, which apply to each of its threads anyway.
 */
export function flagsForThread(flags: readonly string[] = process.execArgv): string[] | undefined {
  if (pick(flags, (name) => name === '--input-type').length === 0) return undefined;
  return pick(flags, (name) => MODULE_FLAGS.test(name));
}

/**
 * The value of a flag is part of the flag, or the argument after it. An argument that is a value
 * never starts with a dash.
 */
function pick(flags: readonly string[], isWanted: (name: string) => boolean): string[] {
  let keeps = false;
  return flags.filter((flag) => {
    if (flag.startsWith('-')) keeps = isWanted(flag.split('=', 1)[0]!);
    return keeps;
  });
}
