import { expect } from 'chai';
import { type Secrets, Talk } from './talk.js';

const COOKIE_LINE = '250-AUTH METHODS=COOKIE,SAFECOOKIE COOKIEFILE="/cookie"';

/** A relay that offers `auth` and answers other commands from `replies`. */
function talk(auth: string, secrets: Secrets, replies: Record<string, readonly string[]> = {}): Talk {
  const relay = (line: string): readonly string[] => {
    if (line === 'PROTOCOLINFO 1') return ['250-PROTOCOLINFO 1', auth, '250 OK'];
    return replies[line.split(' ')[0]!] ?? [];
  };
  return new Talk(relay, {}, secrets).open();
}

const COOKIE = { cookie: '22'.repeat(32) };
const PASSWORD = { password: 'a password' };

describe('authentication of the client', () => {
  const outcomes: [title: string, auth: string, secrets: Secrets, sentOrFault: string][] = [
    ['the cookie before the password', COOKIE_LINE, { ...COOKIE, ...PASSWORD }, 'AUTHCHALLENGE'],
    [
      'the password if the cookie cannot be read',
      '250-AUTH METHODS=COOKIE,SAFECOOKIE,HASHEDPASSWORD COOKIEFILE="/c"',
      PASSWORD,
      'AUTHENTICATE',
    ],
    [
      'the password if no cookie is offered',
      '250-AUTH METHODS=HASHEDPASSWORD',
      { ...COOKIE, ...PASSWORD },
      'AUTHENTICATE',
    ],
    ['NULL if nothing else is offered', '250-AUTH METHODS=NULL', { ...COOKIE, ...PASSWORD }, 'AUTHENTICATE'],
    [
      'NULL if the cookie cannot be read',
      '250-AUTH METHODS=NULL,SAFECOOKIE COOKIEFILE="/c"',
      {},
      'AUTHENTICATE',
    ],
    ['nothing without the cookie', COOKIE_LINE, {}, 'cookie-unreadable'],
    ['no password that is not offered', COOKIE_LINE, PASSWORD, 'cookie-unreadable'],
    ['nothing without the password', '250-AUTH METHODS=HASHEDPASSWORD', COOKIE, 'no-usable-authentication'],
    ['no plain cookie', '250-AUTH METHODS=COOKIE COOKIEFILE="/c"', COOKIE, 'no-usable-authentication'],
    ['nothing it does not know', '250-AUTH METHODS=LATER', COOKIE, 'no-usable-authentication'],
    ['nothing without methods', '250-VERSION Tor="1"', COOKIE, 'authentication-refused'],
  ];
  for (const [title, auth, secrets, expected] of outcomes) {
    it(`uses ${title}`, () => {
      const made = talk(auth, secrets);
      const said = made.faults[0]?.code ?? made.sent.at(-1)!.split(' ')[0];
      expect(said).to.equal(expected);
    });
  }

  it('tells no password to whoever does not know the cookie', () => {
    const challenge = `250 AUTHCHALLENGE SERVERHASH=${'00'.repeat(32)} SERVERNONCE=${'00'.repeat(32)}`;
    const auth = '250-AUTH METHODS=COOKIE,SAFECOOKIE,HASHEDPASSWORD COOKIEFILE="/c"';
    const made = talk(auth, { ...COOKIE, ...PASSWORD }, { AUTHCHALLENGE: [challenge] });
    expect(made.faults).to.deep.equal([{ code: 'impostor' }]);
    expect(made.sent.some((line) => line.startsWith('AUTHENTICATE'))).to.equal(false);
    expect(made.hungUp).to.equal(true);
  });

  it('does not take a challenge of another form', () => {
    const short = `250 AUTHCHALLENGE SERVERHASH=${'00'.repeat(31)} SERVERNONCE=${'00'.repeat(32)}`;
    for (const line of ['250 OK', '513 Junk', short]) {
      expect(talk(COOKIE_LINE, COOKIE, { AUTHCHALLENGE: [line] }).faults).to.deep.equal([
        { code: 'cookie-refused' },
      ]);
    }
  });

  it('names the secret that was refused', () => {
    const refusal = { AUTHENTICATE: ['515 Authentication failed: no'] };
    expect(talk('250-AUTH METHODS=HASHEDPASSWORD', PASSWORD, refusal).faults[0]?.code).to.equal(
      'password-refused',
    );
    expect(talk('250-AUTH METHODS=NULL', {}, refusal).faults[0]?.code).to.equal('authentication-refused');
  });

  it('fails on a second reply where one is due', () => {
    const made = talk('250-AUTH METHODS=NULL', {}, { AUTHENTICATE: [] });
    made.receive('514 Authentication required.\r\n');
    expect(made.faults).to.deep.equal([{ code: 'authentication-required' }]);
  });
});
