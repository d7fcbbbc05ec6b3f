/** What a step did, in short. */
import { type DeclineCode, type RoundMessage } from '../../src/protocol/messages.js';

type Effect = { readonly kind: string };
type Step = { readonly effects: readonly Effect[] };

export function messagesOf({ effects }: Step): RoundMessage[] {
  return effects.flatMap((effect) =>
    effect.kind === 'send' ? [(effect as unknown as { message: RoundMessage }).message] : [],
  );
}

/** The kinds of the effects but logs, and for what is sent the message's kind, or the code of a decline. */
export function summary({ effects }: Step): string[] {
  return effects.flatMap((effect) => {
    if (effect.kind === 'log') return [];
    if (effect.kind !== 'send') return [effect.kind];
    const { message } = effect as unknown as { message: RoundMessage };
    return [message.kind === 'decline' ? message.code : message.kind];
  });
}

/** The one decline that a step sends. */
export function declineOf(step: Step): { code: DeclineCode; reason: string; about?: object | undefined } {
  const [message, ...more] = messagesOf(step);
  if (message?.kind !== 'decline' || more.length > 0) throw new Error('not one decline was sent');
  return message;
}
