/** Why a control connection is of no use, and what its operator can do about it. */

export type ControlFaultCode =
  | 'no-usable-authentication'
  | 'cookie-unreadable'
  | 'cookie-refused'
  | 'impostor'
  | 'password-unreadable'
  | 'password-refused'
  | 'authentication-refused'
  | 'authentication-required'
  | 'not-a-relay'
  | 'fingerprint-malformed'
  | 'fingerprint-changed'
  | 'fingerprint-unlisted'
  | 'fingerprint-of-another'
  | 'fingerprint-twice'
  | 'no-privcount'
  | 'setting-refused'
  | 'setting-differs'
  | 'not-enabled'
  | 'event-unknown'
  | 'traffic-model-refused'
  | 'malformed-reply'
  | 'unexpected-reply'
  | 'reply-too-long'
  | 'line-too-long'
  | 'reply-timeout'
  | 'connection-failed'
  | 'connection-lost';

export type ControlFault = {
  readonly code: ControlFaultCode;
  /** Names the option or event, or what the system says; printable, and never from an event. */
  readonly detail?: string;
};

const SENTENCES: Record<ControlFaultCode, string> = {
  'no-usable-authentication':
    'the relay asks for a password: set HashedControlPassword in torrc and control_password in event_source, or CookieAuthentication 1 in torrc',
  'cookie-unreadable':
    'the cookie file that the relay names cannot be read, or is not 32 bytes long: set CookieAuthFileGroupReadable 1 in torrc and run as a member of its group, or set control_password in event_source',
  'cookie-refused':
    'the relay refused the cookie: its cookie file is of another tor, or tor was restarted just now; check CookieAuthFile in torrc',
  impostor:
    'whoever listens at the control port does not know the cookie: check that the port or socket in event_source is that of the tor that wrote the cookie file',
  'password-unreadable':
    'the file that control_password names cannot be read, or does not hold a password of 8 to 1024 bytes',
  'password-refused':
    'the relay refused the password: the file control_password must hold the password whose hash is HashedControlPassword in torrc',
  'authentication-refused': 'the relay refused to authenticate this client',
  'authentication-required': 'the relay asks again for authentication',
  'not-a-relay': 'this tor runs as a client: set ORPort in its torrc, or name another tor in event_source',
  'fingerprint-malformed': 'the relay gives no fingerprint of 40 hexadecimal digits',
  'fingerprint-changed':
    'this is another relay than before: check that the relay has kept its keys, and restart the collector if event_source was meant for both',
  'fingerprint-unlisted':
    "network.yaml does not list this relay at this collector, so no noise weight was agreed on for it: check event_source, or put this line into the collector's entry of data_collectors, the same in all nodes' network.yaml",
  'fingerprint-of-another':
    'network.yaml lists this relay at another collector, which counts it: check event_source, and whether the key is that of the collector you mean',
  'fingerprint-twice':
    'two event sources lead to one relay, whose events would count twice: check event_source',
  'no-privcount':
    "this tor does not have PrivCount's patch, which counters of the round need: install the patched tor; or use counters of the relay's metrics page, and add its MetricsPort to event_source; or use counters of standard events, which any tor has",
  'setting-refused':
    'the relay refused a setting: check the value in the plan, and the version of the patched tor',
  'setting-differs':
    'use_setconf is off and a setting of the relay differs from the plan: set it in torrc, or set use_setconf: true',
  'not-enabled':
    'the relay does not report events: set EnablePrivCount 1 in torrc, or set use_setconf: true in the configuration',
  'event-unknown':
    'the patched tor is too old for an event that the counters need: install a later one, or drop those counters',
  'traffic-model-refused': 'the relay cannot read the traffic model: check the file that traffic_model names',
  'malformed-reply': "what answers is not tor's control protocol: check the port in event_source",
  'unexpected-reply': 'a reply came to nothing that was asked, so replies can no longer be told apart',
  'reply-too-long': 'a reply is longer than 64 KiB',
  'line-too-long': 'a line is longer than 1 MiB',
  'reply-timeout': 'the relay does not answer: check whether its tor hangs',
  'connection-failed':
    'the control port does not accept the connection: check that tor runs, and that its ControlPort or ControlSocket is the one in event_source',
  'connection-lost': 'the relay closed the control connection',
};

/** One sentence for the log. */
export function describeControlFault(fault: ControlFault): string {
  const sentence = SENTENCES[fault.code];
  return fault.detail === undefined ? sentence : `${sentence} (${fault.detail})`;
}
