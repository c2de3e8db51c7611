import { z } from 'zod';

const schema = z.object({ enabled: z.boolean() });

/**
 * Whether a state machine's `tracingConfiguration` wants traces of its executions.
 * @param stored as the API has checked it; anything else wants none
 * @see https://docs.aws.amazon.com/step-functions/latest/apireference/API_TracingConfiguration.html
 */
export function isTracingEnabled(stored: unknown): boolean {
  return schema.safeParse(stored).data?.enabled ?? false;
}
