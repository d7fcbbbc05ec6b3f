/** Waiting for something to be so: no test of a tor network waits for a fixed time. */

/** How often it is looked at: rarely enough for what asks a process. */
const LOOK_EVERY_MS = 50;

/** Resolves with the first answer that is not undefined; rejects in time, with `what` and why it was not so last. */
export async function eventually<T>(
  what: string,
  msMax: number,
  look: () => Promise<T | undefined> | T | undefined,
): Promise<T> {
  const startMs = performance.now();
  for (;;) {
    let why: unknown;
    try {
      const seen = await look();
      if (seen !== undefined) return seen;
    } catch (error) {
      why = error;
    }
    if (performance.now() - startMs > msMax) {
      throw new Error(`not within ${Math.round(msMax / 1000)} s: ${what}`, { cause: why });
    }
    await new Promise((resolve) => setTimeout(resolve, LOOK_EVERY_MS));
  }
}
