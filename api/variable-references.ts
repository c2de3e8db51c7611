import { RevisionFacts } from '../integrations/states/revision-facts.ts';

/** By name of state, as AWS shows them; undefined where no state refers to a variable. */
type ShownReferences = Readonly<Record<string, readonly string[]>> | undefined;
export type VariableReferences = RevisionFacts<ShownReferences>;

/** The references of one definition may take hundreds of kilobytes. */
const REVISIONS_MAX = 500;

/** A definition that this version cannot parse any more is shown without them. */
export function createVariableReferences(): VariableReferences {
  return new RevisionFacts((parsed) => {
    if (!parsed.ok || parsed.machine.variableReferences.size === 0) return undefined;
    return Object.fromEntries(parsed.machine.variableReferences);
  }, REVISIONS_MAX);
}
