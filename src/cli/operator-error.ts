/** Something that the operator can mend: main.ts prints the message alone and ends with the exit code. */
export class OperatorError extends Error {
  readonly exitCode: number;

  constructor(message: string, exitCode: number, options?: ErrorOptions) {
    super(message, options);
    this.name = 'OperatorError';
    this.exitCode = exitCode;
  }
}
