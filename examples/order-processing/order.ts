/** The order as it travels through the workflow; each state adds what it found out. */
export interface Order {
  readonly orderId: string;
  readonly customer: string;
  readonly items: readonly Item[];
  readonly payment: Payment;
}

export interface Item {
  readonly sku: string;
  readonly quantity: number;
  readonly price: number;
  /** What the packer will find on the shelf. */
  readonly condition?: 'fine' | 'damaged';
}

export interface Payment {
  readonly card: string;
  /** How often the (imagined) payment gateway turns this charge away before it takes it. */
  readonly gatewayBusyTimes?: number;
}

export interface Charge {
  readonly chargeId: string;
  readonly amount: number;
}

/** An error with a name that Retry and Catch of the workflow match on. */
export function orderError(name: string, message: string): Error {
  const error = new Error(message);
  error.name = name;
  return error;
}
