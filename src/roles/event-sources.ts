/** All sources of one collector: it counts when each of them is there. */
import { type EventSource, type EventSourceEvents } from './event-source.js';
import { unmetNeed } from './source-needs.js';

export type OpenSource = (events: EventSourceEvents) => EventSource;

type EventSourcesEvents = Pick<EventSourceEvents, 'onEvent' | 'onReadings'> & {
  /** Whether all are ready has changed. */
  onReady(): void;
};

export class EventSources {
  readonly all: readonly EventSource[];
  readonly #ready = new Set<number>();
  readonly #count: number;

  constructor(sources: readonly OpenSource[], events: EventSourcesEvents) {
    this.#count = sources.length;
    this.all = sources.map((open, at) =>
      open({
        onEvent: events.onEvent,
        onReadings: events.onReadings,
        onReady: (isReady) => {
          const wereReady = this.areReady;
          if (isReady) this.#ready.add(at);
          else this.#ready.delete(at);
          if (this.areReady !== wereReady) events.onReady();
        },
      }),
    );
  }

  get areReady(): boolean {
    return this.#ready.size === this.#count;
  }

  /** Why these counters can't be counted; undefined if they can. */
  lackFor(counters: readonly { readonly name: string }[]): string | undefined {
    if (!this.areReady) return 'its event source is not there';
    return unmetNeed(
      counters.map(({ name }) => name),
      this.all,
    );
  }

  start(): void {
    for (const source of this.all) source.start();
  }

  async close(): Promise<void> {
    await Promise.all(this.all.map((source) => source.close()));
  }
}
