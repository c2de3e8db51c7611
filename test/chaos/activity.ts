/** The activity that executions have tasks for. */
export const ACTIVITY = 'work';
export const ACTIVITY_ARN = `arn:aws:states:us-east-1:000000000000:activity:${ACTIVITY}`;

/** A worker that says nothing for longer is taken for dead. */
export const HEARTBEAT_SECONDS = 2;
