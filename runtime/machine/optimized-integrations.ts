/**
 * The service integrations that AWS calls optimized: which patterns each action has, and which parameters AWS asks
 * for when the definition is created.
 * @see https://docs.aws.amazon.com/step-functions/latest/dg/integrate-optimized.html
 */
export interface OptimizedIntegration {
  /** Suffixes that the Resource may have. */
  readonly suffixes: readonly string[];
  readonly requiredParameters: readonly string[];
}

const CALL = [''];
const CALL_OR_JOB = ['', '.sync'];
const CALL_OR_TOKEN = ['', '.waitForTaskToken'];
const CALL_JOB_OR_TOKEN = ['', '.sync', '.waitForTaskToken'];

/** By `service:action`. */
export const OPTIMIZED_INTEGRATIONS: ReadonlyMap<string, OptimizedIntegration> = new Map([
  ...service('apigateway', CALL_OR_TOKEN, ['invoke']),
  ...service('athena', CALL_OR_JOB, ['startQueryExecution']),
  ...service('athena', CALL, ['getQueryExecution', 'getQueryResults', 'stopQueryExecution']),
  ...service('batch', CALL_OR_JOB, ['submitJob']),
  ...service('bedrock', CALL_OR_TOKEN, ['invokeModel']),
  ...service('bedrock', CALL_OR_JOB, ['createModelCustomizationJob']),
  ...service('bedrock-agentcore', CALL, ['invokeHarness']),
  ...service('codebuild', CALL_OR_JOB, ['startBuild', 'startBuildBatch', 'retryBuildBatch']),
  ...service('codebuild', CALL, [
    'stopBuild',
    'batchDeleteBuilds',
    'batchGetReports',
    'stopBuildBatch',
    'deleteBuildBatch',
  ]),
  ...service('databrew', CALL_OR_JOB, ['startJobRun']),
  ...service('dynamodb', CALL, ['getItem', 'updateItem', 'deleteItem'], ['TableName', 'Key']),
  ...service('dynamodb', CALL, ['putItem'], ['TableName', 'Item']),
  ...service('ecs', CALL_JOB_OR_TOKEN, ['runTask'], ['TaskDefinition']),
  ...service('eks', CALL_OR_JOB, [
    'createCluster',
    'deleteCluster',
    'createFargateProfile',
    'deleteFargateProfile',
    'createNodegroup',
    'deleteNodegroup',
    'runJob',
  ]),
  ...service('eks', CALL, ['call']),
  ...service('elasticmapreduce', CALL_OR_JOB, ['createCluster', 'terminateCluster', 'addStep']),
  ...service('elasticmapreduce', CALL, [
    'cancelStep',
    'setClusterTerminationProtection',
    'modifyInstanceFleetByName',
    'modifyInstanceGroupByName',
  ]),
  ...service('emr-containers', CALL, ['createVirtualCluster']),
  ...service('emr-containers', CALL_OR_JOB, ['deleteVirtualCluster', 'startJobRun']),
  ...service('emr-serverless', CALL_OR_JOB, [
    'createApplication',
    'startApplication',
    'stopApplication',
    'deleteApplication',
    'startJobRun',
  ]),
  ...service('emr-serverless', CALL, ['cancelJobRun']),
  ...service('events', CALL_OR_TOKEN, ['putEvents'], ['Entries']),
  ...service('glue', CALL_OR_JOB, ['startJobRun'], ['JobName']),
  ...service('http', CALL, ['invoke']),
  ...service('lambda', CALL_OR_TOKEN, ['invoke'], ['FunctionName']),
  ...service('mediaconvert', CALL_OR_JOB, ['createJob']),
  // Ours.
  ...service('postgres', CALL, ['execute'], ['Statement']),
  ...service('sagemaker', CALL, ['createEndpoint', 'createEndpointConfig', 'createModel', 'updateEndpoint']),
  ...service('sagemaker', CALL_OR_JOB, [
    'createHyperParameterTuningJob',
    'createLabelingJob',
    'createProcessingJob',
    'createTrainingJob',
    'createTransformJob',
  ]),
  ...service('sns', CALL_OR_TOKEN, ['publish'], ['Message']),
  ...service('sqs', CALL_OR_TOKEN, ['sendMessage'], ['QueueUrl', 'MessageBody']),
  ...service('states', [...CALL_JOB_OR_TOKEN, '.sync:2'], ['startExecution'], ['StateMachineArn']),
]);

/** `aws-sdk:<service>`: any action of any service. Their parameters are checked when they are called. */
export const AWS_SDK: OptimizedIntegration = { suffixes: CALL_OR_TOKEN, requiredParameters: [] };

function service(
  name: string,
  suffixes: readonly string[],
  actions: readonly string[],
  requiredParameters: readonly string[] = [],
): [string, OptimizedIntegration][] {
  return actions.map((action) => [`${name}:${action}`, { suffixes, requiredParameters }]);
}
