import type { Dice } from './dice.ts';

/** Shuffles the first cards and deals them all, and then the others, over and over. */
export function* deal<Card>(
  first: readonly Card[],
  again: readonly Card[],
  dice: Dice,
): Generator<Card, never> {
  yield* shuffled(first, dice);
  for (;;) yield* shuffled(again, dice);
}

function shuffled<Card>(cards: readonly Card[], dice: Dice): Card[] {
  const left = [...cards];
  return cards.flatMap(() => left.splice(dice.between(0, left.length - 1), 1));
}
