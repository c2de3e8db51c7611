import type { Charge, Order } from '../order.ts';

type FailedOrder = Order & {
  readonly failure: { readonly Error: string; readonly Cause: string };
  /** Absent when reserving or charging itself went wrong. */
  readonly fulfilment?: { readonly charge: Charge };
};

export async function handler(order: FailedOrder): Promise<Record<string, unknown>> {
  const charge = order.fulfilment?.charge;
  return {
    orderId: order.orderId,
    status: 'REFUNDED',
    refunded: charge?.amount ?? 0,
    ...(charge && { chargeId: charge.chargeId }),
    reason: order.failure.Error,
  };
}
