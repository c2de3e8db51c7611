import type { Json } from '../../data/json.ts';
import type { Environment } from '../environment.ts';

/** One function of the table. */
export interface IntrinsicFunction {
  /** Least and greatest number of arguments. */
  readonly arguments: readonly [number, number];
  /** @throws IntrinsicFault for arguments it does not accept */
  readonly apply: (values: readonly Json[], environment: Environment) => Json;
}
