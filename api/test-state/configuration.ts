import type { Machine, StateTest, StateUnderTest } from '../../runtime/index.ts';
import { awsError } from '../errors.ts';
import type { Input } from '../model/shapes.ts';
import { capitalized } from './spelling.ts';

type Scope = Pick<Machine, 'states'>;
type Configuration = Pick<StateTest, 'retrierRetryCount' | 'mapIterationFailureCount' | 'mapItemReaderData'>;

/** `stateConfiguration` says what a mock came from, so there must be one. @throws AwsError ValidationException */
export function readConfiguration(
  { stateConfiguration = {}, mock }: Input<'TestState'>,
  { state }: StateUnderTest,
): Configuration {
  const { retrierRetryCount = 0, mapIterationFailureCount = 0, mapItemReaderData } = stateConfiguration;
  const [name] = Object.keys(stateConfiguration);
  if (name !== undefined && mock === undefined)
    throw awsError(
      'ValidationException',
      `TestState does not support ${capitalized(name)} when a mock is not specified.`,
    );
  checkOrigin(stateConfiguration.errorCausedByState, state);
  return { retrierRetryCount, mapIterationFailureCount, mapItemReaderData };
}

/** An error of a Map or a Parallel comes from a state inside it. */
function checkOrigin(name: string | undefined, state: StateUnderTest['state']): void {
  if (name === undefined) return;
  const scopes: readonly Scope[] =
    state.type === 'Map' ? [state.processor] : state.type === 'Parallel' ? state.branches : [];
  if (!scopes.some((scope) => holds(scope, name)))
    throw awsError('ValidationException', `ErrorCausedByState not found in the tested state: '${name}'`);
}

function holds({ states }: Scope, name: string): boolean {
  return [...states.values()].some((state) => {
    if (state.name === name) return true;
    if (state.type === 'Map') return holds(state.processor, name);
    return state.type === 'Parallel' && state.branches.some((branch) => holds(branch, name));
  });
}
