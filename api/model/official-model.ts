/** The form of the service models that github.com/boto/botocore publishes, as far as tables are made from them. */
import { readFileSync } from 'node:fs';

export interface ModelShape {
  readonly type: string;
  readonly members?: Readonly<Record<string, { readonly shape: string }>>;
  readonly required?: readonly string[];
  readonly member?: { readonly shape: string };
  readonly key?: { readonly shape: string };
  readonly value?: { readonly shape: string };
  readonly enum?: readonly string[];
  readonly min?: number;
  readonly max?: number;
  readonly pattern?: string;
  readonly sensitive?: boolean;
  readonly exception?: boolean;
  /** Any JSON at all. */
  readonly document?: boolean;
}

export interface ModelOperation {
  readonly input: { readonly shape: string };
  readonly output?: { readonly shape: string };
  readonly errors?: readonly { readonly shape: string }[];
}

export interface Model {
  /** `serviceId`: `Secrets Manager`. */
  readonly metadata: { readonly serviceId: string };
  readonly operations: Readonly<Record<string, ModelOperation>>;
  readonly shapes: Readonly<Record<string, ModelShape>>;
}

/** @param path of a `service-2.json` */
export function readModel(path: string): Model {
  return JSON.parse(readFileSync(path, 'utf8')) as Model;
}
