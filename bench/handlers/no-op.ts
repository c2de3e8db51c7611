/** A function that does nothing, for worker threads to run. */
export async function handler(): Promise<object> {
  return {};
}
