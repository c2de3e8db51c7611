import { type Charge, orderError, type Payment } from '../order.ts';

interface ChargeRequest {
  readonly orderId: string;
  readonly amount: number;
  readonly payment: Payment;
  /** `$$.State.RetryCount`: 0 for the first attempt. A handler keeps no state of its own between calls. */
  readonly attempt: number;
}

interface LambdaContext {
  /** The same on every delivery of one attempt: what a real gateway would be given against double charges. */
  readonly idempotencyKey: string;
}

export async function handler(request: ChargeRequest, _context: LambdaContext): Promise<Charge> {
  const { orderId, amount, payment, attempt } = request;
  if (attempt < (payment.gatewayBusyTimes ?? 0)) {
    throw orderError('PaymentGatewayBusy', `the gateway is busy (attempt ${attempt + 1})`);
  }
  return { chargeId: `ch-${orderId}`, amount };
}
