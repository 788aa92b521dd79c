/**
 * The examples of the playground, when the site is built. They are the numbered examples, which the
 * tests run on Node, without their types.
 */
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { transform } from 'sucrase';
import { NAMES } from './names.mjs';

export interface Example {
  /** Such as "22-chat-rooms". The address of the page ends with it. */
  readonly name: string;
  readonly title: string;
  readonly description: string;
  readonly main: string;
  readonly tasks: string;
}

export declare const data: Example[];

const folder = path.resolve(import.meta.dirname, '../../../../examples');

export default {
  watch: [`${folder}/*`],
  load: (): Example[] => NAMES.map(exampleOf),
};

function exampleOf(name: string): Example {
  const source = read(`${name}.ts`);
  const [, description = ''] = /^\/\*\*\n \* (.+?)\n \*\n/s.exec(source) ?? [];
  const [, title = name] = new RegExp(`\\| \\d\\d +\\| (.+?) +\\| .*${name}\\.ts`).exec(read('README.md')) ?? [];
  return {
    name,
    title: title.charAt(0).toUpperCase() + title.slice(1),
    description: description.replaceAll('\n * ', ' '),
    main: toJavaScript(withoutFrame(source)).replaceAll(`./${name}.tasks.js`, './tasks.js'),
    tasks: toJavaScript(withoutFrame(read(`${name}.tasks.ts`))),
  };
}

/** Removes the first comment, which the page shows as a description, and that of the output. */
function withoutFrame(source: string): string {
  return source.replace(/^\/\*\*.*?\*\/\n/s, '').replace(/\n\/\/ Output:\n.*$/s, '');
}

/** Removes the types. The lines stay as they are, apart from what a removed type leaves behind. */
function toJavaScript(source: string): string {
  const { code } = transform(source, { transforms: ['typescript'], disableESTransforms: true });
  const whole = code.replace(/,(?: ?,)* \}( from )/g, ' }$1').replace(/\n{3,}/g, '\n\n');
  return `${whole.trim()}\n`;
}

function read(file: string): string {
  return readFileSync(path.join(folder, file), 'utf8');
}
