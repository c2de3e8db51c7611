import { evaluateDynamic, invalidPath, shownValue, unexpectedType, wholeNumber } from '../data/dynamic.ts';
import { effectiveInput, inputStates } from '../data/flow.ts';
import { isArray, isNumber, type Json, type JsonArray, stringifyJson, toNumber } from '../data/json.ts';
import { Payload } from '../data/payload.ts';
import { checkSize } from '../data/size.ts';
import type { MapRun } from '../execution/execution.ts';
import type { Turn } from '../execution/step.ts';
import { runtimeFailure, StateFailure, States } from '../failures/failure.ts';
import type { MapState } from '../machine/machine.ts';
import { enter } from './entering.ts';
import { guard } from './failing.ts';
import { leave } from './leaving.ts';
import { outputsOf } from './parallel.ts';

/** AWS runs at most so many iterations of an inline Map at once. */
const INLINE_CONCURRENCY_MAX = 40;

/** @see https://docs.aws.amazon.com/step-functions/latest/dg/state-map-inline.html */
export function enterMap(turn: Turn, state: MapState): void {
  enter(turn, state);
  startMap(turn, state);
}

/** Takes the items: at entry, and anew for each retry. */
export function startMap(turn: Turn, state: MapState): void {
  guard(turn, state, () => {
    if (state.mode === 'DISTRIBUTED')
      throw runtimeFailure('Distributed Map is not supported by this version of Statehouse.');
    const effective = effectiveInput(turn, state.flow);
    const concurrency = maxConcurrency(turn, state, effective);
    const items = itemsOf(turn, state, effective);
    const { length } = items;
    turn.emit('MapStateStarted', { length }, { items: Payload.fromValue(items), concurrency });
  });
}

/** Starts the iterations that there is room for; after the last one the state is left. */
export function continueMap(turn: Turn, state: MapState): void {
  const run = turn.branch.activity as MapRun;
  if (run.started < run.length) startIterations(turn, state, run);
  else guard(turn, state, () => join(turn, state, run));
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

function join(turn: Turn, state: MapState, run: MapRun): void {
  turn.emitAside('MapStateSucceeded', {}, {});
  leave(turn, state, state.next, outputsOf(run), effectiveInput(turn, state.flow));
}

function iterationInput(turn: Turn, state: MapState, run: MapRun, index: number): Payload {
  const value = (run.items.value as JsonArray)[index] ?? null;
  if (state.itemSelector === undefined) return Payload.fromValue(value);
  const input = effectiveInput(turn, state.flow).value;
  const environment = turn.environment(input, { states: inputStates(turn), item: { index, value } });
  const selected = Payload.fromValue(state.itemSelector.evaluate(environment));
  return checkSize(selected, turn.step.limits.maxPayloadBytes, state.name);
}

function itemsOf(turn: Turn, state: MapState, effective: Payload): JsonArray {
  const { items, flow } = state;
  const value = items === undefined ? effective.value : evaluateDynamic(turn, items, effective, invalidPath);
  if (isArray(value)) return value;
  if (items?.kind === 'template') throw unexpectedType(items, 'array', value);
  if (flow.language === 'JSONata')
    throw new StateFailure(
      States.QueryEvaluationError,
      `Map state input must be an array but was: ${stringifyJson(value)}`,
    );
  const path = items?.kind === 'path' ? items.path.source : '$';
  throw runtimeFailure(`Reference path "${path}" must point to array.`);
}

function maxConcurrency(turn: Turn, { maxConcurrency: field }: MapState, effective: Payload): number {
  const value = evaluateDynamic(turn, field, effective, invalidPath);
  const number = field.kind === 'template' ? expressionNumber(field, value) : wholeNumber(value);
  if (number === undefined) throw notAnInteger(field.kind === 'path' ? field.path.source : '', value);
  if (number < 0) throw runtimeFailure('MaxConcurrency cannot be negative.');
  return number === 0 ? INLINE_CONCURRENCY_MAX : Math.min(number, INLINE_CONCURRENCY_MAX);
}

function expressionNumber(
  field: Extract<MapState['maxConcurrency'], { kind: 'template' }>,
  value: Json,
): number {
  if (!isNumber(value)) throw unexpectedType(field, 'number', value);
  const number = toNumber(value);
  if (Number.isInteger(number)) return number;
  const cause = `The MaxConcurrency field cannot be parsed as an integer: ${stringifyJson(value)}`;
  throw new StateFailure(States.QueryEvaluationError, cause, field.field);
}

function notAnInteger(path: string, value: Json): StateFailure {
  const shown = shownValue(value);
  return runtimeFailure(
    `The MaxConcurrencyPath field refers to value "${shown}" which is not a valid integer: ${path}`,
  );
}
