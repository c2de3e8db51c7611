import type { ArnPlace } from '../runtime/execution/arn.ts';

/** A place as the tables keep it: `aws:us-east-1:000000000000`. */
export function placeText({ partition, region, accountId }: ArnPlace): string {
  return `${partition}:${region}:${accountId}`;
}

export function readPlace(text: string): ArnPlace {
  const [partition = '', region = '', accountId = ''] = text.split(':');
  return { partition, region, accountId };
}
