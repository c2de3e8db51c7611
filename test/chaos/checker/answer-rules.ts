/** What has to hold between histories, the tokens that were given out, and the answers that were sent for them. */
import type { HistoryEvent } from '../../../cli/client.ts';
import { isAnswerId } from './evidence.ts';
import { detailsOf, endOf, type IndexedEvidence, isForActivity, keyOf, workerOf } from './indexed.ts';

/** A token is answered once, and an answer that was acknowledged is the one that counts. */
export function* answersCountOnce({ answers, attemptOfToken }: IndexedEvidence): Iterable<string> {
  for (const [token, sent] of Map.groupBy(answers, (answer) => answer.token)) {
    const attempt = attemptOfToken.get(token);
    const who = attempt === undefined ? token : keyOf(attempt);
    const acknowledged = sent.filter(({ outcome }) => outcome === 'acknowledged').map(({ id }) => id);
    if (acknowledged.length > 1) yield `${who}: its token took ${acknowledged.length} answers`;
    const end = attempt && endOf(attempt);
    if (end === undefined) continue;
    const [counted] = acknowledged;
    const applied = answerIn(end);
    if (counted !== undefined && applied !== counted)
      yield `${who}: answer ${counted} was acknowledged, and event ${end.id} has ${applied ?? 'none'}`;
  }
}

/** What ends a task with a token is an answer that was sent for it. */
export function* answersWereSent({ answers, attempts, attemptOfToken }: IndexedEvidence): Iterable<string> {
  const tokenOf = new Map(answers.map(({ id, token }) => [id, token]));
  for (const attempt of attempts) {
    const end = endOf(attempt);
    const applied = end && answerIn(end);
    if (applied === undefined) continue;
    if (attemptOfToken.get(tokenOf.get(applied) ?? '') !== attempt)
      yield `${keyOf(attempt)} ended by answer ${applied}, which nobody sent to its token`;
  }
}

/** The answer that ended a task with a token. */
function answerIn(end: HistoryEvent): string | undefined {
  const { resource, output, cause } = detailsOf(end);
  if (!end.type.startsWith('Activity') && resource !== 'invoke.waitForTaskToken') return undefined;
  if (end.type.endsWith('Succeeded')) return (JSON.parse(String(output)) as { by?: string }).by;
  return end.type.endsWith('Failed') && isAnswerId(String(cause)) ? String(cause) : undefined;
}

/** Each task of an activity goes to one worker, which its history names. */
export function* activityTasksGoToOneWorker({ polls, attempts }: IndexedEvidence): Iterable<string> {
  const handedOut = polls.filter(({ token }) => token !== undefined);
  for (const [token, takers] of Map.groupBy(handedOut, (poll) => poll.token))
    if (takers.length > 1) yield `${takers.map(({ id }) => id)} were all given the task ${token}`;
  const pollOf = new Map(polls.map((poll) => [poll.id, poll]));
  const started = attempts.filter((attempt) => isForActivity(attempt) && workerOf(attempt) !== undefined);
  for (const [worker = '', taken] of Map.groupBy(started, workerOf)) {
    const poll = pollOf.get(worker);
    if (taken.length > 1) yield `${taken.map(keyOf)} were all started by ${worker}`;
    // An answer that was lost may have brought a task.
    if (poll === undefined || (poll.token === undefined && poll.outcome !== 'unknown'))
      yield `${taken.map(keyOf)} was started by ${worker}, which was given no task`;
  }
}
