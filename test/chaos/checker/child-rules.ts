/** What has to hold between parents and the children that their tasks have started. */
import { isDeepStrictEqual } from 'node:util';
import { childIn } from './execution-rules.ts';
import { type Attempt, detailsOf, endOf, type IndexedEvidence, keyOf, startsChild } from './indexed.ts';

/** Each attempt that was submitted has a child of its own, and no child is without its attempt. */
export function* childrenStartOnce({ attempts, executions, byArn }: IndexedEvidence): Iterable<string> {
  const starters = new Map<string, string>();
  for (const attempt of attempts.filter(startsChild)) {
    const child = childOf(attempt);
    if (child === undefined) continue;
    const other = starters.get(child);
    if (other !== undefined) yield `${child} is the child of ${other} and of ${keyOf(attempt)}`;
    starters.set(child, keyOf(attempt));
    if (byArn.get(child)?.input.parent?.executionArn !== attempt.execution.executionArn)
      yield `${keyOf(attempt)} has the child ${child}, which is not there or not its own`;
  }
  // A parent that is stopped right after the append that starts a child does not come to say so.
  const unsubmitted = Map.groupBy(
    attempts.filter((attempt) => startsChild(attempt) && childOf(attempt) === undefined),
    (attempt) => familyOf(attempt.execution.executionArn, attempt.state),
  );
  const unclaimed = executions.filter(
    ({ executionArn, input }) => input.parent !== undefined && !starters.has(executionArn),
  );
  const families = Map.groupBy(unclaimed, ({ input }) =>
    familyOf(input.parent?.executionArn ?? '', input.parent?.state ?? ''),
  );
  for (const [family, children] of families)
    if (children.length > (unsubmitted.get(family)?.length ?? 0))
      yield `${children.map(({ executionArn }) => executionArn)}: no attempt of ${family} has started that many`;
}

function familyOf(parentArn: string, state: string): string {
  return `${parentArn}/${state}`;
}

/** A parent's task ends as its child did. */
export function* childrenEndAsParentsSay({ attempts, byArn }: IndexedEvidence): Iterable<string> {
  for (const attempt of attempts.filter(startsChild)) {
    const child = byArn.get(childOf(attempt) ?? '');
    const end = endOf(attempt);
    if (child === undefined || end === undefined) continue;
    const succeeded = end.type === 'TaskSucceeded';
    if (succeeded !== (child.status === 'SUCCEEDED'))
      yield `${keyOf(attempt)} ended with ${end.type}, and its child as ${child.status}`;
    else if (
      succeeded &&
      !isDeepStrictEqual(outputIn(detailsOf(end).output), JSON.parse(String(child.output)))
    )
      yield `${keyOf(attempt)} has another output than its child`;
  }
}

function childOf({ steps }: Attempt): string | undefined {
  return steps.map(childIn).find((arn) => arn !== undefined);
}

function outputIn(result: unknown): unknown {
  return (JSON.parse(String(result)) as { Output?: unknown }).Output;
}
