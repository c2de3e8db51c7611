import { hmac } from '@noble/hashes/hmac.js';
import { sha256 } from '@noble/hashes/sha2.js';
import { bytesToHex, utf8ToBytes } from '@noble/hashes/utils.js';
import type { ExecutionIdentity } from './execution.ts';

/**
 * The token of a task attempt: opaque, and not to be guessed without the execution's secret. It follows from the
 * attempt, so that a step that runs twice hands out one token.
 */
export function taskToken({ executionArn, secret }: ExecutionIdentity, scheduledEventId: number): string {
  return bytesToHex(hmac(sha256, utf8ToBytes(secret), utf8ToBytes(`${executionArn}#${scheduledEventId}`)));
}
