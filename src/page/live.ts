/** What the tally tells: the state, and changes of it as they come; and since when it tells nothing. */
import { type RoomChanges, type RoomState } from '../roles/room-state.js';
import { type TallyClock } from './clock.js';
import { withChanges } from './changes.js';

export type Link =
  | { readonly kind: 'connecting' }
  /** The tally asks for its token. */
  | { readonly kind: 'locked' }
  | { readonly kind: 'live' }
  /** By this machine's clock. */
  | { readonly kind: 'lost'; readonly sinceMs: number };

export type Told = {
  readonly link: Link;
  readonly state: RoomState | undefined;
  readonly clock: TallyClock;
};

/** The tally sends something every 10 s. */
const SILENCE_MS_MAX = 30_000;
const RETRY_MS = 3_000;

/** Follows the tally until what it answers is called. */
export function follow(onTold: (told: Told) => void): () => void {
  let told: Told = {
    link: { kind: 'connecting' },
    state: undefined,
    clock: { aheadMs: 0, stoppedAtMs: undefined },
  };
  let source: EventSource | undefined;
  let timer: ReturnType<typeof setTimeout> | undefined;

  const tell = (news: Partial<Told>): void => onTold((told = { ...told, ...news }));
  const wait = (ms: number, then: () => void): void => {
    clearTimeout(timer);
    timer = setTimeout(then, ms);
  };
  const lose = (): void => {
    if (told.link.kind === 'lost') return;
    const { aheadMs } = told.clock;
    const clock = { aheadMs, stoppedAtMs: aheadMs + performance.now() };
    tell({ link: { kind: 'lost', sinceMs: Date.now() }, clock });
  };
  const restart = (): void => {
    source?.close();
    lose();
    wait(RETRY_MS, open);
  };
  const hear = (state: RoomState, atMs: number): void => {
    const clock = { aheadMs: atMs - performance.now(), stoppedAtMs: undefined };
    tell({ link: { kind: 'live' }, state, clock });
    wait(SILENCE_MS_MAX, restart);
  };
  /** An event source does not say why it was refused. */
  const askWhy = async (): Promise<void> => {
    const answer = await fetch('/api/state', { method: 'HEAD' }).catch(() => undefined);
    if (answer?.status === 401) tell({ link: { kind: 'locked' }, state: undefined });
    else restart();
  };

  function open(): void {
    source = new EventSource('/api/live');
    source.addEventListener('state', ({ data }: MessageEvent<string>) => {
      const state = JSON.parse(data) as RoomState;
      hear(state, state.now.atMs);
    });
    source.addEventListener('changes', ({ data }: MessageEvent<string>) => {
      const changes = JSON.parse(data) as RoomChanges;
      if (told.state === undefined) return;
      const state = withChanges(told.state, changes);
      hear(state, changes.now?.atMs ?? told.clock.aheadMs + performance.now());
    });
    source.addEventListener('beat', ({ data }: MessageEvent<string>) => {
      if (told.state !== undefined) hear(told.state, (JSON.parse(data) as { atMs: number }).atMs);
    });
    source.addEventListener('error', () => {
      clearTimeout(timer);
      if (source?.readyState === EventSource.CLOSED) void askWhy();
      else restart();
    });
  }

  open();
  return () => {
    source?.close();
    clearTimeout(timer);
  };
}

export type LoginResult = 'welcome' | 'wrong' | 'too many' | 'no answer';

export async function showToken(token: string): Promise<LoginResult> {
  const answer = await fetch('/api/login', {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ token }),
  }).catch(() => undefined);
  if (answer === undefined) return 'no answer';
  if (answer.ok) return 'welcome';
  return answer.status === 429 ? 'too many' : 'wrong';
}
