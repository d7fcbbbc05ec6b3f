/** What the process says when it ends; doc/operating.md lists these for operators. */
export const EXIT = {
  /** Everything that was asked for was done; a daemon was told to stop. */
  fine: 0,
  /** A fault of ours, or of the machine. */
  failure: 1,
  /** The command line or a configuration file must be changed. */
  usage: 2,
  /** A round was aborted: nothing was released, the outcome file says why. */
  aborted: 3,
  /** A port is taken or may not be used. */
  unavailable: 4,
} as const;
