import { expect, it } from 'vitest';
import {
  hasReactions,
  type Reaction,
  type Reactions,
  withoutReaction,
  withReaction,
} from '../../src/future/reaction.js';

const [a, b, c]: Reaction[] = Array.from({ length: 3 }, () => ({ react: () => {} }));
const all = (...list: (Reaction | undefined)[]) => list.reduce<Reactions>((sum, one) => withReaction(sum, one!), null);

it('one reaction is stored as it is, and several in the order of their arrival', () => {
  expect(all(a)).toBe(a);
  expect([...(all(a, b, c) as Set<Reaction>)]).toEqual([a, b, c]);
});

it('a removed reaction is gone, and the others keep their order', () => {
  const rest = withoutReaction(all(a, b, c), b!);
  expect([...(rest as Set<Reaction>)]).toEqual([a, c]);
  expect(withoutReaction(all(a), a!)).toBe(null);
});

it('removing a reaction that is not there changes nothing', () => {
  expect(withoutReaction(all(a), b!)).toBe(a);
  expect(withoutReaction(null, b!)).toBe(null);
});

it('hasReactions() is false after the last reaction was removed', () => {
  expect([null, all(a), all(a, b)].map(hasReactions)).toEqual([false, true, true]);
  expect(hasReactions(withoutReaction(withoutReaction(all(a, b), a!), b!))).toBe(false);
});
