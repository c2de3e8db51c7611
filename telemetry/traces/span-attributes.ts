/** What spans are called and what they tell: OpenTelemetry's names where it has some; docs/traces.md has the table. */
import { type Attributes, SpanKind } from '@opentelemetry/api';
import type { ExecutionIdentity, ExecutionSpan, MachineType } from '../../runtime/index.ts';

export interface SpanDescription {
  /** Few different ones: no index, no id. */
  readonly name: string;
  readonly kind: SpanKind;
  readonly attributes: Attributes;
}

type OfKind<K extends ExecutionSpan['kind']> = Extract<ExecutionSpan, { kind: K }>;
type Describe<K extends ExecutionSpan['kind']> = (
  span: OfKind<K>,
  identity: ExecutionIdentity,
  type: MachineType,
) => SpanDescription;

const DESCRIBE: { readonly [K in ExecutionSpan['kind']]: Describe<K> } = {
  execution: ({ status, redriveCount }, identity, type) => {
    const { stateMachineArn, stateMachineName, executionName, region } = identity;
    return {
      name: stateMachineName,
      kind: SpanKind.CONSUMER,
      attributes: {
        'aws.step_functions.state_machine.arn': stateMachineArn,
        'cloud.account.id': stateMachineArn.split(':')[4],
        'cloud.region': region,
        'statehouse.execution.name': executionName,
        'statehouse.execution.type': type,
        'statehouse.execution.status': status,
        'statehouse.execution.redrive_count': redriveCount,
      },
    };
  },
  state: ({ state, stateType, retryCount }) => ({
    name: state,
    kind: SpanKind.INTERNAL,
    attributes: {
      'statehouse.state.name': state,
      'statehouse.state.type': stateType,
      'statehouse.retry_count': retryCount,
    },
  }),
  attempt: ({ state, resource, retryCount, childExecutionArn }) => {
    const { name, kind, attributes } = ATTEMPT[resource.kind](resource as never);
    return {
      name,
      kind,
      attributes: {
        'statehouse.state.name': state,
        'statehouse.retry_count': retryCount,
        'statehouse.task.resource': resource.arn,
        'statehouse.child.execution.arn': childExecutionArn,
        ...attributes,
      },
    };
  },
  'retry-wait': ({ state, retryCount }) => ({
    name: 'retry wait',
    kind: SpanKind.INTERNAL,
    attributes: { 'statehouse.state.name': state, 'statehouse.retry_count': retryCount },
  }),
  iteration: ({ state, index }) => ({
    name: `${state} iteration`,
    kind: SpanKind.INTERNAL,
    attributes: { 'statehouse.state.name': state, 'statehouse.map.index': index },
  }),
};

type Resource = OfKind<'attempt'>['resource'];
type DescribeAttempt<K> = (resource: Extract<Resource, { kind: K }>) => SpanDescription;

const ATTEMPT: { readonly [K in Resource['kind']]: DescribeAttempt<K> } = {
  lambda: ({ arn }) => {
    // arn:aws:lambda:region:account:function:name[:qualifier]
    const [, , , region, , , name = ''] = arn.split(':');
    return {
      name: `invoke ${name}`,
      kind: SpanKind.CLIENT,
      attributes: {
        'faas.invoked_name': name,
        'faas.invoked_provider': 'aws',
        'faas.invoked_region': region,
      },
    };
  },
  // It is for a worker to take, when there is one.
  activity: ({ arn }) => ({
    name: `activity ${arn.split(':')[6] ?? ''}`,
    kind: SpanKind.PRODUCER,
    attributes: { 'aws.step_functions.activity.arn': arn },
  }),
  service: ({ resourceType, resource }) => ({
    name: `${resourceType}:${resource}`,
    kind: SpanKind.CLIENT,
    attributes: {},
  }),
};

export function describeSpan(
  span: ExecutionSpan,
  identity: ExecutionIdentity,
  type: MachineType,
): SpanDescription {
  const { name, kind, attributes } = (DESCRIBE[span.kind] as Describe<ExecutionSpan['kind']>)(
    span as never,
    identity,
    type,
  );
  const { outcome, failure } = span;
  const isFailed = outcome === 'failed' || outcome === 'timed-out';
  return {
    name,
    kind,
    attributes: {
      'statehouse.execution.arn': identity.executionArn,
      'statehouse.event.id': span.eventId,
      'statehouse.outcome': outcome,
      ...(isFailed && { 'error.type': cut(failure?.error ?? UNNAMED) }),
      ...attributes,
    },
  };
}

/** A Fail state may fail without an Error. `_OTHER` is OpenTelemetry's word for it. */
export const UNNAMED = '_OTHER';

/** A cause may be a document of 32 KiB. */
const TEXT_LENGTH_MAX = 1024;

/** Names and causes of errors are as long as their authors like; a span is not the place to read them to the end. */
export function cut(text: string): string {
  return text.length > TEXT_LENGTH_MAX ? `${text.slice(0, TEXT_LENGTH_MAX - 1)}…` : text;
}
