/** The service model's table as types: what each operation takes and answers. */
import { type OPERATIONS, SHAPES } from './service-model.ts';

export type OperationName = keyof typeof OPERATIONS;
export type ShapeName = keyof typeof SHAPES;

/** What an operation is given: constraints hold, members that the model does not know are gone. */
export type Input<Name extends OperationName> = Value<(typeof OPERATIONS)[Name]['input']>;
/** Absent members may also be `undefined`; dates are seconds since 1970. */
export type Output<Name extends OperationName> = Value<(typeof OPERATIONS)[Name]['output']>;

export type Value<Name> = Name extends ShapeName ? ValueOf<(typeof SHAPES)[Name]> : never;

type ValueOf<S> = S extends { type: 'structure'; members: infer M }
  ? Structure<M, S extends { required: readonly (infer R)[] } ? R : never>
  : S extends { type: 'list'; member: infer M }
    ? readonly Value<M>[]
    : S extends { type: 'map'; value: infer V }
      ? Readonly<Record<string, Value<V>>>
      : S extends { enum: readonly (infer E)[] }
        ? E
        : S extends { type: 'string' }
          ? string
          : S extends { type: 'boolean' }
            ? boolean
            : number;
type Structure<Members, Required> = {
  readonly [K in keyof Members as K extends Required ? K : never]: Value<Members[K]>;
} & {
  readonly [K in keyof Members as K extends Required ? never : K]?: Value<Members[K]> | undefined;
};

/** Any row of the table, for code that walks it. */
export interface Shape {
  readonly type: ShapeType;
  readonly members?: Readonly<Record<string, ShapeName>>;
  readonly required?: readonly string[];
  readonly member?: ShapeName;
  readonly value?: ShapeName;
  readonly enum?: readonly string[];
  readonly min?: number;
  readonly max?: number;
  readonly pattern?: string;
  readonly sensitive?: boolean;
}
export type ShapeType = (typeof SHAPES)[ShapeName]['type'];

export function shapeOf(name: ShapeName): Shape {
  return SHAPES[name];
}
