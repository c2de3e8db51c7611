import { isArray, isObject, type Json, member } from '../../data/json.ts';
import type { PathResult } from '../expression.ts';
import type { Segment, Step } from './syntax.ts';

/** The segments as steps, if they name one single node. */
export function asSteps(segments: readonly Segment[]): readonly Step[] | undefined {
  return segments.every((segment) => segment.kind === 'member' || segment.kind === 'index')
    ? segments
    : undefined;
}

/** Follows the steps of a definite path. */
export function walkSteps(start: Json, steps: readonly Step[]): PathResult {
  let node = start;
  for (const [i, step] of steps.entries()) {
    const next = takeStep(node, step);
    if (next === undefined) return miss(node, steps, i);
    node = next;
  }
  return { found: true, value: node };
}

export function takeStep(node: Json, step: Step): Json | undefined {
  if (step.kind === 'member') return isObject(node) ? member(node, step.name) : undefined;
  return isArray(node) ? node.at(step.index) : undefined;
}

/** Steps in the one form that AWS's messages use: `$['order']['items'][0]`. */
export function formatSteps(steps: readonly Step[]): string {
  return `$${steps.map((step) => (step.kind === 'member' ? `['${step.name}']` : `[${step.index}]`)).join('')}`;
}

/** AWS names the first member that is missing when there are steps behind it, otherwise the whole path. */
function miss(node: Json, steps: readonly Step[], failed: number): PathResult {
  const pastEnd = steps[failed]?.kind === 'index' && isArray(node);
  const missingOnTheWay = steps[failed]?.kind === 'member' && failed < steps.length - 1;
  return {
    found: false,
    pastEnd,
    message: missingOnTheWay
      ? `Missing property in path ${formatSteps(steps.slice(0, failed + 1))}`
      : `No results for path: ${formatSteps(steps)}`,
  };
}
