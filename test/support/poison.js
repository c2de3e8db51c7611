/**
 * Loaded into a worker with NODE_OPTIONS: executions that start at a state of these names do to the process that reads
 * their journal what a fault in its engine would do.
 */
const { parse } = JSON;

JSON.parse = (text, reviver) => {
  if (typeof text === 'string' && text.startsWith('[{"type":"ExecutionStarted"')) {
    if (text.includes('"startAt":"Kill"')) process.kill(process.pid, 'SIGKILL');
    if (text.includes('"startAt":"Block"')) Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0);
  }
  return parse(text, reviver);
};
