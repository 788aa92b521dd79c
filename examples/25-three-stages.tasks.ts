/** The stages of example 25: read lines, parse them, count words. */
import { createReadStream } from 'node:fs';

/** Yields the file in pieces that end with a whole line. */
export async function* pieces(file: string): AsyncGenerator<string> {
  const input = createReadStream(file, 'utf8');
  let rest = '';
  try {
    for await (const chunk of input) {
      const text = rest + chunk;
      const end = text.lastIndexOf('\n') + 1;
      rest = text.slice(end);
      if (end > 0) yield text.slice(0, end);
    }
    if (rest !== '') yield rest;
  } finally {
    input.destroy(); // also when a later stage leaves
  }
}

/** Yields the words of the texts in each piece. Each line is JSON. */
export async function* words(input: AsyncIterable<string>): AsyncGenerator<string[]> {
  for await (const piece of input) {
    const found: string[] = [];
    for (const line of piece.split('\n')) {
      if (line === '') continue;
      const { text } = JSON.parse(line) as { text: string };
      found.push(...(text.toLowerCase().match(/[a-z]{3,}/g) ?? []));
    }
    yield found;
  }
}

/** Returns the number of words, and the most frequent one. */
export async function frequent(input: AsyncIterable<string[]>): Promise<{ total: number; word: string }> {
  const counts = new Map<string, number>();
  let total = 0;
  for await (const batch of input) {
    total += batch.length;
    for (const word of batch) counts.set(word, (counts.get(word) ?? 0) + 1);
  }
  const [word = ''] = [...counts].reduce((most, each) => (each[1] > most[1] ? each : most), ['', 0]);
  return { total, word };
}
