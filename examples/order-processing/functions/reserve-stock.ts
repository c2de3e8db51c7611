import type { Order } from '../order.ts';

export async function handler(order: Order): Promise<{ reservationId: string; skus: readonly string[] }> {
  return { reservationId: `res-${order.orderId}`, skus: order.items.map((item) => item.sku) };
}
