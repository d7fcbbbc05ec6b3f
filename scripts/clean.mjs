// Removes compiled output before a build, so that a test that was deleted does not run on.
import { rmSync } from 'node:fs';

rmSync('build', { recursive: true, force: true });
