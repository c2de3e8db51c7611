import { describe, expect, it } from 'vitest';
import {
  distributedProcessor,
  faultsOf,
  LAMBDA,
  machineWith,
  machineWithDistributedMap,
  processor,
} from './definitions.ts';

const SCHEMA = 'SCHEMA_VALIDATION_FAILED:';
const ACTIVITY = 'arn:aws:states:us-east-1:123456789012:activity:a';

function task(resource: string, fields: Record<string, unknown> = { Parameters: {} }) {
  return machineWith({ Type: 'Task', Resource: resource, End: true, ...fields });
}

function service(name: string, fields?: Record<string, unknown>) {
  return task(`arn:aws:states:::${name}`, fields);
}

describe('a Resource', () => {
  it.each([
    LAMBDA,
    `${LAMBDA}:1`,
    ACTIVITY,
    'arn:aws:states:::aws-sdk:dynamodb:query',
    'arn:aws:states:::aws-sdk:s3:listBuckets.waitForTaskToken',
    'arn:aws:states:::batch:submitJob.sync',
    'arn:aws:states:::http:invoke',
  ])('%s is taken', (resource) => {
    expect(faultsOf(task(resource))).toEqual([]);
  });

  it.each([
    'dynamodb:query',
    'lambda:invoke.sync',
    'states:startExecution.sync:3',
    'batch:submitJob.sync:2',
    'constructor:toString',
    's3:getObject',
    'aws-sdk:s3:getObject.sync',
  ])('%s is not recognized', (name) => {
    const arn = `arn:aws:states:::${name}`;
    expect(faultsOf(task(arn))).toEqual([
      `${SCHEMA} The resource provided ${arn} is not recognized. The value is not a valid resource ARN, or the resource is not available in this region. at /States/S/Resource`,
    ]);
  });

  it.each(['x', 'arn:aws:s3:::bucket', '$.resource'])('%s is no resource ARN', (resource) => {
    expect(faultsOf(task(resource))).toEqual([
      `${SCHEMA} Value is not a valid resource ARN at /States/S/Resource`,
    ]);
  });
});

describe('required parameters', () => {
  it.each<[string, unknown, string[]]>([
    [
      'none at all',
      service('lambda:invoke', {}),
      [
        `${SCHEMA} Parameters field is required for resource ARN: arn:aws:states:::lambda:invoke at /States/S`,
      ],
    ],
    [
      'none at all in JSONata',
      service('lambda:invoke', { QueryLanguage: 'JSONata' }),
      [`${SCHEMA} Arguments field is required for resource ARN: arn:aws:states:::lambda:invoke at /States/S`],
    ],
    [
      'two missing',
      service('sqs:sendMessage'),
      [
        `${SCHEMA} The field 'QueueUrl' is required but was missing at /States/S/Parameters`,
        `${SCHEMA} The field 'MessageBody' is required but was missing at /States/S/Parameters`,
      ],
    ],
    ['given by a path', service('lambda:invoke', { Parameters: { 'FunctionName.$': '$.f' } }), []],
    ['a whole expression', service('lambda:invoke', { QueryLanguage: 'JSONata', Arguments: '{% $x %}' }), []],
    [
      'empty Credentials',
      task(LAMBDA, { Credentials: {} }),
      [`${SCHEMA} The field 'RoleArn' is required but was missing at /States/S/Credentials`],
    ],
  ])('%s', (_title, definition, faults) => {
    expect(faultsOf(definition)).toEqual(faults);
  });
});

describe('an Express machine', () => {
  it.each([
    [
      service('states:startExecution.sync', { Parameters: { StateMachineArn: 'x' } }),
      `Express state machine does not support '.sync' service integration at /States/S/Resource`,
    ],
    [
      service('sns:publish.waitForTaskToken', { Parameters: { Message: 'x' } }),
      `Express state machine does not support '.waitForTaskToken' service integration  at /States/S/Resource`,
    ],
    [
      service('postgres:execute', { Parameters: { Statement: 'select 1' } }),
      `Express state machine does not support 'postgres:execute' service integration at /States/S/Resource`,
    ],
    [task(ACTIVITY), 'Express state machine does not support Activity ARN at /States/S/Resource'],
    [
      machineWith({ Type: 'Map', ItemProcessor: distributedProcessor, End: true }),
      `The field 'Mode' with value 'DISTRIBUTED' is not supported inside 'EXPRESS' state machines at /States/S/ItemProcessor/ProcessorConfig/Mode`,
    ],
  ])('refuses what a Standard one may have (%#)', (definition, fault) => {
    expect(faultsOf(definition, 'STANDARD')).toEqual([]);
    expect(faultsOf(definition, 'EXPRESS')).toEqual([`${SCHEMA} ${fault}`]);
  });
});

describe('postgres:execute', () => {
  const execute = (fields: object, language = 'JSONPath') =>
    service('postgres:execute', {
      QueryLanguage: language,
      [language === 'JSONata' ? 'Arguments' : 'Parameters']: fields,
    });
  const refused = `${SCHEMA} The value of the field 'Statement' must begin with one of CALL, DELETE, INSERT, MERGE, SELECT, TABLE, UPDATE, VALUES, WITH`;

  it.each([
    execute({ Statement: 'select $1', Parameters: [1], ReadOnly: true }),
    execute({ 'Statement.$': '$.sql', 'Parameters.$': '$.values', 'ReadOnly.$': '$.readOnly' }),
    execute({ Statement: '{% $sql %}', Parameters: '{% [1] %}', ReadOnly: '{% true %}' }, 'JSONata'),
  ])('is taken (%#)', (definition) => {
    expect(faultsOf(definition)).toEqual([]);
  });

  it.each<[object, string[]]>([
    [execute({}), [`${SCHEMA} The field 'Statement' is required but was missing at /States/S/Parameters`]],
    [execute({ Statement: 'commit' }), [`${refused} at /States/S/Parameters/Statement`]],
    [execute({ Statement: 'set role none' }, 'JSONata'), [`${refused} at /States/S/Arguments/Statement`]],
    [
      execute({ Statement: 1, Parameters: { a: 1 }, ReadOnly: 'yes', Timeout: 1 }),
      [
        `${SCHEMA} The field 'Timeout' is not supported by Step Functions at /States/S/Parameters/Timeout`,
        `${SCHEMA} Expected value of type String at /States/S/Parameters/Statement`,
        `${SCHEMA} Expected value of type Array at /States/S/Parameters/Parameters`,
        `${SCHEMA} Expected value of type Boolean at /States/S/Parameters/ReadOnly`,
      ],
    ],
    [
      service('postgres:execute.sync', { Parameters: { Statement: 'select 1' } }),
      [
        `${SCHEMA} The resource provided arn:aws:states:::postgres:execute.sync is not recognized. The value is not a valid resource ARN, or the resource is not available in this region. at /States/S/Resource`,
      ],
    ],
  ])('is refused (%#)', (definition, faults) => {
    expect(faultsOf(definition)).toEqual(faults);
  });
});

describe('Express executions of a distributed Map', () => {
  const map = (state: unknown, type: string) => {
    const processor = { StartAt: 'T', States: { T: state } };
    const config = { Mode: 'DISTRIBUTED', ExecutionType: type };
    return machineWith({ Type: 'Map', ItemProcessor: { ...processor, ProcessorConfig: config }, End: true });
  };
  const startExecution = { StateMachineArn: 'arn:aws:states:us-east-1:123456789012:stateMachine:m' };

  it.each([
    [
      {
        Type: 'Task',
        Resource: 'arn:aws:states:::states:startExecution.sync',
        Parameters: startExecution,
        End: true,
      },
      `Express state machine does not support '.sync' service integration at /States/S/ItemProcessor/States/T/Resource`,
    ],
    [
      {
        Type: 'Parallel',
        Branches: [
          {
            StartAt: 'A',
            States: {
              A: {
                Type: 'Task',
                Resource: 'arn:aws:states:us-east-1:123456789012:activity:a',
                End: true,
              },
            },
          },
        ],
        End: true,
      },
      'Express state machine does not support Activity ARN at /States/S/ItemProcessor/States/T/Branches[0]/States/A/Resource',
    ],
    [
      { Type: 'Map', Iterator: distributedProcessor, End: true },
      `The field 'Mode' with value 'DISTRIBUTED' is not supported inside 'EXPRESS' state machines at /States/S/ItemProcessor/States/T/Iterator/ProcessorConfig/Mode`,
    ],
  ])('obey the rules of Express machines (%#)', (state, fault) => {
    expect(faultsOf(map(state, 'STANDARD'))).toEqual([]);
    expect(faultsOf(map(state, 'EXPRESS'))).toEqual([`${SCHEMA} ${fault}`]);
  });
});

describe('a distributed Map', () => {
  const reader = (config: unknown, resource = 's3:getObject') =>
    machineWithDistributedMap({
      ItemReader: { Resource: `arn:aws:states:::${resource}`, Parameters: {}, ReaderConfig: config },
    });
  const at = '/States/S/ItemReader/ReaderConfig';

  it.each<[string, unknown, string[]]>([
    ['a CSV reader', reader({ InputType: 'CSV', CSVHeaderLocation: 'GIVEN', CSVHeaders: ['a'] }), []],
    ['a listing', reader(undefined, 's3:listObjectsV2'), []],
    ['no InputType', reader({}), [`${SCHEMA} The field 'InputType' is required at ${at}`]],
    [
      'no header location',
      reader({ InputType: 'CSV' }),
      [`${SCHEMA} The field 'CSVHeaderLocation' is required at ${at}`],
    ],
    [
      'no headers given',
      reader({ InputType: 'CSV', CSVHeaderLocation: 'GIVEN' }),
      [`${SCHEMA} These fields are required: [CSVHeaders] at ${at}`],
    ],
    [
      'fields of another InputType',
      reader({ InputType: 'JSON', CSVHeaderLocation: 'FIRST_ROW', ManifestType: 'ATHENA_DATA' }),
      [
        `${SCHEMA} Field 'CSVHeaderLocation' is not supported at ${at}`,
        `${SCHEMA} Field 'ManifestType' is not supported at ${at}`,
      ],
    ],
    [
      'a bad pointer',
      reader({ InputType: 'JSON', ItemsPointer: 'data/items' }),
      [
        `${SCHEMA} Invalid input: JSON Pointer expression must start with '/': "data/items" at ${at}/ItemsPointer`,
      ],
    ],
    [
      'another Resource',
      machineWithDistributedMap({ ResultWriter: { Resource: 'arn:aws:states:::s3:getObject' } }),
      [
        `${SCHEMA} The field 'Resource' does not match any of the allowed values at /States/S/ResultWriter/Resource`,
      ],
    ],
    [
      'too many bytes in a batch',
      machineWithDistributedMap({ ItemBatcher: { MaxInputBytesPerBatch: 262_145 } }),
      [`${SCHEMA} Maximum value is 262144 at /States/S/ItemBatcher/MaxInputBytesPerBatch`],
    ],
    [
      'a percentage above 100',
      machineWithDistributedMap({ ToleratedFailurePercentage: 100.5 }),
      [`${SCHEMA} Maximum value is 100 at /States/S/ToleratedFailurePercentage`],
    ],
    ['a Label of any characters', machineWithDistributedMap({ Label: `a b/c:${'l'.repeat(34)}` }), []],
    [
      'an empty Label',
      machineWithDistributedMap({ Label: '' }),
      [`${SCHEMA} Value cannot be empty at /States/S/Label`],
    ],
    [
      'a Label used twice',
      {
        StartAt: 'A',
        States: Object.fromEntries(
          ['A', 'B'].map((name) => [
            name,
            {
              Type: 'Map',
              Label: 'once',
              ItemProcessor: {
                StartAt: `In${name}`,
                States: { [`In${name}`]: { Type: 'Succeed' } },
                ProcessorConfig: distributedProcessor.ProcessorConfig,
              },
              ...(name === 'A' ? { Next: 'B' } : { End: true }),
            },
          ]),
        ),
      },
      ['DUPLICATE_LABEL_NAME: Duplicate Label name: once at /States/B'],
    ],
    [
      'a Label in inline mode',
      machineWith({ Type: 'Map', Label: 'l', ItemProcessor: processor, End: true }),
      [`${SCHEMA} Field 'Label' is not supported at /States/S`],
    ],
    [
      'a long Label',
      machineWithDistributedMap({ Label: 'l'.repeat(41) }),
      [
        `INVALID_LABEL_NAME: Label '${'l'.repeat(41)}' exceeds the 40-character limit allowed by the service at /States/S`,
      ],
    ],
  ])('%s', (_title, definition, faults) => {
    expect(faultsOf(definition)).toEqual(faults);
  });
});
