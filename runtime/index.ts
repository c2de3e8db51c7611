/** The door of the pure core: everything that drivers, the API and the console use of it. */
export { type Json, parseJson, stringifyJson } from './data/json.ts';
export { Payload } from './data/payload.ts';
export { decodeEvents, encodeEvents } from './execution/codec.ts';
export { copyExecution } from './execution/copy.ts';
export type { Effect, TaskInvocation } from './execution/effect.ts';
export type { EndedExecution } from './execution/ended-execution.ts';
export { JOURNAL_VERSION, type JournalEvent, type JournalEventOf } from './execution/event.ts';
export { evolve } from './execution/evolve.ts';
export type { Execution, ExecutionIdentity, ExecutionStatus } from './execution/execution.ts';
export { fold } from './execution/fold.ts';
export { type HistoryEvent, toHistoryEvent } from './execution/history.ts';
export {
  abortedEvent,
  type ExecutionStart,
  isBeginning,
  redrivenEvent,
  startedEvent,
} from './execution/lifecycle.ts';
export {
  DEFAULT_LIMITS,
  type ExecutionLimits,
  PORTABLE_LIMITS,
  type TransitionLimits,
} from './execution/limits.ts';
export { nextDeadline, type OpenTask, openTasks } from './execution/open-work.ts';
export { FOLD_VERSION, restore, snapshot } from './execution/snapshot.ts';
export {
  type AttemptTrace,
  attemptTrace,
  type CallerContext,
  type ExecutionTrace,
  type SpanReference,
  spanIdOf,
} from './execution/trace.ts';
export { readTraceparent, readXRayHeader, traceHeaders } from './execution/trace-headers.ts';
export { type Transition, transition } from './execution/transition.ts';
export type { Moment, Trigger } from './execution/trigger.ts';
export type { Failure } from './failures/failure.ts';
export type { Diagnostic, ParsedDefinition } from './machine/definition.ts';
export type { Machine, MachineType } from './machine/machine.ts';
export { formatDiagnostics, parseDefinition } from './machine/parse.ts';
export { endedSpans } from './spans/ended-spans.ts';
export type { ExecutionSpan } from './spans/execution-span.ts';
export { isInState, runSpanId, stateSpanId } from './spans/span-ids.ts';
export { InvalidTest, type Mock } from './test-state/mock.ts';
export { findStateUnderTest, type StateUnderTest } from './test-state/state-under-test.ts';
export {
  type StateTest,
  type TaskOutcome,
  type TestStateResult,
  type TestWorld,
  testState,
} from './test-state/test-state.ts';
