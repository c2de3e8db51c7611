/**
 * Texts that come from outside may hold anything, U+0000 (which Postgres refuses) and the separators of our batches
 * included. They travel and are stored JSON-escaped.
 */

/** Names: escaped without the quotes, so that every name AWS allows is stored as it is. */
export function escapeName(name: string): string {
  return JSON.stringify(name).slice(1, -1);
}

export function unescapeName(stored: string): string {
  return JSON.parse(`"${stored}"`) as string;
}

/** Texts that may be absent or empty (error, cause, trace header): JSON text with its quotes, null when absent. */
export function quoteText(text: string): string;
export function quoteText(text: string | undefined): string | null;
export function quoteText(text: string | undefined): string | null {
  return text === undefined ? null : JSON.stringify(text);
}

export function unquoteText(stored: string): string;
export function unquoteText(stored: string | null): string | undefined;
export function unquoteText(stored: string | null): string | undefined {
  return stored === null ? undefined : (JSON.parse(stored) as string);
}
