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
