/** What stands behind # in the address: a round to look at, or a token to show. */

export function roundOfHash(hash: string): string | undefined {
  return /^#round=(privcount\.outcome\.\d+-\d+\.json)$/.exec(hash)?.[1];
}

export function hashOfRound(file: string): string {
  return `#round=${file}`;
}

export function tokenOfHash(hash: string): string | undefined {
  const text = /^#token=(.+)$/.exec(hash)?.[1];
  if (text === undefined) return undefined;
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
