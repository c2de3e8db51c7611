/** What of jsonata's syntax tree is looked at here; the library's own types leave most of it out. */
export interface SyntaxNode {
  readonly type?: string;
  readonly value?: unknown;
  readonly steps?: readonly SyntaxNode[];
  readonly [part: string]: unknown;
}

/** What an expression refers to. */
export interface References {
  /**
   * Names that the expression does not bind itself, without `$`: workflow variables, and functions. In doubt (a
   * name that is only bound on condition) a name is in.
   */
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

/** The names that the expression itself has certainly bound at a place in it. */
class Scope {
  readonly #outer: Scope | undefined;
  readonly #names = new Set<string>();

  constructor(outer?: Scope) {
    this.#outer = outer;
  }

  /** @param names what is no name is passed over */
  bind(names: readonly unknown[]): this {
    for (const name of names) if (typeof name === 'string') this.#names.add(name);
    return this;
  }

  has(name: string): boolean {
    return this.#names.has(name) || (this.#outer?.has(name) ?? false);
  }
}

/** What is known at a place in the tree. */
interface Place {
  /** True where the context is the expression's own, which is nothing: AWS binds no input to it. */
  readonly atTop: boolean;
  readonly scope: Scope;
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
  visit(root, { atTop: true, scope: new Scope() }, references);
  return references;
}

function visit(node: SyntaxNode, place: Place, references: References): void {
  noteOperands(node, references);
  if (node.type === 'path') visitPath(node, place, references);
  else if (node.type === 'block') visitBlock(node, place, references);
  else if (node.type === 'bind') visitBinding(node, place, references);
  else if (node.type === 'lambda') visitLambda(node, place, references);
  else {
    if (node.type === 'variable') noteVariable(node, place, references);
    if (node.value instanceof RegExp) references.regexes.push(node.value);
    visitParts(node, place, references);
  }
}

function visitPath(path: SyntaxNode, place: Place, references: References): void {
  const { steps = [] } = path;
  const [first, second] = steps;
  if (place.atTop && first?.type === 'name') {
    references.unsupported.push(`Reference to '${String(first.value)}' at the top level is not supported.`);
  }
  const isStatesMember = first !== undefined && isStates(first, place) && second?.type === 'name';
  if (isStatesMember) references.states.add(String(second.value));
  const scope = new Scope(place.scope);
  for (const [i, step] of steps.entries()) {
    // `@$name` and `#$name` bind for what follows in the path.
    scope.bind([step.focus, step.index]);
    const inside = { atTop: place.atTop && i === 0, scope };
    if (i === 0 && isStatesMember) visitParts(step, inside, references);
    else visit(step, inside, references);
  }
  visitParts(path, { ...place, scope }, references, 'steps');
}

/** What is bound directly in a block is bound for the rest of it. */
function visitBlock(block: SyntaxNode, place: Place, references: References): void {
  const scope = new Scope(place.scope);
  for (const expression of nodesIn(block.expressions)) {
    visit(expression, { ...place, scope }, references);
    if (expression.type === 'bind') scope.bind(namesOf([expression.lhs]));
  }
  visitParts(block, place, references, 'expressions');
}

/** A function may call itself: its name is bound by the time it is called. */
function visitBinding(binding: SyntaxNode, place: Place, references: References): void {
  const { lhs, rhs } = binding;
  const scope = new Scope(place.scope);
  if (isNode(rhs) && rhs.type === 'lambda') scope.bind(namesOf([lhs]));
  visitParts(binding, { ...place, scope }, references, 'lhs');
}

function visitLambda(lambda: SyntaxNode, place: Place, references: References): void {
  const scope = new Scope(place.scope).bind(namesOf(nodesIn(lambda.arguments)));
  visitParts(lambda, { ...place, scope }, references, 'arguments');
}

function visitParts(node: SyntaxNode, place: Place, references: References, except?: string): void {
  for (const [name, part] of Object.entries(node)) {
    if (name === except) continue;
    visitPart(part, INNER_PARTS.has(name) ? { ...place, atTop: false } : place, references);
  }
}

function visitPart(part: unknown, place: Place, references: References): void {
  if (Array.isArray(part)) for (const item of part) visitPart(item, place, references);
  else if (isNode(part)) visit(part, place, references);
}

function noteVariable(node: SyntaxNode, place: Place, references: References): void {
  const name = String(node.value);
  if (name === '$') references.unsupported.push("Reference to '$$' is not supported.");
  else if (isStates(node, place)) references.states.add('*');
  else if (name !== '' && !place.scope.has(name)) references.variables.add(name);
}

function isStates({ type, value }: SyntaxNode, { scope }: Place): boolean {
  return type === 'variable' && value === 'states' && !scope.has('states');
}

/** What is told from the operator around an expression. */
function noteOperands(node: SyntaxNode, references: References): void {
  if (isNode(node.group)) noteMembers(node.group, references);
  if (node.type === 'sort') note(termExpressions(node), references.sortTerms);
  if (node.type === 'unary' && node.value === '{') noteMembers(node, references);
  if (node.type === 'binary' && COMPARISONS.has(node.value))
    note([node.lhs, node.rhs], references.comparands);
}

function noteMembers(node: SyntaxNode, references: References): void {
  for (const pair of Array.isArray(node.lhs) ? node.lhs : []) {
    if (Array.isArray(pair)) note([pair[1]], references.memberValues);
  }
}

function termExpressions({ terms }: SyntaxNode): unknown[] {
  return nodesIn(terms).map(({ expression }) => expression);
}

function note(nodes: readonly unknown[], set: WeakSet<object>): void {
  for (const node of nodes) if (isNode(node)) set.add(node);
}

function namesOf(variables: readonly unknown[]): string[] {
  return variables.filter(isNode).map(({ value }) => String(value));
}

function nodesIn(parts: unknown): SyntaxNode[] {
  return Array.isArray(parts) ? parts.filter(isNode) : [];
}

function isNode(part: unknown): part is SyntaxNode {
  return typeof part === 'object' && part !== null && !(part instanceof RegExp);
}
