/** What a node remembers. Issue 4 of 10 puts it all in one database; until then io/ keeps it in files or in memory. */
import { type MessageOf } from '../protocol/messages.js';

export type KeptVote = { readonly proposalDigest: string; readonly vote: Uint8Array };

/** What a keeper must not forget, whatever happens to it: each call is on disk when it returns. */
export type KeeperStore = {
  hasSeen(roundId: string): boolean;
  markSeen(roundId: string): void;
  /** Throws if this round has a vote already. */
  saveVote(roundId: string, vote: KeptVote): void;
};

export type CollectorStore = {
  /** The report stays, so that it can be sent again, until the round is forgotten. */
  saveReport(roundId: string, report: MessageOf<'report'>): void;
  forget(roundId: string): void;
};

/** Lists and tables by digest, kept from round to round. */
export type ArtifactCache = {
  get(digest: string): Uint8Array | undefined;
  put(digest: string, bytes: Uint8Array): void;
};
