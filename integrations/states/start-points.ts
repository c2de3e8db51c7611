import type { Machine } from '../../runtime/index.ts';
import type { StateMachineStore } from '../../store/state-machine.ts';
import { isTracingEnabled } from '../../telemetry/traces/tracing-configuration.ts';
import { RevisionFacts } from './revision-facts.ts';

/** What starting an execution needs of its revision. */
export interface StartPoint extends Pick<Machine, 'startAt' | 'timeoutSeconds'> {
  /** Its `tracingConfiguration` wants traces. */
  readonly isTraced: boolean;
}

export interface StartPoints {
  /** @throws Error when this version cannot parse a definition that was accepted once */
  of(revisionRowId: string): Promise<StartPoint>;
}

const REVISIONS_MAX = 10_000;

/** Kept by revision: only the first start of one reads its definition. */
export function createStartPoints(stateMachines: Pick<StateMachineStore, 'revision'>): StartPoints {
  const facts = new RevisionFacts<StartPoint>((parsed, { stateMachineName, tracingConfiguration }) => {
    if (!parsed.ok)
      throw new Error(`The definition of state machine ${stateMachineName} does not parse any more`);
    const { startAt, timeoutSeconds } = parsed.machine;
    return { startAt, timeoutSeconds, isTraced: isTracingEnabled(tracingConfiguration) };
  }, REVISIONS_MAX);
  return {
    of: (revisionRowId) =>
      facts.of(revisionRowId, async () => {
        const revision = await stateMachines.revision(revisionRowId);
        if (revision === undefined) throw new Error(`There is no state machine revision ${revisionRowId}`);
        return revision;
      }),
  };
}
