/** What a relay offers before authentication: the reply to PROTOCOLINFO. */
import { parseQuotedBytes } from './quoted-string.js';
import { type Reply } from './reply-reader.js';

export type ProtocolInfo = {
  /** COOKIE, SAFECOOKIE, HASHEDPASSWORD, NULL, and what later versions of tor may add. */
  readonly methods: ReadonlySet<string>;
  readonly cookieFile: string | undefined;
};

const METHODS_FORM = /^AUTH METHODS=([A-Z0-9_,]+)(?= |$)/;
const COOKIE_FILE_KEY = ' COOKIEFILE=';

const decoder = new TextDecoder();

/** Undefined if the reply is a refusal or names no methods. */
export function parseProtocolInfo(reply: Reply): ProtocolInfo | undefined {
  if (reply.code !== 250) return undefined;
  for (const { text } of reply.lines) {
    const methods = METHODS_FORM.exec(text);
    if (methods === null) continue;
    const at = methods[0].length;
    const file = text.startsWith(COOKIE_FILE_KEY, at)
      ? parseQuotedBytes(text, at + COOKIE_FILE_KEY.length)
      : undefined;
    return {
      methods: new Set(methods[1]!.split(',')),
      cookieFile: file === undefined ? undefined : decoder.decode(file.bytes),
    };
  }
  return undefined;
}
