/**
 * A definition of so many states, one after the other.
 * @param name what their names begin with: those of a whole state machine must differ
 */
export function chain(length: number, state: object, name = 'State'): object {
  const names = Array.from({ length }, (_, i) => `${name}${i + 1}`);
  const follow = (i: number): object => (names[i + 1] === undefined ? { End: true } : { Next: names[i + 1] });
  return {
    StartAt: names[0],
    States: Object.fromEntries(names.map((name, i) => [name, { ...state, ...follow(i) }])),
  };
}
