/** State machine definitions as files. */
import { readFileSync } from 'node:fs';
import { basename } from 'node:path';
import { CommandError } from './command-error.ts';
import { jsonOfYaml } from './yaml.ts';

export interface DefinitionFile {
  /** The file's name before `.asl`, or before `.json`. */
  readonly name: string;
  /** JSON, or what was meant to be: faults of it are the validator's to report. */
  readonly text: string;
}

const EXPECTED = 'expected a definition in JSON (.asl.json) or YAML (.asl.yaml)';

/** Formats that are known by name and not read yet, so that nobody wonders why. */
const NOT_YET: readonly (readonly [pattern: RegExp, format: string])[] = [
  [/(^|\/)serverless\.ya?ml$/i, 'serverless.yml'],
  [
    /\.template\.json$|(^|\/)(template|samconfig)\.(json|ya?ml)$|\.cfn\.(json|ya?ml)$/i,
    'CloudFormation, SAM and CDK templates',
  ],
];
const EXTENSION = /(\.asl)?\.json$|\.asl\.ya?ml$/i;
const YAML = /\.ya?ml$/i;

/** @throws CommandError when the file cannot be read, or holds something else than a definition */
export function readDefinition(path: string): DefinitionFile {
  const format = NOT_YET.find(([pattern]) => pattern.test(path))?.[1];
  if (format) throw new CommandError(`${path}: ${format} cannot be read yet; ${EXPECTED}.`);
  if (!EXTENSION.test(path)) throw new CommandError(`${path}: ${EXPECTED}.`);
  const text = YAML.test(path) ? jsonOfYaml(readText(path), path) : readText(path);
  const template = looksLikeTemplate(text);
  if (template)
    throw new CommandError(`${path}: this is a ${template}, which cannot be read yet; ${EXPECTED}.`);
  return { name: basename(path).replace(EXTENSION, ''), text };
}

function readText(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    throw new CommandError(`${path}: ${error instanceof Error ? error.message : String(error)}`);
  }
}

/** A CloudFormation template has Resources where a definition has States. */
function looksLikeTemplate(text: string): string | undefined {
  try {
    const value: unknown = JSON.parse(text);
    if (typeof value !== 'object' || value === null || 'States' in value) return undefined;
    return 'Resources' in value || 'AWSTemplateFormatVersion' in value
      ? 'CloudFormation template'
      : undefined;
  } catch {
    return undefined; // faults of the JSON are the validator's to report
  }
}
