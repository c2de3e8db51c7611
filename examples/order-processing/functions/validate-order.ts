import { type Order, orderError } from '../order.ts';

export async function handler(order: Order): Promise<{ total: number; pieces: number }> {
  if (order.items.length === 0) throw orderError('InvalidOrder', `order ${order.orderId} has no items`);
  const bad = order.items.find((item) => item.quantity <= 0 || item.price < 0);
  if (bad)
    throw orderError(
      'InvalidOrder',
      `order ${order.orderId}: item ${bad.sku} has no sensible quantity or price`,
    );
  return {
    total: order.items.reduce((sum, item) => sum + item.quantity * item.price, 0),
    pieces: order.items.reduce((sum, item) => sum + item.quantity, 0),
  };
}
