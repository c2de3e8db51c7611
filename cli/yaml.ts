import { type Document, isScalar, LineCounter, type Node, type ParsedNode, parseDocument, visit } from 'yaml';
import { parseJson } from '../runtime/index.ts';
import { CommandError } from './command-error.ts';

/**
 * A YAML document as the JSON that it stands for. Anchors and merge keys (`<<`) are resolved; the tags of CloudFormation
 * are not.
 * @param path what messages call it
 * @throws CommandError that says where it is no YAML, or has no JSON
 * @see https://yaml.org/spec/1.2.2/#103-core-schema
 */
export function jsonOfYaml(text: string, path: string): string {
  const lineCounter = new LineCounter();
  const document = parseDocument(text, { merge: true, intAsBigInt: true, lineCounter });
  const problem = syntaxProblem(document) ?? problemInJson(document, lineCounter);
  if (problem) throw new CommandError(`${path}: ${problem}`);
  try {
    return JSON.stringify(document.toJS(), withAllDigits, 2);
  } catch (error) {
    // An alias without its anchor, or aliases of aliases that would grow without bounds.
    throw new CommandError(`${path}: ${error instanceof Error ? error.message : String(error)}`);
  }
}

/** An integer that no double holds, such as an id of 64 bits, stays what it is. */
function withAllDigits(_key: string, value: unknown): unknown {
  return typeof value === 'bigint' ? parseJson(String(value)) : value;
}

function syntaxProblem({ errors, warnings }: Document.Parsed): string | undefined {
  const [problem] = [...errors, ...warnings];
  if (problem?.code === 'MULTIPLE_DOCS') return 'expected one document';
  // What follows the first line shows the text around it.
  return problem?.message.split('\n', 1)[0]?.replace(/:$/, '');
}

/** What YAML can say and JSON cannot. */
function problemInJson(document: Document.Parsed<ParsedNode>, lineCounter: LineCounter): string | undefined {
  let problem: string | undefined;
  const refuse = (what: string, { range }: Node): symbol => {
    const { line, col } = lineCounter.linePos(range?.[0] ?? 0);
    problem = `${what} at line ${line}, column ${col}`;
    return visit.BREAK;
  };
  visit(document, {
    Value: (_key, node) => {
      if (!isOfCore(node.tag)) return refuse(`JSON has no ${node.tag}`, node);
      const hasJson = !isScalar(node) || typeof node.value !== 'number' || Number.isFinite(node.value);
      return hasJson ? undefined : refuse(`JSON has no ${node.source}`, node);
    },
    Pair: (_key, { key }) => {
      const isText = isScalar(key) && key.value !== null;
      return isText ? undefined : refuse('expected a text as key', key as Node);
    },
  });
  return problem;
}

/** @param tag undefined: the node's text alone says what it is */
function isOfCore(tag: string | undefined): boolean {
  return tag === undefined || /^tag:yaml\.org,2002:(str|int|float|bool|null|map|seq)$/.test(tag);
}
