/** Whole rounds at Debian's tor: a private network of real relays with real traffic, and the collectors beside them. */
import { expect } from 'chai';
import { TorControl } from '../support/tor-network-control.js';
import { describeWithTor } from '../support/tor-network-present.js';
import { TorNetwork } from '../support/tor-network.js';

describeWithTor('at relays of a private tor network', function () {
  this.timeout(600_000);
  let tor: TorNetwork;

  before(async () => {
    tor = await TorNetwork.start();
  });

  after(() => tor.stop());

  it("carries traffic through its exit and to its onion service, and lets in at each relay's control port", async () => {
    const begun = async () =>
      /tor_relay_streams_total\{type="BEGIN"\} (\d+)/.exec(await tor.metricsPage('exit1'))?.[1];
    const before = Number(await begun());
    for (const bytes of [1, 1_000, 100_000]) await tor.fetch(bytes);
    await tor.fetchOnion(10_000);
    expect(Number(await begun()) - before).to.be.at.least(3);
    for (const name of tor.relayNames) {
      const control = await TorControl.open(tor.node(name));
      expect((await control.ask('GETINFO version'))[0]).to.match(/^version=0\.4/);
      control.close();
    }
  });
});
