/** Logging, tracing and encryption of a state machine: what is kept and shown of what a request gives. */
import { awsError } from './errors.ts';
import type { Value } from './model/shapes.ts';

type LoggingConfiguration = Value<'LoggingConfiguration'>;
type TracingConfiguration = Value<'TracingConfiguration'>;
type EncryptionConfiguration = Value<'EncryptionConfiguration'>;

/** @throws AwsError InvalidLoggingConfiguration */
export function readLogging(given: LoggingConfiguration = {}): LoggingConfiguration {
  const { level = 'OFF', includeExecutionData = false, destinations = [] } = given;
  if (level !== 'OFF' && destinations.length !== 1)
    throw awsError('InvalidLoggingConfiguration', 'Must specify exactly one Log Destination.');
  return { level, includeExecutionData, ...(destinations.length > 0 && { destinations }) };
}

export function readTracing(given: TracingConfiguration = {}): TracingConfiguration {
  return { enabled: given.enabled ?? false };
}

/** @throws AwsError InvalidEncryptionConfiguration */
export function readEncryption(
  given: EncryptionConfiguration = { type: 'AWS_OWNED_KEY' },
): EncryptionConfiguration {
  if (given.type !== 'AWS_OWNED_KEY')
    throw awsError('UnsupportedOperationException', 'customer managed KMS keys');
  if (given.kmsKeyId !== undefined || given.kmsDataKeyReusePeriodSeconds !== undefined)
    throw awsError(
      'InvalidEncryptionConfiguration',
      "Invalid Encryption Configuration: 'kmsKeyId' and 'kmsDataKeyReusePeriodSeconds' need the type CUSTOMER_MANAGED_KMS_KEY",
    );
  return { type: given.type };
}

interface KeptSettings {
  readonly loggingConfiguration: unknown;
  readonly tracingConfiguration: unknown;
  readonly encryptionConfiguration: unknown;
}

/** The store keeps these objects as they are and knows nothing of their shape. */
export function shownSettings(kept: KeptSettings) {
  return {
    loggingConfiguration: kept.loggingConfiguration as LoggingConfiguration,
    tracingConfiguration: kept.tracingConfiguration as TracingConfiguration,
    encryptionConfiguration: kept.encryptionConfiguration as EncryptionConfiguration,
  };
}
