#!/usr/bin/env node
/** `npx rx-futures`: the commands. */
import { fail } from './cli/arguments.js';
import { dashboard } from './cli/dashboard.js';
import { serve } from './cli/serve.js';

const commands: Readonly<Record<string, (args: readonly string[]) => Promise<void>>> = { serve, dashboard };

const usage = `Usage: rx-futures serve <module> --redis <url> --queue <name> [options]
       rx-futures dashboard --redis <url> --queue <name> [options]

  serve       starts a server that runs the tasks of a queue
  dashboard   serves a page that shows a queue

rx-futures <command> --help prints all options.
`;

const [name, ...args] = process.argv.slice(2);
if (name === '--help' || name === '-h') console.log(usage);
else if (name === undefined) fail('Missing command. Use "serve" or "dashboard".', { usage });
else await (Object.hasOwn(commands, name) ? commands[name]!(args) : unknown(name));

function unknown(name: string): never {
  return fail(`Unknown command "${name}". Use "serve" or "dashboard".`, { usage });
}
