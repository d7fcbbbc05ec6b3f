/** What a generator gives at its end; its pauses are skipped. */
export function runOut<T>(work: Generator<unknown, T>): T {
  for (;;) {
    const next = work.next();
    if (next.done === true) return next.value;
  }
}
