/** A definition of so many states, one after the other. */
export function chain(length: number, state: object): object {
  const names = Array.from({ length }, (_, i) => `State${i + 1}`);
  const follow = (i: number): object => (names[i + 1] === undefined ? { End: true } : { Next: names[i + 1] });
  return {
    StartAt: names[0],
    States: Object.fromEntries(names.map((name, i) => [name, { ...state, ...follow(i) }])),
  };
}
