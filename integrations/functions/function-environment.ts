import type { ArnPlace } from '../../runtime/execution/arn.ts';
import type { HandlerFunction } from './function-map.ts';

/** Statehouse's own secrets, which are none of a function's business. */
const WITHHELD = new Set(['DATABASE_URL', 'STATEHOUSE_ENCRYPTION_KEY', 'STATEHOUSE_SQL_TASKS_URL']);

/**
 * A function's environment variables: this process's but for its secrets, and those that Lambda sets.
 * @see https://docs.aws.amazon.com/lambda/latest/dg/configuration-envvars.html
 */
export function functionEnvironment(
  definition: HandlerFunction,
  env: NodeJS.ProcessEnv,
  place: ArnPlace,
): NodeJS.ProcessEnv {
  return {
    ...Object.fromEntries(Object.entries(env).filter(([name]) => !WITHHELD.has(name))),
    AWS_REGION: place.region,
    AWS_LAMBDA_FUNCTION_NAME: definition.name,
    AWS_LAMBDA_FUNCTION_VERSION: '$LATEST',
    AWS_LAMBDA_FUNCTION_MEMORY_SIZE: String(definition.memoryMb),
  };
}
