/** All that is measured. */
import type { Peer, Scenario } from './scenario.ts';
import { activityPollers } from './scenarios/activity-pollers.ts';
import { callback10 } from './scenarios/callback-10.ts';
import { child1 } from './scenarios/child-1.ts';
import { choice1000 } from './scenarios/choice-1000.ts';
import { coreChoice, coreJsonata, coreMap, corePass10 } from './scenarios/core.ts';
import { awsLocalStepFunctions } from './scenarios/core-peer.ts';
import { dbos, dbosAtOnce } from './scenarios/dbos-peer.ts';
import { describeLoad } from './scenarios/describe-load.ts';
import { expressAsync } from './scenarios/express-async.ts';
import { expressSync } from './scenarios/express-sync.ts';
import { fairShare } from './scenarios/fair-share.ts';
import { function10 } from './scenarios/function-10.ts';
import { growthOfHistory, growthOfMap, growthOfTables } from './scenarios/growth.ts';
import { history25000 } from './scenarios/history-25000.ts';
import { idle } from './scenarios/idle.ts';
import { idleSteps } from './scenarios/idle-steps.ts';
import { jsonataPass10, jsonataTask10 } from './scenarios/jsonata-10.ts';
import { lambdaHttp10 } from './scenarios/lambda-http-10.ts';
import { list1000000 } from './scenarios/list-1000000.ts';
import { machine } from './scenarios/machine.ts';
import { map100 } from './scenarios/map-100.ts';
import { parallel10 } from './scenarios/parallel-10.ts';
import { parked1000000 } from './scenarios/parked-1000000.ts';
import { pass1 } from './scenarios/pass-1.ts';
import { pass10 } from './scenarios/pass-10.ts';
import { payloads } from './scenarios/payloads.ts';
import { startHttp } from './scenarios/start-http.ts';
import { startHttpSigv4 } from './scenarios/start-http-sigv4.ts';
import { task10, task10AtOnce } from './scenarios/task-10.ts';
import { telemetryCost } from './scenarios/telemetry-cost.ts';
import { waitStorm } from './scenarios/wait-storm.ts';
import { workerCounts } from './scenarios/worker-counts.ts';

/** In the order in which they are measured. */
export const SCENARIOS: readonly Scenario[] = [
  machine,
  ...[pass10, task10, task10AtOnce, ...workerCounts, lambdaHttp10, function10],
  ...[startHttp, startHttpSigv4, idleSteps, pass1],
  ...[parallel10, map100, choice1000, jsonataPass10, jsonataTask10, ...payloads],
  ...[callback10, child1, waitStorm, activityPollers, fairShare],
  ...[expressSync, expressAsync, telemetryCost],
  ...[corePass10, coreChoice, coreJsonata, coreMap],
  ...[growthOfHistory, growthOfMap, idle],
  ...[history25000, list1000000, describeLoad, parked1000000, growthOfTables],
];

export const PEERS: readonly Peer[] = [dbos, dbosAtOnce, awsLocalStepFunctions];
