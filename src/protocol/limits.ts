/** Every limit of the protocol, with its reason. Times are milliseconds, sizes bytes. */

/** Goes into every hello; a peer of another version is refused with both numbers. */
export const PROTOCOL_VERSION = 1;

/** A hello is about 500 bytes; whoever has not proven who he is may send no more than this, in this time. */
export const STRANGER_FRAME_BYTES_MAX = 4096;
export const HANDSHAKE_MS_MAX = 10_000;

/** The largest frame: a plan of all 5,325 counters takes under 1 MB, an answer of 126 sets of 12,000 cells 24 MB. */
export const FRAME_BYTES_MAX = 32 * 1024 * 1024;
/** Headers hold names, digests and numbers only. */
export const HEADER_BYTES_MAX = 16 * 1024;
/** A part a keeper (10), a holder set (252) or a statement; nothing has more. */
export const PARTS_MAX = 300;
/** A plan of all counters takes 1 MB, a proposal over 4,096 collectors with 1,008 generations each 17 MB. */
export const LONG_STATEMENT_BYTES_MAX = 20 * 1024 * 1024;
/** Any other statement: an answer of 126 sets takes 12 KB, a deposit of 252 sets 19 KB, a report's generations 30 KB. */
export const STATEMENT_BYTES_MAX = 64 * 1024;
/** A reason is one sentence, or the first of many. */
export const REASON_LENGTH_MAX = 1000;

/** PrivCount has 5,325 counters and a traffic model adds some thousands. */
export const COUNTERS_MAX = 20_000;
export const BINS_MAX = 10_000;
/** 2^18 cells are 4 MiB a vector. All of PrivCount's counters have 12,458. */
export const CELLS_MAX = 1 << 18;
export const COLLECTORS_MAX = 4096;
export const NAME_LENGTH_MAX = 64;
export const COUNTER_NAME_LENGTH_MAX = 256;
export const LISTS_MAX = 1000;
/** One a checkpoint, and one each time that a collector is started anew. */
export const GENERATIONS_MAX = 5000;
/**
 * A collector's checkpoints in one round: each gives every keeper seeds to store, and masks to add up at the end. Every ten
 * minutes for a week are 1,008; in longer rounds they are further apart.
 */
export const CHECKPOINTS_MAX = 1008;
/** Over all collectors: a proposal names each, in five bytes, and must fit into a long statement. */
export const ALL_CHECKPOINTS_MAX = 500_000;

/** A plan older or newer than this is refused: an old one must not be played again when its round is forgotten. */
export const PLAN_AGE_MS_MAX = 10 * 60_000;
/** 32 days: PrivCount's rounds last a day, the longest windows of a budget a month. */
export const COLLECT_MS_MAX = 32 * 86_400_000;
export const DRAW_MS_MAX = 10 * 60_000;
/**
 * What drawing noise may take at least: to start a thread, and twice what a slow core needs a cell. In less time a tally could
 * make it that only those collectors are ready whose noise is small.
 */
export const DRAW_MS_MIN = 100;
export const DRAW_MS_PER_CELL_MIN = 0.05;
export const PHASE_MS_MAX = 60 * 60_000;

/** What one mask takes a keeper on a slow core that has other work too; adding up a week's checkpoints takes minutes. */
export const MASK_MS_MAX = 2;
/** For all sums of one keeper: what a collector with thousands of generations may make everybody wait. */
export const SUMS_MS_MAX = 60 * 60_000;

/** A request that has no answer is repeated this often, but in long phases not more than RESENDS_MAX times. */
export const RESEND_MS_MIN = 2_000;
/** Long phases are for many nodes or slow lines, which repeated plans and reports of megabytes would only choke. */
export const RESENDS_MAX = 16;

/** A match list or table that travels by digest: the top million domains are 15 MB. */
export const ARTIFACT_BYTES_MAX = 64 * 1024 * 1024;
/** Its pieces, small enough that heartbeats pass between them. */
export const ARTIFACT_PIECE_BYTES = 256 * 1024;
