import { isArray, isObject, type Json, member } from '../../data/json.ts';
import type { Budget } from '../budget.ts';
import type { PathResult } from '../expression.ts';
import { compileCondition } from './condition.ts';
import { pathFunctions } from './functions.ts';
import { asSteps, takeStep, walkSteps } from './step.ts';
import type { Segment } from './syntax.ts';

/** One resolution of a path: the document that `$` means inside filters, and what the resolution may cost. */
export interface Walk {
  readonly document: Json;
  readonly budget: Budget;
}

/** Finds what a path names, starting at `start`. */
export type Finder = (start: Json, walk: Walk) => PathResult;

/** From the nodes reached so far to those that one more segment reaches. */
type Selector = (nodes: readonly Json[], walk: Walk) => readonly Json[];

/** Cost of one node in a list, so that paths whose lists explode (`$..*..*..*`) end before memory does. */
const NODE_COST = 10;

/** Compiles a path. (Paths hold filters, and filters hold paths: this file and condition.ts know each other.) */
export function compileFinder(segments: readonly Segment[]): Finder {
  const steps = asSteps(segments);
  if (steps) return (start) => walkSteps(start, steps);
  const last = segments.at(-1);
  if (last?.kind === 'function') return compileFunction(last.name, segments.slice(0, -1));
  const selectors = segments.map(compileSelector);
  return (start, walk) => {
    let nodes: readonly Json[] = [start];
    for (const select of selectors) nodes = select(nodes, walk);
    return { found: true, value: nodes };
  };
}

function compileFunction(name: keyof typeof pathFunctions, segments: readonly Segment[]): Finder {
  const findOperand = compileFinder(segments);
  return (start, walk) => {
    const operand = findOperand(start, walk);
    if (!operand.found) return operand;
    const value = pathFunctions[name](operand.value);
    if (value !== undefined) return { found: true, value };
    return { found: false, pastEnd: false, message: `The function ${name}() has no result for its operand` };
  };
}

function compileSelector(segment: Segment): Selector {
  switch (segment.kind) {
    case 'member':
    case 'index':
      return each((node, select) => select(takeStep(node, segment)));
    case 'members':
      return each((node, select) => {
        if (isObject(node)) for (const name of segment.names) select(member(node, name));
      });
    case 'indexes':
      return each((node, select) => {
        if (isArray(node)) for (const index of segment.indexes) select(node.at(index));
      });
    case 'slice':
      return each((node, select) => {
        if (!isArray(node)) return;
        const { length } = node;
        const end = bound(segment.end ?? length, length);
        for (let i = bound(segment.start ?? 0, length); i < end; i += segment.step) select(node[i]);
      });
    case 'wildcard':
      return each((node, select) => {
        for (const child of children(node)) select(child);
      });
    case 'descendants':
      return each(selectDescendants);
    case 'filter': {
      const holds = compileCondition(segment.condition);
      return (nodes, walk) =>
        each((node, select) => {
          // Jayway: a filter tests the elements of an array, but an object as a whole.
          for (const candidate of isArray(node) ? node : [node]) {
            walk.budget.spend(1);
            if (holds(candidate, walk)) select(candidate);
          }
        })(nodes, walk);
    }
    case 'function':
      throw new TypeError('A function can only end a path');
  }
}

/** Applies `visit` to each node and gathers what it selects; undefined (nothing there) is left out. */
function each(visit: (node: Json, select: (selected: Json | undefined) => void) => void): Selector {
  return (nodes, { budget }) => {
    const selection: Json[] = [];
    const select = (selected: Json | undefined): void => {
      budget.spend(NODE_COST);
      if (selected !== undefined) selection.push(selected);
    };
    for (const node of nodes) visit(node, select);
    return selection;
  };
}

function selectDescendants(node: Json, select: (selected: Json) => void): void {
  select(node);
  for (const child of children(node)) if (isArray(child) || isObject(child)) selectDescendants(child, select);
}

function children(node: Json): readonly Json[] {
  if (isArray(node)) return node;
  return isObject(node) ? Object.values(node) : [];
}

/** A slice's bound as an index: negative ones count from the end. */
function bound(index: number, length: number): number {
  return Math.min(length, Math.max(0, index < 0 ? index + length : index));
}
