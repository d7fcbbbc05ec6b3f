/**
 * A worker of mocha writes what it has covered when it ends, which takes longer than the second after which mocha kills it
 * (workerpool's workerTerminateTimeout), so that all of its coverage would be lost on a slow machine. It ends by itself.
 */
if (process.env['MOCHA_WORKER_ID'] !== undefined) process.on('SIGTERM', () => undefined);
