import type { Machine } from '../runtime/index.ts';
import { RevisionFacts } from './revision-facts.ts';

/** What starting an execution needs of its definition. */
export type StartPoint = Pick<Machine, 'startAt' | 'timeoutSeconds'>;
export type StartPoints = RevisionFacts<StartPoint>;

const REVISIONS_MAX = 10_000;

/** Its `of` throws an Error when this version cannot parse a definition that was accepted once. */
export function createStartPoints(): StartPoints {
  return new RevisionFacts((parsed, { name }) => {
    if (!parsed.ok) throw new Error(`The definition of state machine ${name} does not parse any more`);
    const { startAt, timeoutSeconds } = parsed.machine;
    return { startAt, timeoutSeconds };
  }, REVISIONS_MAX);
}
