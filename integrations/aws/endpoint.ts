/**
 * Where another AWS service answers, by the AWS SDKs' own variables: `AWS_ENDPOINT_URL_<SERVICE>`, else
 * `AWS_ENDPOINT_URL`. Unlike in the SDKs there is no default: AWS itself is called only when its URL is given.
 * @param service as the variable names it, such as LAMBDA
 * @returns undefined: none is set, and the service is not to be called
 * @throws Error naming the variable and what is wrong with it
 * @see https://docs.aws.amazon.com/sdkref/latest/guide/feature-ss-endpoints.html
 */
export function serviceEndpoint(env: NodeJS.ProcessEnv, service: string): URL | undefined {
  for (const variable of [`AWS_ENDPOINT_URL_${service}`, 'AWS_ENDPOINT_URL']) {
    const value = env[variable];
    if (!value) continue;
    const url = URL.parse(value);
    if (url !== null && /^https?:$/.test(url.protocol)) return url;
    throw new Error(`${variable}: expected an http or https URL, got ${JSON.stringify(value)}`);
  }
  return undefined;
}
