/**
 * The traffic model as the argument of SET_TMODEL: JSON on one line with `;` where JSON has `,`, because tor splits at
 * commas. Commas inside names stay what they are.
 */

const STRING_COMMA_OR_SPACE = /"(?:[^"\\]|\\.)*"|,|\s+/g;
const STRING_OR_SEMICOLON = /"(?:[^"\\]|\\.)*"|;/g;

/** tor reads commands up to 1 MiB (MAX_COMMAND_LINE_LENGTH); the command's name and line end fit in the rest. */
const ARGUMENT_CHARACTERS_MAX = (1 << 20) - 64;

export function toTrafficModelArgument(json: string): string {
  return json.replace(STRING_COMMA_OR_SPACE, (token) => {
    if (token.startsWith('"')) return token;
    return token === ',' ? ';' : '';
  });
}

/** Whether a command can hold the model. */
export function isWithinCommand(json: string): boolean {
  return toTrafficModelArgument(json).length <= ARGUMENT_CHARACTERS_MAX;
}

/** Whether tor could read the argument. */
export function isTrafficModelArgument(text: string): boolean {
  try {
    JSON.parse(text.replace(STRING_OR_SEMICOLON, (token) => (token === ';' ? ',' : token)));
    return true;
  } catch {
    return false;
  }
}
