/**
 * What a process of ours gets of the environment when it is started with one of its own: enough to run, and none of the
 * settings that this machine may have.
 */
export function childEnvironment(env: NodeJS.ProcessEnv = {}): NodeJS.ProcessEnv {
  const { PATH, HOME, NODE_COMPILE_CACHE } = process.env;
  return { PATH, HOME, NODE_COMPILE_CACHE, ...env };
}
