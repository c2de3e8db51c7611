/**
 * What an intrinsic function does not accept. AWS writes `<what> in States.Name<why>`; the evaluation of the
 * call adds the names.
 */
export class IntrinsicFault {
  readonly what: string;
  readonly why: string;

  constructor(what: string, why: string) {
    this.what = what;
    this.why = why;
  }
}

export function invalidArguments(): IntrinsicFault {
  return new IntrinsicFault('Invalid arguments', '');
}
