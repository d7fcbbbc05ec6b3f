/** A command, run as the program runs it but in this process: what it prints, and how it ends. */
import { commandLine, UsageError } from '../../src/cli/command-line.js';
import { OperatorError } from '../../src/cli/operator-error.js';

export type CommandRun = {
  readonly output: string;
  readonly errors: string;
  /** What the program would say when it ends; empty if all was well. */
  readonly message: string;
  readonly exitCode: number;
};

export async function runCommand(...args: readonly string[]): Promise<CommandRun> {
  const [output, errors] = [collect(process.stdout), collect(process.stderr)];
  try {
    await commandLine(args).parseAsync();
    return { output: output.end(), errors: errors.end(), message: '', exitCode: 0 };
  } catch (error) {
    const [printed, complained] = [output.end(), errors.end()];
    if (error instanceof OperatorError)
      return { output: printed, errors: complained, message: error.message, exitCode: error.exitCode };
    if (error instanceof UsageError)
      return { output: printed, errors: complained, message: error.message, exitCode: 2 };
    throw error;
  }
}

function collect(stream: NodeJS.WriteStream): { end: () => string } {
  const parts: string[] = [];
  const write = stream.write.bind(stream);
  stream.write = (chunk: string | Uint8Array) => {
    parts.push(typeof chunk === 'string' ? chunk : Buffer.from(chunk).toString());
    return true;
  };
  return {
    end: () => {
      stream.write = write;
      return parts.join('');
    },
  };
}
