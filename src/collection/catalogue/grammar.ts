/**
 * The grammar of counter names (spec/counters.md, section 2). A word is a piece of a name together with what it says; a
 * term is the alternatives at one place; a sequence of terms makes every combination. Names and their meanings come from
 * the same words.
 */

export type Word = { readonly text: string; readonly says: readonly string[] };
export type Term = readonly Word[];

export function word(text: string, ...says: readonly string[]): Word {
  return { text, says };
}

/** The term, or nothing. */
export function optional(term: Term): Term {
  return [word(''), ...term];
}

/** Every combination, the last term varying fastest. */
export function sequence(...terms: readonly Term[]): Term {
  return terms.reduce<Term>(
    (heads, tails) =>
      heads.flatMap((head) => tails.map((tail) => word(head.text + tail.text, ...head.says, ...tail.says))),
    [word('')],
  );
}
