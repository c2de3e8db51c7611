#!/usr/bin/env node
// Plain JavaScript, so that an old Node gets a sentence to act on and not a syntax error.
import { existsSync } from 'node:fs';

const OLDEST = [22, 18]; // the first that runs TypeScript without a flag
const [major, minor] = process.versions.node.split('.').map(Number);
if (major < OLDEST[0] || (major === OLDEST[0] && minor < OLDEST[1])) {
  console.error(
    `statehouse needs Node.js ${OLDEST.join('.')} or newer; this is ${process.versions.node} (${process.execPath}).`,
  );
  process.exit(1);
}

// A published package holds compiled JavaScript (Node strips no types inside node_modules); a checkout does not.
const compiled = new URL('../dist/cli/main.js', import.meta.url);
const entry = existsSync(compiled) ? compiled : new URL('../cli/main.ts', import.meta.url);
const { main } = await import(entry.href);
process.exitCode = await main(process.argv.slice(2));
