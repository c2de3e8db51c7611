import { parseJson } from '../../runtime/data/json.ts';
import { type HttpAnswer, headerOf } from '../http-client.ts';

/**
 * The output of `lambda:invoke`: Lambda's response as the AWS SDK for Java gives it, members in alphabetical
 * order, those that are not there left out. The payload keeps its text.
 * @returns JSON text
 */
export function invokeResult(answer: HttpAnswer): string {
  const { status, headers, body } = answer;
  return object([
    ['ExecutedVersion', json(headerOf(headers, 'x-amz-executed-version'))],
    ['LogResult', json(headerOf(headers, 'x-amz-log-result'))],
    ['Payload', isJson(body) ? body : json(body)],
    ['SdkHttpMetadata', httpMetadata(answer)],
    ['SdkResponseMetadata', object([['RequestId', json(headerOf(headers, 'x-amzn-requestid'))]])],
    ['StatusCode', json(status)],
  ]);
}

/** Whether the text is JSON that the runtime can take in: not nested beyond its limit either. */
export function isJson(text: string): boolean {
  try {
    parseJson(text);
    return true;
  } catch {
    return false;
  }
}

/** AllHttpHeaders has all values of a header, HttpHeaders the last. */
function httpMetadata({ status, headers }: HttpAnswer): string {
  const values = new Map<string, string[]>();
  for (const [name, value] of headers) values.set(name, [...(values.get(name) ?? []), value]);
  const sorted = [...values].sort(([a], [b]) => (a.toLowerCase() < b.toLowerCase() ? -1 : 1));
  return object([
    ['AllHttpHeaders', object(sorted.map(([name, all]) => [name, JSON.stringify(all)]))],
    ['HttpHeaders', object(sorted.map(([name, all]) => [name, json(all.at(-1))]))],
    ['HttpStatusCode', json(status)],
  ]);
}

function object(members: readonly (readonly [name: string, text: string | undefined])[]): string {
  const present = members.filter(([, text]) => text !== undefined);
  return `{${present.map(([name, text]) => `${JSON.stringify(name)}:${text}`).join(',')}}`;
}

function json(value: string | number | undefined): string | undefined {
  return value === undefined ? undefined : JSON.stringify(value);
}
