/** Who it is that tells: the resource of all that is exported. */
import {
  defaultResource,
  envDetector,
  hostDetector,
  osDetector,
  type Resource,
  type ResourceDetector,
  resourceFromAttributes,
  serviceInstanceIdDetector,
} from '@opentelemetry/resources';
import { ATTR_SERVICE_NAME, ATTR_SERVICE_VERSION } from '@opentelemetry/semantic-conventions';
import packageJson from '../package.json' with { type: 'json' };

/** What a process of an installation does. */
export type Role = 'api' | 'worker' | 'dev';

const SERVICE_NAMES: Readonly<Record<Role, string>> = {
  api: 'statehouse-api',
  worker: 'statehouse-worker',
  dev: 'statehouse',
};

/** What a detector finds takes precedence, so OTEL_SERVICE_NAME and OTEL_RESOURCE_ATTRIBUTES do. */
export function serviceResource(role: Role): Resource {
  return defaultResource().merge(
    resourceFromAttributes({
      [ATTR_SERVICE_NAME]: SERVICE_NAMES[role],
      [ATTR_SERVICE_VERSION]: packageJson.version,
    }),
  );
}

/** The SDK's own, without the one that tells the command line: that may hold a database's password. */
export const RESOURCE_DETECTORS: readonly ResourceDetector[] = [
  serviceInstanceIdDetector,
  hostDetector,
  osDetector,
  envDetector,
];
