/**
 * AWS JSON 1.0 (and 1.1, which differs in the content type alone): `POST /`, the operation in a header.
 * @see https://smithy.io/2.0/aws/protocols/aws-json-1_0-protocol.html
 */
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { awsError } from './errors.ts';
import { AWS_JSON } from './http-faults.ts';
import { OPERATIONS } from './model/service-model.ts';
import type { OperationName } from './model/shapes.ts';
import { callOperation } from './operations/index.ts';
import type { ContextOf } from './operations/operation.ts';
import { waitForNewsOf } from './wait-for-news.ts';

const TARGETS: ReadonlyMap<unknown, OperationName> = new Map(
  (Object.keys(OPERATIONS) as OperationName[]).map((name) => [`AWSStepFunctions.${name}`, name]),
);
const CONTENT_TYPE = /^application\/x-amz-json-1\.[01](?=$|[\s;])/i;
const UTF8 = new TextDecoder('utf-8', { fatal: true });

/**
 * Who calls is asked first: nothing of a request is read, or told about, before. Answers have a serializer of their own,
 * because the framework's adds a charset to the content type, which AWS's do not have.
 */
export function serveAwsProtocol(app: FastifyInstance, contextOf: ContextOf): void {
  app.post('/', async (request, reply) => {
    const context = await contextOf(request);
    const operation = readTarget(request);
    request.operation = operation;
    const contentType = readContentType(request);
    const waitForNews = waitForNewsOf(request, reply);
    const input = readBody(request);
    const output = await callOperation(operation, input, context, waitForNews, (headers) => {
      reply.headers(headers);
    });
    return reply.header('content-type', contentType).serializer(JSON.stringify).send(output);
  });
}

/** @throws AwsError UnknownOperationException */
function readTarget(request: FastifyRequest): OperationName {
  const target = request.headers['x-amz-target'];
  if (typeof target !== 'string')
    throw awsError(
      'UnknownOperationException',
      "The header 'X-Amz-Target' is missing: AWSStepFunctions.<Operation>",
    );
  const name = targetOf(request);
  if (name === undefined) throw awsError('UnknownOperationException', `Unknown operation: '${target}'`);
  return name;
}

/** The operation that a request names; undefined: none that there is. */
export function targetOf({ headers }: Pick<FastifyRequest, 'headers'>): OperationName | undefined {
  return TARGETS.get(headers['x-amz-target']);
}

/**
 * AWS asks the content type which protocol to speak, and there is no operation without a protocol.
 * @throws AwsError UnknownOperationException
 */
function readContentType({ headers }: FastifyRequest): string {
  const given = headers['content-type'] ?? '';
  if (given === AWS_JSON) return AWS_JSON; // almost always
  const contentType = CONTENT_TYPE.exec(given)?.[0];
  if (contentType !== undefined) return contentType.toLowerCase();
  throw awsError('UnknownOperationException', "The header 'Content-Type' must be application/x-amz-json-1.0");
}

/** @throws AwsError SerializationException */
function readBody({ body }: FastifyRequest): unknown {
  try {
    return JSON.parse(UTF8.decode(body instanceof Buffer ? body : undefined)) as unknown;
  } catch {
    throw awsError('SerializationException', 'The request body is not valid JSON in UTF-8');
  }
}
