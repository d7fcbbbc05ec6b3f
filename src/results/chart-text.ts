/** Texts broken into lines, so that they do not make a chart wider. */

/** At spaces. A word that is longer than a line stands on lines of its own. */
export function wrapWords(text: string, lengthMax: number): string[] {
  const lines: string[] = [];
  for (const word of text.split(' ').flatMap((long) => wrapName(long, lengthMax))) {
    const last = lines.at(-1);
    if (last !== undefined && last.length + word.length < lengthMax)
      lines[lines.length - 1] = `${last} ${word}`;
    else lines.push(word);
  }
  return lines;
}

/** Labels that are not longer, and still differ: the middle of a long one is left out, and its place tells it from others. */
export function shortLabels(labels: readonly string[], lengthMax: number): ReadonlyMap<string, string> {
  const short = labels.map((label) => withoutMiddle(label, lengthMax));
  const times = new Map<string, number>();
  for (const label of short) times.set(label, (times.get(label) ?? 0) + 1);
  return new Map(
    labels.map((label, at) => {
      const own = short[at]!;
      if (own === label || times.get(own) === 1) return [label, own];
      return [label, `${at + 1}: ${withoutMiddle(label, lengthMax - `${at + 1}: `.length)}`];
    }),
  );
}

function withoutMiddle(label: string, lengthMax: number): string {
  if (label.length <= lengthMax) return label;
  const tail = Math.floor(lengthMax / 2) - 1;
  return `${label.slice(0, lengthMax - tail - 1)}\u2026${label.slice(-tail)}`;
}

/** A name has no spaces: it is broken before the last capital letter that fits. */
export function wrapName(name: string, lengthMax: number): string[] {
  const lines: string[] = [];
  let rest = name;
  while (rest.length > lengthMax) {
    const head = rest.slice(0, lengthMax + 1);
    const capital = head.search(/[A-Z][^A-Z]*$/);
    const end = capital > lengthMax / 2 ? capital : lengthMax;
    lines.push(rest.slice(0, end));
    rest = rest.slice(end);
  }
  return [...lines, rest];
}
