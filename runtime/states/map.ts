import { evaluateDynamic, invalidPath, unexpectedType } from '../data/dynamic.ts';
import { effectiveInput } from '../data/flow.ts';
import { isArray, type JsonArray, stringifyJson } from '../data/json.ts';
import { Payload } from '../data/payload.ts';
import { checkDepth, checkSize } from '../data/size.ts';
import type { MapRun } from '../execution/execution.ts';
import type { Turn } from '../execution/step.ts';
import { TurnStates } from '../execution/turn-environment.ts';
import { runtimeFailure, StateFailure, States } from '../failures/failure.ts';
import type { MapState } from '../machine/machine.ts';
import { enter } from './entering.ts';
import { guard } from './failing.ts';
import { leave } from './leaving.ts';
import { maxConcurrency } from './map-numbers.ts';
import { outputsOf } from './parallel.ts';

/** AWS runs at most so many iterations of an inline Map at once. */
const INLINE_CONCURRENCY_MAX = 40;

/** @see https://docs.aws.amazon.com/step-functions/latest/dg/state-map-inline.html */
export function enterMap(turn: Turn, state: MapState): void {
  enter(turn, state);
  startMap(turn, state);
}

/** Takes the items: at entry, and anew for each retry and, where no iteration can go on, for a redrive. */
export function startMap(turn: Turn, state: MapState): void {
  guard(turn, state, () => {
    // TestState runs no iterations: their results are mocked.
    if (state.mode === 'DISTRIBUTED' && turn.step.inspection === undefined)
      throw runtimeFailure('Distributed Map is not supported by this version of Statehouse.');
    const effective = effectiveInput(turn, state.flow);
    const items = itemsOf(turn, state, effective);
    const concurrency = inlineConcurrency(maxConcurrency(turn, state, effective));
    // Together they may be larger than a payload, each is held to that; but the journal must give them back.
    const kept = checkDepth(Payload.fromValue(items), state.name);
    turn.emit('MapStateStarted', { length: items.length }, { items: kept, concurrency });
  });
}

/** Starts the iterations that there is room for; after the last one the state is left. */
export function continueMap(turn: Turn, state: MapState): void {
  const run = turn.branch.activity as MapRun;
  if (run.started < run.length) startIterations(turn, state, run);
  else mapSucceeded(turn, state, outputsOf(run));
}

export function mapSucceeded(turn: Turn, state: MapState, result: Payload): void {
  guard(turn, state, () => {
    turn.emitAside('MapStateSucceeded', {}, {});
    leave(turn, state, state.next, result, effectiveInput(turn, state.flow));
  });
}

function startIterations(turn: Turn, state: MapState, run: MapRun): void {
  guard(turn, state, () => {
    const { step, branch } = turn;
    const room = Math.min(run.concurrency - run.open, run.length - run.started);
    // All inputs before the first event: a bad ItemSelector fails the Map before iterations are opened.
    const inputs = Array.from({ length: room }, (_, n) => iterationInput(turn, state, run, run.started + n));
    for (const [n, input] of inputs.entries()) {
      const details = { name: state.name, index: run.started + n };
      const own = { parent: branch.id, startAt: state.processor.startAt, input };
      step.append('MapIterationStarted', step.execution.nextBranchId + n, run.lastBodyEventId, details, own);
    }
  });
}

/** What an iteration begins with: its item, or what ItemSelector makes of it. @throws StateFailure */
export function iterationInput(turn: Turn, state: MapState, run: MapRun, index: number): Payload {
  const value = (run.items.value as JsonArray)[index] ?? null;
  const { maxPayloadBytes } = turn.step.limits;
  if (state.itemSelector === undefined)
    return checkSize(Payload.fromValue(value), maxPayloadBytes, state.name);
  const input = effectiveInput(turn, state.flow).value;
  const environment = turn.environment(input, { states: new TurnStates(turn), item: { index, value } });
  const selected = Payload.fromValue(state.itemSelector.evaluate(environment));
  return checkSize(selected, maxPayloadBytes, state.name);
}

function inlineConcurrency(maxConcurrency: number): number {
  return maxConcurrency === 0 ? INLINE_CONCURRENCY_MAX : Math.min(maxConcurrency, INLINE_CONCURRENCY_MAX);
}

function itemsOf(turn: Turn, state: MapState, effective: Payload): JsonArray {
  const { items, flow } = state;
  const value = items === undefined ? effective.value : evaluateDynamic(turn, items, effective, invalidPath);
  if (isArray(value)) {
    if (flow.language === 'JSONPath' && items?.kind !== 'template')
      turn.observe('afterItemsPath', Payload.fromValue(value));
    return value;
  }
  if (items?.kind === 'template') throw unexpectedType(items, 'array', value);
  if (flow.language === 'JSONata')
    throw new StateFailure(
      States.QueryEvaluationError,
      `Map state input must be an array but was: ${stringifyJson(value)}`,
    );
  // AWS shows a path into the Context Object without the first of its two dollars.
  const path = items?.kind === 'path' ? items.path.source.replace(/^\$\$/, () => '$') : '$';
  throw runtimeFailure(`Reference path "${path}" must point to array.`);
}
