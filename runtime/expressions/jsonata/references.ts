/** What of jsonata's syntax tree is looked at here; the library's own types leave most of it out. */
export interface SyntaxNode {
  readonly type?: string;
  readonly value?: unknown;
  readonly steps?: readonly SyntaxNode[];
  readonly [part: string]: unknown;
}

/** What an expression refers to. */
export interface References {
  /** Names of variables, without `$`. */
  readonly variables: Set<string>;
  /** Members of `$states`; `*` when it is used as a whole. */
  readonly states: Set<string>;
  /** What AWS does not support, in its words. */
  readonly unsupported: string[];
  readonly regexes: RegExp[];
  /** The expressions that give object members their values. */
  readonly memberValues: WeakSet<object>;
  /** The operands of `=`, `!=` and `in`, which are compared as a whole. */
  readonly comparands: WeakSet<object>;
  /** The expressions that order by. */
  readonly sortTerms: WeakSet<object>;
}

/** Parts of a node that are evaluated against what the node itself has found, not against the node's context. */
const INNER_PARTS = new Set(['predicate', 'stages', 'group', 'pattern', 'update', 'delete', 'terms']);

const COMPARISONS = new Set<unknown>(['=', '!=', 'in']);

/** Walks a syntax tree. */
export function findReferences(root: SyntaxNode): References {
  const references: References = {
    variables: new Set(),
    states: new Set(),
    unsupported: [],
    regexes: [],
    memberValues: new WeakSet(),
    comparands: new WeakSet(),
    sortTerms: new WeakSet(),
  };
  visit(root, true, references);
  return references;
}

/** @param atTop true where the context is the expression's own, which is nothing: AWS binds no input to it */
function visit(node: SyntaxNode, atTop: boolean, references: References): void {
  if (isNode(node.group)) noteMembers(node.group, references);
  if (node.type === 'sort') note(termExpressions(node), references.sortTerms);
  if (node.type === 'path') {
    visitPath(node.steps ?? [], atTop, references);
    visitParts(node, atTop, references, 'steps');
    return;
  }
  if (node.type === 'variable') noteVariable(node, references);
  if (node.value instanceof RegExp) references.regexes.push(node.value);
  if (node.type === 'unary' && node.value === '{') noteMembers(node, references);
  if (node.type === 'binary' && COMPARISONS.has(node.value))
    note([node.lhs, node.rhs], references.comparands);
  visitParts(node, atTop, references);
}

function visitPath(steps: readonly SyntaxNode[], atTop: boolean, references: References): void {
  const [first, second] = steps;
  if (atTop && first?.type === 'name') {
    references.unsupported.push(`Reference to '${String(first.value)}' at the top level is not supported.`);
  }
  const isStatesMember = first?.type === 'variable' && first.value === 'states' && second?.type === 'name';
  if (isStatesMember) references.states.add(String(second.value));
  for (const [i, step] of steps.entries()) {
    if (i === 0 && isStatesMember) visitParts(step, atTop, references);
    else visit(step, atTop && i === 0, references);
  }
}

function visitParts(node: SyntaxNode, atTop: boolean, references: References, except?: string): void {
  for (const [name, part] of Object.entries(node)) {
    if (name !== except) visitPart(part, atTop && !INNER_PARTS.has(name), references);
  }
}

function visitPart(part: unknown, atTop: boolean, references: References): void {
  if (Array.isArray(part)) for (const item of part) visitPart(item, atTop, references);
  else if (isNode(part)) visit(part, atTop, references);
}

function noteVariable({ value }: SyntaxNode, references: References): void {
  if (value === '$') references.unsupported.push("Reference to '$$' is not supported.");
  else if (value === 'states') references.states.add('*');
  else references.variables.add(String(value));
}

function noteMembers(node: SyntaxNode, references: References): void {
  for (const pair of Array.isArray(node.lhs) ? node.lhs : []) {
    if (Array.isArray(pair)) note([pair[1]], references.memberValues);
  }
}

function termExpressions({ terms }: SyntaxNode): unknown[] {
  return Array.isArray(terms) ? terms.map((term: SyntaxNode) => term.expression) : [];
}

function note(nodes: readonly unknown[], set: WeakSet<object>): void {
  for (const node of nodes) if (isNode(node)) set.add(node);
}

function isNode(part: unknown): part is SyntaxNode {
  return typeof part === 'object' && part !== null && !(part instanceof RegExp);
}
