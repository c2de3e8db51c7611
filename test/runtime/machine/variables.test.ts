import { describe, expect, it } from 'vitest';
import { faultsOf, LAMBDA, machineOf, machineWith, machineWithRule } from './definitions.ts';

type State = Record<string, unknown>;
const pass = { Type: 'Pass', End: true };
const done = { Type: 'Succeed' };
const assigning = (...names: string[]): State => ({
  ...pass,
  Assign: Object.fromEntries(names.map((name) => [name, 1])),
});

const invalid = (name: string, fault: string, location: string) =>
  `INVALID_VARIABLE_NAME: Invalid variable name '${name}': ${fault}. at ${location}`;

describe('names of variables', () => {
  const characters = 'the variable name contains invalid characters';

  it.each([
    ['states', `RESERVED_VARIABLE_NAME: Cannot assign to reserved variable '$states'. at /States/S/Assign`],
    ['states.$', `RESERVED_VARIABLE_NAME: Cannot assign to reserved variable '$states'. at /States/S/Assign`],
    ['1st', invalid('1st', characters, '/States/S/Assign')],
    ['a-b', invalid('a-b', characters, '/States/S/Assign')],
    ['', invalid('', characters, '/States/S/Assign')],
    ['n'.repeat(81), invalid('n'.repeat(81), 'the variable name exceeds 80 characters', '/States/S/Assign')],
  ])('%s is refused', (name, fault) => {
    expect(faultsOf(machineWith({ ...pass, Assign: { [name]: name.endsWith('.$') ? '$' : 1 } }))).toEqual([
      fault,
    ]);
  });

  it.each(['x', '_x1', 'größe', '数', 'n'.repeat(80), 'States', 'constructor'])('%s is taken', (name) => {
    expect(faultsOf(machineWith(assigning(name)))).toEqual([]);
  });

  it('are checked in catchers and choice rules, too', () => {
    const catcher = { ErrorEquals: ['E'], Next: 'S', Assign: { '?': 1 } };
    const task = { Type: 'Task', Resource: LAMBDA, Catch: [catcher], End: true };
    expect(faultsOf(machineWith(task))).toEqual([invalid('?', characters, '/States/S/Catch[0]/Assign')]);
    const rule = { Variable: '$.a', IsPresent: true, Next: 'Done', Assign: { '?': 1 } };
    expect(faultsOf(machineWithRule(rule))).toEqual([
      invalid('?', characters, '/States/S/Choices[0]/Assign'),
    ]);
  });

  it('may be given once with and once without .$', () => {
    expect(faultsOf(machineWith({ ...pass, Assign: { a: 1, 'a.$': '$' } }))).toHaveLength(1);
  });
});

describe('scopes of variables', () => {
  const outer = (location: string, name = 'x') =>
    invalid(name, 'the variable is already assigned in an outer scope', location);
  const scope = (state: State, name = 'In') => ({ StartAt: name, States: { [name]: state } });
  const parallel = (state: State, more: State = {}) => ({
    Type: 'Parallel',
    Branches: [scope(state)],
    End: true,
    ...more,
  });
  const machine = (...states: [string, State][]) => ({
    StartAt: states[0]?.[0],
    States: Object.fromEntries(states),
  });
  const inBranch = '/States/P/Branches[0]/States/In';

  it('refuses a branch that assigns what was assigned before it', () => {
    const definition = machine(
      ['A', { Type: 'Pass', Assign: { 'x.$': '$', y: 1 }, Next: 'P' }],
      ['P', parallel(assigning('x', 'z'))],
    );
    expect(faultsOf(definition)).toEqual([outer(`${inBranch}/Assign`)]);
  });

  it('refuses an iteration likewise, however deep', () => {
    const inner = { ...parallel(assigning('x')), Branches: [scope(assigning('x'), 'Deep')] };
    const map = { Type: 'Map', ItemProcessor: scope(inner), End: true };
    expect(faultsOf(machine(['A', { ...assigning('x'), End: undefined, Next: 'M' }], ['M', map]))).toEqual([
      outer('/States/M/ItemProcessor/States/In/Branches[0]/States/Deep/Assign'),
    ]);
  });

  it('goes by the way that leads there: a rule, a catcher, a loop', () => {
    const rule = { Variable: '$.a', IsPresent: true, Assign: { x: 1 } };
    const choice = (next: string) => ({ Type: 'Choice', Choices: [{ ...rule, Next: next }], Default: 'P' });
    const P = parallel(assigning('x'));
    expect(faultsOf(machine(['C', choice('P')], ['P', P], ['D', done]))).toContain(
      outer(`${inBranch}/Assign`),
    );
    expect(faultsOf(machine(['C', choice('D')], ['P', P], ['D', done]))).toEqual([]);
    const back = { ...assigning('x'), End: undefined, Next: 'C' };
    const loop = machine(
      ['C', { ...choice('D'), Choices: [{ ...rule, Assign: {}, Next: 'D' }] }],
      ['D', done],
    );
    const looping = { ...loop, States: { ...loop.States, P: { ...P, End: undefined, Next: 'B' }, B: back } };
    expect(faultsOf(looping)).toEqual([outer(`${inBranch}/Assign`)]);
  });

  it('takes what the outer scope assigns only afterwards, as recorded', () => {
    const definition = machine(
      [
        'P',
        parallel(assigning('x'), {
          Catch: [{ ErrorEquals: ['States.ALL'], Assign: { x: 1 }, Next: 'After' }],
          Assign: { x: 2 },
        }),
      ],
      ['After', assigning('x')],
    );
    expect(faultsOf(definition)).toEqual([]);
  });

  it('lets sibling branches use the same name', () => {
    const branches = {
      ...parallel(pass),
      Branches: [scope(assigning('x'), 'A'), scope(assigning('x'), 'B')],
    };
    expect(faultsOf(machineWith(branches))).toEqual([]);
  });

  it('begins anew in the executions of a distributed Map', () => {
    const config = { Mode: 'DISTRIBUTED', ExecutionType: 'STANDARD' };
    const map = {
      Type: 'Map',
      ItemProcessor: { ...scope(assigning('x')), ProcessorConfig: config },
      End: true,
    };
    const first = { ...assigning('x'), End: undefined, Next: 'M' };
    expect(faultsOf(machine(['A', first], ['M', map]))).toEqual([]);
  });

  it('is quick for thousands of scopes', () => {
    const states: [string, State][] = [];
    for (let i = 0; i < 2000; i++) {
      const inside = { StartAt: `I${i}`, States: { [`I${i}`]: assigning(`i${i}`) } };
      states.push([
        `P${i}`,
        { Type: 'Parallel', Branches: [inside], Assign: { [`v${i}`]: 1 }, Next: `P${i + 1}` },
      ]);
    }
    expect(faultsOf(machine(...states, ['P2000', done]))).toEqual([]);
  });
});

describe('references to variables', () => {
  const referencesOf = (definition: unknown) => Object.fromEntries(machineOf(definition).variableReferences);
  const task = { Type: 'Task', Resource: LAMBDA, End: true };
  const jsonata = { ...task, QueryLanguage: 'JSONata' };

  it.each<[string, State, string[] | undefined]>([
    ['paths', { ...pass, InputPath: '$b.x', OutputPath: '$a[0]', ResultPath: '$.c' }, ['a', 'b']],
    ['no paths', { ...pass, Parameters: { a: '$a', 'b.$': '$.b', 'c.$': '$$.State.Name' } }, undefined],
    ['templates', { ...task, Parameters: { x: [{ 'y.$': '$a' }] }, Assign: { 'b.$': '$b' } }, ['a', 'b']],
    [
      'intrinsic functions',
      { ...pass, Parameters: { 'x.$': "States.Format('{}{}', $b, States.MathAdd($a, $b))" } },
      ['a', 'b'],
    ],
    [
      'paths of a Task',
      { ...task, TimeoutSecondsPath: '$t', HeartbeatSecondsPath: '$h', Credentials: { 'RoleArn.$': '$r' } },
      ['h', 'r', 't'],
    ],
    ['a failure', { Type: 'Fail', ErrorPath: '$e', CausePath: "States.Format('{}', $c)" }, ['c', 'e']],
    ['a Wait', { Type: 'Wait', TimestampPath: '$at', End: true }, ['at']],
    [
      'JSONata',
      { ...jsonata, Arguments: { x: ['{% $a + $b.c %}'] }, TimeoutSeconds: '{% $t %}', Output: '{% $a %}' },
      ['a', 'b', 't'],
    ],
    ['functions', { ...jsonata, Output: '{% $map([1], $string) ~> $sum() + $uuid() & $now() %}' }, undefined],
    [
      'names that an expression binds itself',
      {
        ...jsonata,
        Output: '{% ($f := function($n) { $n < 2 ? 1 : $f($n - 1) * $k }; $x := $x + 1; $f($x)) %}',
      },
      ['k', 'x'],
    ],
    [
      'names bound in a path',
      { ...jsonata, Output: '{% $states.input.a@$p#$i.b[$ = $p and $i < $top] %}' },
      ['top'],
    ],
    ['a name bound on condition', { ...jsonata, Output: '{% ($c ? ($v := 1) : 0; $v) %}' }, ['c', 'v']],
    ['$states', { ...jsonata, Output: '{% [$states.input, $states] %}' }, undefined],
  ])('in %s', (_title, state, variables) => {
    expect(referencesOf(machineWith(state))).toEqual(variables ? { S: variables } : {});
  });

  it('count a variable that has the name of a function', () => {
    const machine = {
      QueryLanguage: 'JSONata',
      StartAt: 'A',
      States: {
        A: { Type: 'Pass', Assign: { count: 1 }, Next: 'B' },
        B: { ...pass, Output: '{% $count + $sum([1]) %}' },
      },
    };
    expect(referencesOf(machine)).toEqual({ B: ['count'] });
  });

  it('are those of choice rules and catchers, too', () => {
    const rule = { And: [{ Variable: '$v', StringEqualsPath: '$w' }], Assign: { 'a.$': '$u' }, Next: 'Done' };
    expect(referencesOf(machineWithRule(rule))).toEqual({ S: ['u', 'v', 'w'] });
    const condition = { Condition: '{% $v %}', Output: '{% $w %}', Next: 'Done' };
    expect(referencesOf(machineWithRule(condition, { QueryLanguage: 'JSONata' }))).toEqual({ S: ['v', 'w'] });
    const catcher = { ErrorEquals: ['E'], Next: 'S', Assign: { 'a.$': '$v' } };
    expect(referencesOf(machineWith({ ...task, Catch: [catcher] }))).toEqual({ S: ['v'] });
  });

  it('stand under the state that they are in', () => {
    const inside = { StartAt: 'In', States: { In: { ...pass, InputPath: '$inner' } } };
    const map = {
      Type: 'Map',
      ItemsPath: '$items',
      MaxConcurrencyPath: '$limit',
      ItemSelector: { 'x.$': '$x' },
      ItemReader: {
        Resource: 'arn:aws:states:::s3:getObject',
        ReaderConfig: { InputType: 'JSON', MaxItemsPath: '$max' },
      },
      ItemProcessor: { ...inside, ProcessorConfig: { Mode: 'DISTRIBUTED', ExecutionType: 'STANDARD' } },
      End: true,
    };
    expect(referencesOf(machineWith(map))).toEqual({ S: ['items', 'limit', 'max', 'x'], In: ['inner'] });
  });
});
