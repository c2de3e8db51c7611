export type Mode = 'STRICT' | 'PRESENT' | 'NONE';

/** What the definitions of optimized integrations must have. */
const PARAMETERS = {
  TableName: 't',
  Key: {},
  Item: {},
  TaskDefinition: 'd',
  Entries: [],
  JobName: 'j',
  FunctionName: 'f',
  Message: 'm',
  QueueUrl: 'q',
  MessageBody: 'b',
  StateMachineArn: 'a',
};

/** A test of a Task with a mocked result. */
export function mockedTask(resource: string, result: unknown, fieldValidationMode?: Mode) {
  const definition = {
    Type: 'Task',
    Resource: `arn:aws:states:::${resource}`,
    Parameters: PARAMETERS,
    End: true,
  };
  return {
    definition: JSON.stringify(definition),
    mock: { result: JSON.stringify(result), ...(fieldValidationMode && { fieldValidationMode }) },
  };
}
