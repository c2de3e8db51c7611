import { expect, test } from 'vitest';
import { compile } from '../../support/in-memory-run.ts';

function rerunsWhenLost(Comment: string | undefined): boolean {
  const { allStates } = compile({
    StartAt: 'Work',
    States: {
      Work: {
        Type: 'Task',
        Resource: 'arn:aws:lambda:us-east-1:000000000000:function:work',
        Comment,
        End: true,
      },
    },
  });
  const state = allStates.get('Work');
  return state?.type === 'Task' && state.rerunsWhenLost;
}

test.each(['statehouse:rerun', 'Charges the card. statehouse:rerun', 'statehouse:rerun, it knows the key'])(
  'the Comment %j lets attempts be made again',
  (comment) => expect(rerunsWhenLost(comment)).toBe(true),
);

test.each([undefined, '', 'rerun', 'statehouse:rerunning', 'not-statehouse:rerun', 'statehouse: rerun'])(
  'the Comment %j does not',
  (comment) => expect(rerunsWhenLost(comment)).toBe(false),
);
