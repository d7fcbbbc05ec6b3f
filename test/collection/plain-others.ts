/** The plain model of spec/counters.md 3.6 and 3.7: connections, and the cache of onion-service descriptors. */
import { type PlainEvent } from './plain-events.js';
import { plainAsList, plainExactList, type PlainLists, plainOnionList } from './plain-lists.js';
import { type PlainTotals } from './plain-totals.js';

export function countConnection(totals: PlainTotals, lists: PlainLists, event: PlainEvent): void {
  const side = event.int('RemoteIsClientFlag') === 1n ? 'Entry' : 'NonEntry';
  const peer = event.int('PeerIPAddressConsensusRelayCount') > 0n ? 'RelayOnAddress' : 'NoRelayOnAddress';
  const country = event.has('RemoteCountryCode') ? event.text('RemoteCountryCode') : '!!';
  const countryList = plainExactList(lists.countries, country);
  const asList = plainAsList(lists, event.text('RemoteIPAddress'));
  for (const subject of [`${side}Connection`, `${side}${peer}Connection`]) {
    countFlows(totals, subject, 'Count', event);
    countHistograms(totals, subject, event);
    countHistograms(totals, `${subject}Country${countryList === 0 ? '' : 'No'}Match`, event);
    countFlows(totals, `${subject}CountryMatch`, 'CountList', event, countryList);
    countHistograms(totals, `${subject}AS${asList === 0 ? '' : 'No'}Match`, event);
    countFlows(totals, `${subject}ASMatch`, 'CountList', event, asList);
  }
}

function countFlows(
  totals: PlainTotals,
  subject: string,
  suffix: string,
  event: PlainEvent,
  list?: number,
): void {
  totals.add(`${subject}${suffix}`, 1n, list);
  for (const what of ['Byte', 'Circuit']) {
    const inbound = event.int(`Inbound${what}Count`);
    const outbound = event.int(`Outbound${what}Count`);
    totals.add(`${subject}${what}${suffix}`, inbound + outbound, list);
    totals.add(`${subject}Inbound${what}${suffix}`, inbound, list);
    totals.add(`${subject}Outbound${what}${suffix}`, outbound, list);
  }
}

function countHistograms(totals: PlainTotals, subject: string, event: PlainEvent): void {
  for (const what of ['Byte', 'Circuit']) {
    const inbound = event.int(`Inbound${what}Count`);
    const outbound = event.int(`Outbound${what}Count`);
    totals.add(`${subject}${what}Histogram`, 1n, Number(inbound + outbound));
    totals.add(`${subject}Inbound${what}Histogram`, 1n, Number(inbound));
    totals.add(`${subject}Outbound${what}Histogram`, 1n, Number(outbound));
  }
  totals.add(`${subject}LifeTime`, 1n, event.float('EventTimestamp') - event.float('CreatedTimestamp'));
  totals.add(`${subject}OverlapHistogram`, 1n, Number(event.int('RemoteIPAddressConnectionCount')));
}

export function countHsdir(totals: PlainTotals, lists: PlainLists, event: PlainEvent): void {
  const isStore = event.name.endsWith('STORE');
  const action = isStore ? 'Store' : 'Fetch';
  const version = event.int('HiddenServiceVersionNumber');
  const cacheFlag = isStore ? 'HasExistingCacheEntryFlag' : 'HasCacheEntryFlag';
  const cached = event.int(cacheFlag) === 1n ? 'Cached' : 'Uncached';
  const adds = isStore ? ['', event.int('WasAddedToCacheFlag') === 1n ? 'Add' : 'Reject'] : [''];
  const categories = adds.flatMap((add) => [add, add + cached]);
  const auth = event.int('RequiresClientAuthFlag') === 1n ? 'ClientAuth' : 'NoClientAuth';
  const authorised = event.has('RequiresClientAuthFlag') ? ['', auth] : [''];
  const ofVersion = categories.flatMap((category) =>
    authorised.map((also) => `HSDir${version}${action}${category}${also}`),
  );
  for (const subject of [...categories.map((category) => `HSDir${action}${category}`), ...ofVersion]) {
    countDescriptor(totals, isStore ? lists.hsdirStores : lists.hsdirFetches, subject, event);
  }
  for (const subject of ofVersion) countOfVersion(totals, lists, subject, event);
}

function countDescriptor(
  totals: PlainTotals,
  reasons: readonly (readonly string[])[] | undefined,
  subject: string,
  event: PlainEvent,
): void {
  totals.add(`${subject}Count`, 1n);
  totals.add(`${subject}ReasonCountList`, 1n, plainExactList(reasons, event.text('CacheReasonString')));
  for (const [key, what] of [
    ['EncodedIntroPointByteCount', 'IntroByte'],
    ['EncodedDescriptorByteCount', 'DescriptorByte'],
  ] as const) {
    if (!event.has(key)) continue;
    totals.add(`${subject}${what}Count`, event.int(key));
    totals.add(`${subject}${what}Histogram`, 1n, Number(event.int(key)));
  }
}

function countOfVersion(totals: PlainTotals, lists: PlainLists, subject: string, event: PlainEvent): void {
  if (event.has('OnionAddress')) {
    totals.add(
      `${subject}OnionAddressCountList`,
      1n,
      plainOnionList(lists.onionAddresses, event.text('OnionAddress')),
    );
  }
  if (event.has('IntroPointCount'))
    totals.add(`${subject}IntroPointHistogram`, 1n, Number(event.int('IntroPointCount')));
  if (event.has('DescriptorCreationTime')) {
    const delay = event.float('EventTimestamp') - event.float('DescriptorCreationTime');
    totals.add(`${subject}UploadDelayTime`, 1n, delay);
  }
  if (event.has('RevisionNumber'))
    totals.add(`${subject}RevisionHistogram`, 1n, Number(event.int('RevisionNumber')));
}
