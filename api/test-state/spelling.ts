/** How Step Functions spells what service models name: both kinds of integration have members in PascalCase. */
export type Spelling =
  /** The model's name: `MD5OfMessageBody`, `BOOL`. */
  | 'OPTIMIZED'
  /** The name that the AWS SDK for Java 2 gives it, which has acronyms at the front in lower case: `Md5OfMessageBody`. */
  | 'AWS_SDK';

/** Capitals that a name begins with, without the one that begins its next word. */
const LEADING_ACRONYM = /^[A-Z]+?(?=[A-Z][a-z]|[^A-Z]|$)/;

/** @param name of a member, as the service model has it */
export function spell(name: string, spelling: Spelling): string {
  if (spelling === 'OPTIMIZED') return capitalized(name);
  // DynamoDB's attribute of that name: null is a word of the language in Java.
  if (name === 'NULL') return 'Nul';
  return capitalized(name.replace(LEADING_ACRONYM, (acronym) => acronym.toLowerCase()));
}

export function capitalized(name: string): string {
  return name.charAt(0).toUpperCase() + name.slice(1);
}
