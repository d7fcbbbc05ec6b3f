import { expect } from 'chai';
import { toListLabel } from '../../src/roles/list-label.js';

const text = (...items: string[]): Uint8Array =>
  new TextEncoder().encode(items.map((item) => `${item}\n`).join(''));

describe('the label of a match list', () => {
  it('has the name of its file and all items of a short list', () => {
    expect(toListLabel('countries', 'eu.txt', text('de', 'fr', 'it'))).to.deep.equal({
      name: 'eu.txt',
      content: 'de, fr, it',
    });
  });

  it('has how a longer list begins, and how long it is', () => {
    expect(toListLabel('countries', 'eu.txt', text('at', 'be', 'bg', 'cy')).content).to.equal(
      'at, be, bg ... (4 items)',
    );
  });

  it('says of domains and onion addresses only how many there are', () => {
    const list = text('facebookcorewwwi', 'expyuzz4wqqyqhjn');
    expect(toListLabel('onionAddresses', 'onions', list).content).to.equal('2 items');
    expect(toListLabel('domains', 'top', text('example.com')).content).to.equal('1 item');
  });

  it('is short, and has nothing that a terminal obeys, whatever the file is called and holds', () => {
    const { name, content } = toListLabel(
      'hsdirFetches',
      `\u001b[2J${'n'.repeat(300)}`,
      text('d'.repeat(5000)),
    );
    expect(name)
      .to.match(/^_\[2Jn+\.\.\.$/)
      .with.length(80);
    expect(content)
      .to.match(/^d+\.\.\.$/)
      .with.length(30);
  });
});
