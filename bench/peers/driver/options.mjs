// The command line.

import { join, resolve } from 'node:path';

export const usage = `usage: bench/peers/run [OPTIONS]

  --quick           one round of few runs
  --peer NAME       only this peer; may be repeated (--list names them)
  --task NAME       only this task; may be repeated
  --build-dir DIR   where sandglass was built (build/release)
  --out DIR         where the JSON and the plots go (docs/benchmarks; build/peers/out if not everything was measured)
  --list            tell the peers and the tasks
  --help            this text

SANDGLASS_JOBS limits how many compilations run at once.`;

export class UsageError extends Error {}

export function parseOptions(words, { repository, peerNames, taskNames }) {
  const options = { quick: false, peers: [], tasks: [], build: join(repository, 'build/release') };
  for (let i = 0; i < words.length; i++) {
    const [word, inline] = words[i].startsWith('--') ? splitAtEquals(words[i]) : [words[i]];
    const value = () => {
      const given = inline ?? words[++i];
      if (given === undefined || given === '') throw new UsageError(`${word} wants a value`);
      return given;
    };
    const flag = (key) => {
      if (inline !== undefined) throw new UsageError(`${word} takes no value`);
      options[key] = true;
    };
    switch (word) {
      case '--quick':
      case '--list':
      case '--help':
        flag(word.slice(2));
        break;
      case '-h':
        options.help = true;
        break;
      case '--peer':
        options.peers.push(oneOf(value(), peerNames, 'peer'));
        break;
      case '--task':
        options.tasks.push(oneOf(value(), taskNames, 'task'));
        break;
      case '--build-dir':
        options.build = resolve(value());
        break;
      case '--out':
        options.out = resolve(value());
        break;
      default:
        throw new UsageError(word.startsWith('-') ? `unknown option ${word}` : `unexpected argument ${word}`);
    }
  }
  options.partial = options.quick || options.peers.length > 0 || options.tasks.length > 0;
  options.out ??= join(repository, options.partial ? 'build/peers/out' : 'docs/benchmarks');
  if (options.peers.length === 0) options.peers = peerNames;
  if (options.tasks.length === 0) options.tasks = taskNames;
  return options;
}

function splitAtEquals(word) {
  const at = word.indexOf('=');
  return at < 0 ? [word] : [word.slice(0, at), word.slice(at + 1)];
}

function oneOf(name, names, kind) {
  if (!names.includes(name)) throw new UsageError(`unknown ${kind} ${name}; there are ${names.join(', ')}`);
  return name;
}
