/** State machines that tests with AWS's clients run. */

export const ROLE_ARN = 'arn:aws:iam::000000000000:role/statehouse';
const PLACE = 'arn:aws:states:us-east-1:000000000000';

export const arnOf = (type: 'stateMachine' | 'execution' | 'activity' | 'mapRun', name: string) =>
  `${PLACE}:${type}:${name}`;

const machine = (name: string, state: object) =>
  JSON.stringify({ StartAt: name, States: { [name]: { ...state, End: true } } });

export const GREET = machine('Greet', { Type: 'Pass', Result: 'hello', ResultPath: '$.greeting' });
export const REST = machine('Rest', { Type: 'Wait', Seconds: 600 });
export const FAIL = JSON.stringify({
  StartAt: 'Stop',
  States: { Stop: { Type: 'Fail', Error: 'Sold out' } },
});
/** Waits for a worker of the activity. */
export const work = (activityArn: string) => machine('Work', { Type: 'Task', Resource: activityArn });
