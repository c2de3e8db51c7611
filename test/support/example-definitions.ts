import { globSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const EXAMPLES = fileURLToPath(new URL('../../examples/', import.meta.url));

export interface ExampleDefinition {
  /** Its path inside of examples/. */
  readonly path: string;
  readonly text: string;
}

/** Every `.asl.json` in examples/. */
export function exampleDefinitions(): ExampleDefinition[] {
  return globSync('**/*.asl.json', { cwd: EXAMPLES })
    .filter((path) => !path.includes('node_modules'))
    .map((path) => ({ path, text: readFileSync(`${EXAMPLES}${path}`, 'utf8') }));
}
