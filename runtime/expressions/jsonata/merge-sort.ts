/**
 * Sorts with a comparator that answers later, stably and without recursion.
 * @param isAfter truthy when its first operand belongs behind its second
 */
export async function mergeSort(
  items: readonly unknown[],
  isAfter: (a: unknown, b: unknown) => unknown,
): Promise<unknown[]> {
  let runs = items.map((item) => [item]);
  while (runs.length > 1) {
    const merged: unknown[][] = [];
    for (let i = 0; i < runs.length; i += 2)
      merged.push(await merge(runs[i] ?? [], runs[i + 1] ?? [], isAfter));
    runs = merged;
  }
  return runs[0] ?? [];
}

async function merge(
  left: readonly unknown[],
  right: readonly unknown[],
  isAfter: (a: unknown, b: unknown) => unknown,
): Promise<unknown[]> {
  const merged: unknown[] = [];
  let l = 0;
  let r = 0;
  while (l < left.length && r < right.length) {
    merged.push((await isAfter(left[l], right[r])) ? right[r++] : left[l++]);
  }
  return merged.concat(left.slice(l), right.slice(r));
}
