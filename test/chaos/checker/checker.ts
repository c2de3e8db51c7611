/** Says what is wrong with what a chaos run has left behind. Pure: all that it knows is in the evidence. */
import { activityTasksGoToOneWorker, answersCountOnce, answersWereSent } from './answer-rules.ts';
import { callsAreAnnounced, callsAreReceivedOnce, successesWereCalled } from './call-rules.ts';
import { childrenEndAsParentsSay, childrenStartOnce } from './child-rules.ts';
import { effectsAreThereOnce } from './effect-rules.ts';
import type { Evidence } from './evidence.ts';
import {
  endsAreAsTold,
  historiesAreWellFormed,
  leasesAreGivenBack,
  nothingIsInvented,
  nothingIsLost,
  rowsMatchJournals,
} from './execution-rules.ts';
import { expressRunsAtLeastOnce, syncAnswersAreTrue, syncRunsAtMostOnce } from './express-rules.ts';
import { type IndexedEvidence, indexed } from './indexed.ts';
import {
  capsHold,
  nothingCrashes,
  nothingIsLeftOver,
  redrivesHappenOnce,
  stopsAreFinal,
} from './request-rules.ts';

/** One sentence for each violation. */
type Rule = (evidence: IndexedEvidence) => Iterable<string>;

export const RULES = {
  nothingIsLost,
  nothingIsInvented,
  endsAreAsTold,
  historiesAreWellFormed,
  rowsMatchJournals,
  leasesAreGivenBack,
  callsAreReceivedOnce,
  callsAreAnnounced,
  successesWereCalled,
  answersCountOnce,
  answersWereSent,
  activityTasksGoToOneWorker,
  expressRunsAtLeastOnce,
  syncRunsAtMostOnce,
  syncAnswersAreTrue,
  childrenStartOnce,
  childrenEndAsParentsSay,
  effectsAreThereOnce,
  stopsAreFinal,
  redrivesHappenOnce,
  capsHold,
  nothingIsLeftOver,
  nothingCrashes,
} satisfies Record<string, Rule>;

export interface Violation {
  readonly rule: keyof typeof RULES;
  readonly sentence: string;
}

export function violationsIn(evidence: Evidence): Violation[] {
  const known = indexed(evidence);
  return Object.entries(RULES).flatMap(([rule, check]) =>
    [...check(known)].map((sentence) => ({ rule: rule as keyof typeof RULES, sentence })),
  );
}
