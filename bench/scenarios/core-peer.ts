import { rateOf } from '../core.ts';
import type { Peer } from '../scenario.ts';
import { CORE_PASS_10 } from './core.ts';

/** The part of the package that is used; it is not installed where the compiler looks. */
interface Package {
  readonly StateMachine: new (
    definition: object,
  ) => {
    run(input: object): {
      readonly result: Promise<unknown>;
      readonly eventLogs: AsyncIterable<unknown>;
    };
  };
}

const ENTRY = new URL(
  '../peers/node_modules/aws-local-stepfunctions/build/main.node.esm.js',
  import.meta.url,
);

/** An interpreter in memory, as ours is here. It writes its log of events whether that is read or not. */
export const awsLocalStepFunctions: Peer = {
  name: 'aws-local-stepfunctions',
  scenario: 'core-pass-10',
  compared: [{ metric: 'executionsPerSecond', better: 'more', ratio: 'core-pass-10' }],
  run: async (_server, size) => {
    const { StateMachine } = (await import(ENTRY.href)) as Package;
    const machine = new StateMachine(CORE_PASS_10.definition);
    return { executionsPerSecond: await rateOf(() => machine.run(CORE_PASS_10.input).result, size) };
  },
};
