/** Those that stand for a metric of AWS/States. */
import { type AttributeName, type Instrument, LONG_SECONDS, SHORT_SECONDS } from './instrument.ts';

const OF_MACHINE = [
  'statehouse.state_machine.name',
  'statehouse.state_machine.type',
  'cloud.account.id',
  'cloud.region',
] as const;
const OF_TASK = ['statehouse.task.kind', 'statehouse.task.resource'] as const;

function executions<const Attributes extends readonly AttributeName[]>(
  description: string,
  aws: string,
  attributes: Attributes,
) {
  return { kind: 'counter', unit: '{execution}', description, attributes, aws: [aws] } as const;
}

/** A metric that AWS has once for each kind of task. */
function tasks(description: string, ...aws: string[]) {
  return { kind: 'counter', unit: '{attempt}', description, attributes: OF_TASK, aws } as const;
}

function taskTime(description: string, ...aws: string[]) {
  return {
    kind: 'histogram',
    unit: 's',
    description,
    attributes: OF_TASK,
    buckets: LONG_SECONDS,
    aws,
  } as const;
}

export const AWS_INSTRUMENTS = {
  // ---------------------------------------------------------------- AWS/States: executions
  'statehouse.executions.started': executions('Executions started', 'ExecutionsStarted', OF_MACHINE),
  'statehouse.executions.succeeded': executions(
    'Executions that succeeded',
    'ExecutionsSucceeded',
    OF_MACHINE,
  ),
  'statehouse.executions.failed': executions('Executions that failed', 'ExecutionsFailed', OF_MACHINE),
  'statehouse.executions.timed_out': executions(
    'Executions that timed out',
    'ExecutionsTimedOut',
    OF_MACHINE,
  ),
  'statehouse.executions.aborted': executions(
    'Executions that were stopped',
    'ExecutionsAborted',
    OF_MACHINE,
  ),
  'statehouse.executions.redriven': executions('Redrives of executions', 'ExecutionsRedriven', OF_MACHINE),
  'statehouse.redriven_executions.succeeded': executions(
    'Executions that succeeded after a redrive; counted among all that succeeded too, as with the next three',
    'RedrivenExecutionsSucceeded',
    OF_MACHINE,
  ),
  'statehouse.redriven_executions.failed': executions(
    'Executions that failed after a redrive',
    'RedrivenExecutionsFailed',
    OF_MACHINE,
  ),
  'statehouse.redriven_executions.timed_out': executions(
    'Executions that timed out after a redrive',
    'RedrivenExecutionsTimedOut',
    OF_MACHINE,
  ),
  'statehouse.redriven_executions.aborted': executions(
    'Executions that were stopped after a redrive',
    'RedrivenExecutionsAborted',
    OF_MACHINE,
  ),
  'statehouse.execution.time': {
    kind: 'histogram',
    unit: 's',
    description: 'From an execution’s start to its end',
    attributes: OF_MACHINE,
    buckets: LONG_SECONDS,
    aws: ['ExecutionTime'],
  },
  'statehouse.executions.throttled': executions(
    'Starts and redrives that were answered ThrottlingException. AWS counts state transitions that it holds back; no state transition is held back here',
    'ExecutionThrottled',
    ['rpc.method'],
  ),

  // ---------------------------------------------------------------- AWS/States: tasks
  'statehouse.tasks.scheduled': tasks(
    'Attempts scheduled',
    'LambdaFunctionsScheduled',
    'ServiceIntegrationsScheduled',
    'ActivitiesScheduled',
  ),
  'statehouse.tasks.started': tasks(
    'Attempts started',
    'LambdaFunctionsStarted',
    'ServiceIntegrationsStarted',
    'ActivitiesStarted',
  ),
  'statehouse.tasks.succeeded': tasks(
    'Attempts that succeeded',
    'LambdaFunctionsSucceeded',
    'ServiceIntegrationsSucceeded',
    'ActivitiesSucceeded',
  ),
  'statehouse.tasks.failed': tasks(
    'Attempts that failed, also those that could not be scheduled or started',
    'LambdaFunctionsFailed',
    'ServiceIntegrationsFailed',
    'ActivitiesFailed',
  ),
  'statehouse.tasks.timed_out': tasks(
    'Attempts that met TimeoutSeconds',
    'LambdaFunctionsTimedOut',
    'ServiceIntegrationsTimedOut',
    'ActivitiesTimedOut',
  ),
  'statehouse.tasks.heartbeat_timed_out': tasks(
    'Attempts whose heartbeat stayed away for HeartbeatSeconds',
    'ActivitiesHeartbeatTimedOut',
  ),
  'statehouse.task.schedule_time': taskTime(
    'From the schedule of an attempt to its start',
    'LambdaFunctionScheduleTime',
    'ServiceIntegrationScheduleTime',
    'ActivityScheduleTime',
  ),
  'statehouse.task.run_time': taskTime(
    'From the start of an attempt to its end',
    'LambdaFunctionRunTime',
    'ServiceIntegrationRunTime',
    'ActivityRunTime',
  ),
  'statehouse.task.time': taskTime(
    'From the schedule of an attempt to its end',
    'LambdaFunctionTime',
    'ServiceIntegrationTime',
    'ActivityTime',
  ),

  // ---------------------------------------------------------------- AWS/States: the API
  'statehouse.api.request.duration': {
    kind: 'histogram',
    unit: 's',
    description:
      'Requests to the API, also those that wait (GetActivityTask); its count is that of the requests',
    attributes: ['rpc.method', 'error.type'],
    buckets: SHORT_SECONDS,
    aws: ['ConsumedCapacity'],
  },
  'statehouse.api.requests.throttled': {
    kind: 'counter',
    unit: '{request}',
    description: 'Requests that were answered ThrottlingException, for whatever reason',
    attributes: ['rpc.method'],
    aws: ['ThrottledEvents'],
  },
} as const satisfies Readonly<Record<string, Instrument>>;
