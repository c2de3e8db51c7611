import { type Item, orderError } from '../order.ts';

interface PackRequest {
  readonly orderId: string;
  readonly position: number;
  readonly item: Item;
}

export async function handler({
  orderId,
  position,
  item,
}: PackRequest): Promise<{ parcel: string; sku: string }> {
  if (item.condition === 'damaged') throw orderError('ItemDamaged', `${item.sku} came off the shelf damaged`);
  return { parcel: `${orderId}/${position + 1}`, sku: item.sku };
}
