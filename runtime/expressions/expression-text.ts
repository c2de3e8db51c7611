/** Whether a JSONata state evaluates this string: it begins with `{%` and ends with `%}`, with nothing around. */
export function isExpression(text: string): boolean {
  return text.length >= 4 && text.startsWith('{%') && text.endsWith('%}');
}

/** What stands between `{%` and `%}`, as AWS's messages quote it. */
export function expressionText(text: string): string {
  return text.slice(2, -2).trim();
}
