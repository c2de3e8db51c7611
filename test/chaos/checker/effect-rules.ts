/** What has to hold between histories and the effects of SQL tasks. */
import { endOf, type IndexedEvidence, runsSql } from './indexed.ts';

/** An attempt has had its effect once if its success is in the history, and never otherwise. */
export function* effectsAreThereOnce({ attempts, effects }: IndexedEvidence): Iterable<string> {
  const done = countsOf(effects.map(({ executionArn, state }) => `${executionArn}/${state}`));
  const succeeded = countsOf(
    attempts
      .filter((attempt) => runsSql(attempt) && endOf(attempt)?.type === 'TaskSucceeded')
      .map(({ execution, state }) => `${execution.executionArn}/${state}`),
  );
  for (const place of new Set([...done.keys(), ...succeeded.keys()])) {
    const [has, should] = [done.get(place) ?? 0, succeeded.get(place) ?? 0];
    if (has !== should) yield `${place} has had ${has} effects, and ${should} successes`;
  }
}

function countsOf(places: readonly string[]): ReadonlyMap<string, number> {
  return new Map([...Map.groupBy(places, (place) => place)].map(([place, same]) => [place, same.length]));
}
