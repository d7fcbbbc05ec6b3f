import { expect } from 'chai';
import { fromHex, toHex } from '../../../src/core/hex.js';
import { answerChallenge, clientProof, relayProof } from '../../../src/tor/control/safe-cookie.js';
import { EXIT1_COOKIE, readDialogue, recordedNonces, toExchanges } from './dialogues.js';
import { primitives } from './talk.js';

const cookie = fromHex(EXIT1_COOKIE);

describe('safe cookie', () => {
  for (const name of ['auth.exit1.safecookie.txt', 'auth.exit1.safecookie-wronghash.txt']) {
    it(`proves like the relay of ${name}`, () => {
      const exchanges = toExchanges(readDialogue(name));
      const { client, server } = recordedNonces(exchanges);
      const nonces = { clientNonce: fromHex(client), serverNonce: fromHex(server) };
      const recorded = exchanges.find(({ command }) => command.startsWith('AUTHCHALLENGE'))!.reply[0]!;
      const expected = toHex(relayProof(cookie, nonces, primitives)).toUpperCase();
      expect(recorded).to.contain(`SERVERHASH=${expected} `);
      const answer = answerChallenge(cookie, { ...nonces, serverHash: fromHex(expected) }, primitives);
      expect(answer).to.equal(toHex(clientProof(cookie, nonces, primitives)).toUpperCase());
      const given = exchanges
        .find(({ command }) => command.startsWith('AUTHENTICATE'))!
        .command.split(' ')[1];
      expect(answer === given).to.equal(name === 'auth.exit1.safecookie.txt');
    });
  }

  it('gives no answer if one bit of the hash is wrong', () => {
    const nonces = { clientNonce: new Uint8Array(32), serverNonce: new Uint8Array(32).fill(1) };
    const serverHash = relayProof(cookie, nonces, primitives);
    for (const at of [0, 31]) {
      const wrong = Uint8Array.from(serverHash);
      wrong[at]! ^= 1;
      expect(answerChallenge(cookie, { ...nonces, serverHash: wrong }, primitives)).to.equal(undefined);
    }
    expect(answerChallenge(cookie, { ...nonces, serverHash }, primitives)).to.match(/^[0-9A-F]{64}$/);
  });

  it('leaves the cookie as it was', () => {
    const nonces = { clientNonce: new Uint8Array(32), serverNonce: new Uint8Array(32) };
    const before = Uint8Array.from(cookie);
    relayProof(cookie, nonces, primitives);
    expect(cookie).to.deep.equal(before);
  });
});
