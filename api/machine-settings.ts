/** Logging, tracing and encryption of a state machine: what is kept and shown of what a request gives. */
import type { LogGroups } from '../integrations/logs/log-groups.ts';
import { awsError } from './errors.ts';
import type { Value } from './model/shapes.ts';

type LoggingConfiguration = Value<'LoggingConfiguration'>;
type TracingConfiguration = Value<'TracingConfiguration'>;
type EncryptionConfiguration = Value<'EncryptionConfiguration'>;

const LOG_GROUP_ARN = /^arn:[\w-]+:logs:[\w-]+:\d{12}:log-group:[\w./#-]{1,512}:\*$/;
const DEFAULT_REUSE_SECONDS = 300;

/** @throws AwsError InvalidLoggingConfiguration */
export function readLogging(given: LoggingConfiguration = {}): LoggingConfiguration {
  const { level = 'OFF', includeExecutionData = false, destinations = [] } = given;
  if (destinations.length > 1 || (level !== 'OFF' && destinations.length === 0))
    throw awsError('InvalidLoggingConfiguration', 'Must specify exactly one Log Destination.');
  for (const { cloudWatchLogsLogGroup } of destinations)
    checkLogGroup(cloudWatchLogsLogGroup?.logGroupArn ?? '');
  return { level, includeExecutionData, ...(destinations.length > 0 && { destinations }) };
}

function checkLogGroup(arn: string): void {
  if (!arn.endsWith(':*'))
    throw awsError('InvalidLoggingConfiguration', "Log Group ARN must be provided with '*' qualifier.");
  if (!LOG_GROUP_ARN.test(arn)) throw awsError('InvalidArn', `Invalid ARN prefix: ${arn}`);
}

/** @throws AwsError InvalidLoggingConfiguration for a log group that there is known not to be */
export async function checkLogGroups(
  { destinations = [] }: LoggingConfiguration,
  logGroups: LogGroups | undefined,
): Promise<void> {
  for (const { cloudWatchLogsLogGroup } of destinations) {
    const arn = cloudWatchLogsLogGroup?.logGroupArn;
    if (arn !== undefined && (await logGroups?.exists(arn)) === false)
      throw awsError('InvalidLoggingConfiguration', 'Log Destination not found.');
  }
}

export function readTracing(given: TracingConfiguration = {}): TracingConfiguration {
  return { enabled: given.enabled ?? false };
}

/**
 * A customer's key is kept and shown; nothing is encrypted with it (docs/configuration.md).
 * @throws AwsError InvalidEncryptionConfiguration
 */
export function readEncryption(
  given: EncryptionConfiguration = { type: 'AWS_OWNED_KEY' },
): EncryptionConfiguration {
  const { type, kmsKeyId, kmsDataKeyReusePeriodSeconds } = given;
  if (type === 'CUSTOMER_MANAGED_KMS_KEY') {
    if (kmsKeyId === undefined) throw invalidEncryption(`'kmsKeyId' is required for the type ${type}`);
    return {
      type,
      kmsKeyId,
      kmsDataKeyReusePeriodSeconds: kmsDataKeyReusePeriodSeconds ?? DEFAULT_REUSE_SECONDS,
    };
  }
  if (kmsKeyId !== undefined || kmsDataKeyReusePeriodSeconds !== undefined)
    throw invalidEncryption(
      "'kmsKeyId' and 'kmsDataKeyReusePeriodSeconds' need the type CUSTOMER_MANAGED_KMS_KEY",
    );
  return { type };
}

function invalidEncryption(problem: string) {
  return awsError('InvalidEncryptionConfiguration', `Invalid Encryption Configuration: ${problem}`);
}

/** The store keeps these objects as they are and knows nothing of their shape. */
interface KeptSettings {
  readonly loggingConfiguration: unknown;
  readonly tracingConfiguration: unknown;
  readonly encryptionConfiguration: unknown;
}

export function shownSettings(kept: KeptSettings) {
  return {
    loggingConfiguration: kept.loggingConfiguration as LoggingConfiguration,
    tracingConfiguration: kept.tracingConfiguration as TracingConfiguration,
    encryptionConfiguration: kept.encryptionConfiguration as EncryptionConfiguration,
  };
}

/** True for what a customer's own key would encrypt. */
export function isCustomerManaged(kept: Pick<KeptSettings, 'encryptionConfiguration'>): boolean {
  const encryption = kept.encryptionConfiguration as EncryptionConfiguration | undefined;
  return encryption?.type === 'CUSTOMER_MANAGED_KMS_KEY';
}
