import type { Charge, Order } from '../order.ts';

type FulfilledOrder = Order & {
  readonly fulfilment: { readonly charge: Charge };
  readonly parcels: readonly { readonly parcel: string }[];
};

export async function handler(order: FulfilledOrder): Promise<Record<string, unknown>> {
  return {
    orderId: order.orderId,
    status: 'CONFIRMED',
    charged: order.fulfilment.charge.amount,
    parcels: order.parcels.map(({ parcel }) => parcel),
    message: `Thank you, ${order.customer}! ${order.parcels.length} parcel(s) are on their way.`,
  };
}
