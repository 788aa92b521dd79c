/**
 * Which flags of this process (process.execArgv) its workers get. Most are meant for all code: loaders, conditions, limits, warnings. But some
 * say what is run and how it is read, and that is for the program alone: a process that inherits `-e` runs the program once more, and so on
 * without end; a worker that inherits `--input-type` is refused, since that is not for files. And a debugger's port is taken: a process with
 * `--inspect-brk` waits for another one until it is given up.
 *
 * Tried with Node 20. `--test` and `--watch` are not seen here, since the process that they start doesn't get them; `--test-only`,
 * `--watch-preserve-output`, `--cpu-prof` and V8's flags do no harm.
 */

/** Flags that are for this process alone. */
const OWN = /^(-[epi]+|--eval|--print|--interactive|--input-type|--inspect(-brk|-wait|-port)?)$/;

/** What changes how modules are found, loaded and reported. */
const OF_MODULES =
  /^(-r|--require|--import|--(experimental-)?loader|-C|--conditions|--enable-source-maps|--(no-)?experimental-strip-types|--experimental-transform-types)$/;

export function flagsForProcess(flags: readonly string[] = process.execArgv): string[] {
  return pick(flags, (name) => !OWN.test(name));
}

/**
 * Undefined where a thread may have all, which Node gives it by itself. Otherwise only some can be named: it refuses those of V8 and of the
 * whole process, which hold for each of its threads anyway.
 */
export function flagsForThread(flags: readonly string[] = process.execArgv): string[] | undefined {
  if (pick(flags, (name) => name === '--input-type').length === 0) return undefined;
  return pick(flags, (name) => OF_MODULES.test(name));
}

/** A flag's value is part of it, or the argument after it; no argument that is a value begins with a dash. */
function pick(flags: readonly string[], isWanted: (name: string) => boolean): string[] {
  let keeps = false;
  return flags.filter((flag) => {
    if (flag.startsWith('-')) keeps = isWanted(flag.split('=', 1)[0]!);
    return keeps;
  });
}
