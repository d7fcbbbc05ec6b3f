/** What is always there: whose room this is, whether it is live, and what must not be overlooked. */
import { type Told } from './live.js';
import { ThemeSwitch } from './theme-switch.js';
import { Time } from './clock.js';

export function PageHeader({ told: { link, state } }: { readonly told: Told }) {
  const about = state?.about;
  const isOver = state?.now.isOver === true;
  return (
    <>
      <a class="skip" href="#main" onClick={skip}>
        Skip to the content
      </a>
      <header>
        <div class="top">
          <div>
            <p class="name">
              <a href="#">Tally room</a>
            </p>
            {about !== undefined && <p class="network">network {about.network}</p>}
          </div>
          <div class="top-end">
            <p class={`link link-${link.kind}`} role="status">
              {LINK_WORDS[link.kind]}
            </p>
            <ThemeSwitch />
          </div>
        </div>
        {about !== undefined && (about.isNoiseOff || about.isTest) && (
          <p class="banner danger">
            <strong>{about.isNoiseOff ? 'NOISE IS OFF.' : 'TEST KEYS.'}</strong>{' '}
            {about.isNoiseOff
              ? 'The totals of this network are exact and keep nothing private. It is a test: never with real traffic.'
              : 'Anybody can compute the keys of this network. It is a test: never with real traffic.'}
          </p>
        )}
        {link.kind === 'lost' && (
          <p class="banner warn" role="alert">
            <strong>
              The tally has not answered since <Time atMs={link.sinceMs} />.
            </strong>{' '}
            {isOver
              ? 'Its rounds were over, so that it has ended as it should. Results are in its results folder.'
              : 'What is below was so then. This page goes on trying.'}
          </p>
        )}
      </header>
    </>
  );
}

const LINK_WORDS = {
  connecting: 'connecting',
  locked: 'locked',
  live: 'live',
  lost: 'not connected',
} as const;

/** Without a change of the address, which says what is looked at. */
function skip(event: Event): void {
  event.preventDefault();
  document.getElementById('main')?.focus();
}
