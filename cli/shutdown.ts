const INTERRUPTED = 130;

/**
 * Resolves at the first SIGTERM or SIGINT. A second one ends the process on the spot, for whoever does not want
 * to wait for running tasks.
 */
export function stopSignal(): Promise<NodeJS.Signals> {
  return new Promise((resolve) => {
    const receive = (signal: NodeJS.Signals): void => {
      process.off('SIGTERM', receive).off('SIGINT', receive);
      process
        .once('SIGTERM', () => process.exit(INTERRUPTED))
        .once('SIGINT', () => process.exit(INTERRUPTED));
      resolve(signal);
    };
    process.on('SIGTERM', receive).on('SIGINT', receive);
  });
}
