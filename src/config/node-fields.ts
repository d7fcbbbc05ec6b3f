/** What the sections of keepers and collectors share. */
import { NODE_NAME } from '../core/network.js';
import { text } from './fields.js';

export const nodeName = text(NODE_NAME, '1 to 64 of the characters a-z A-Z 0-9 . _ -');

/** Keys of the original that network.yaml took over. */
export const clientReplaced = {
  secret_handshake: 'nothing: the identities and the TLS pin in network.yaml take its place',
  tally_server_info: 'tally_server in network.yaml',
  share_keepers: 'share_keepers in network.yaml',
};
