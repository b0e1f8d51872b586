// Errors that a person building sandglass should read, and the frame of every script's main.

/** A failed build step. Its message says what was found, what was expected and, if known, what to do. */
export class BuildError extends Error {
  constructor(message) {
    super(message);
    this.name = 'BuildError';
  }
}

/**
 * Runs `main` as the body of a script. A BuildError is printed as one message under the script's name; any other
 * error is a bug in the script and keeps its stack. Both make the process fail.
 */
export function runScript(scriptName, main) {
  try {
    main();
  } catch (error) {
    const text = error instanceof BuildError ? error.message : error.stack;
    process.stderr.write(`guest: ${scriptName}: ${text}\n`);
    process.exitCode = 1;
  }
}
