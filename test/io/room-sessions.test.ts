import { expect } from 'chai';
import { type LoginAnswer, RoomSessions } from '../../src/io/room-sessions.js';

const TOKEN = 'a-token-that-nobody-guesses-0123456789';
const DAY_OF_WORK_MS = 12 * 3_600_000;

describe('sessions of the tally room', () => {
  let nowMs = 0;
  let sessions: RoomSessions;

  beforeEach(() => {
    nowMs = 1_000_000;
    sessions = new RoomSessions(TOKEN, { port: 7, isTls: false, nowMs: () => nowMs });
  });

  /** The cookie as a browser sends it back. */
  function cookieOf(answer: LoginAnswer): string {
    if (answer.kind !== 'welcome') throw new Error(`the answer was ${answer.kind}`);
    return answer.cookie.split(';')[0]!;
  }

  const isWelcome = (cookie: string): boolean => sessions.isWelcome({ headers: { cookie } });

  it('let everybody in where there is no token', () => {
    const open = new RoomSessions(undefined, { port: 7, isTls: false, nowMs: () => nowMs });
    expect(open.isWelcome({ headers: {} })).to.equal(true);
    expect(open.login('', 'a').kind).to.equal('wrong');
  });

  it('end after twelve hours', () => {
    const cookie = cookieOf(sessions.login(TOKEN, 'a'));
    nowMs += DAY_OF_WORK_MS - 1;
    expect(isWelcome(cookie)).to.equal(true);
    nowMs += 1;
    expect(isWelcome(cookie)).to.equal(false);
  });

  it('are 64 at most: the oldest makes room', () => {
    const cookies = Array.from({ length: 65 }, () => cookieOf(sessions.login(TOKEN, 'a')));
    expect(cookies.map(isWelcome)).to.deep.equal(cookies.map((_, at) => at > 0));
  });

  it('belong to one port, and to a whole number', () => {
    const cookie = cookieOf(sessions.login(TOKEN, 'a'));
    expect(isWelcome(`first=1; ${cookie}; last=2`)).to.equal(true);
    for (const other of ['', 'privcount-room-7=', cookie.replace('-7=', '-8='), `x${cookie}`, `${cookie}x`])
      expect(isWelcome(other), other).to.equal(false);
  });

  it('begin with the right token only, however often and from wherever it is guessed', () => {
    for (const wrong of ['', TOKEN.slice(1), `${TOKEN} `, TOKEN.toUpperCase()])
      expect(sessions.login(wrong, 'a').kind).to.equal('wrong');
  });

  it('begin after a minute for an address that has guessed ten times, and at once for another', () => {
    for (let at = 0; at < 10; at += 1) expect(sessions.login('wrong', 'a').kind).to.equal('wrong');
    nowMs += 20_000;
    expect(sessions.login(TOKEN, 'a')).to.deep.equal({ kind: 'too many', retryMs: 40_000 });
    expect(sessions.login(TOKEN, 'b').kind).to.equal('welcome');
    nowMs += 40_000;
    expect(sessions.login(TOKEN, 'a').kind).to.equal('welcome');
  });

  it('begin for nobody when a hundred guesses came from many addresses within a minute', () => {
    for (let at = 0; at < 100; at += 1) expect(sessions.login('wrong', `a${at}`).kind).to.equal('wrong');
    expect(sessions.login(TOKEN, 'b').kind).to.equal('too many');
    nowMs += 60_000;
    expect(sessions.login(TOKEN, 'b').kind).to.equal('welcome');
  });
});
