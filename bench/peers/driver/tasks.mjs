// The tasks: what is asked of each peer, and what figures its answers give. README.md has the rules.
//
// A task has jobs({ settings, scripts }): each a request, the seconds after which its process is ended, and figures,
// each with read(answer): { samples } | { value } | { text } | undefined, and an optional `note`. With `only`, one peer
// is asked.

import { readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { median } from '../../driver/merge.mjs';

const mebibyte = 1 << 20;

/** What became of the VM, where that is more than "it goes on". */
function aftermath(answer, ended) {
  if (ended.signal || ended.status > 1) return 'process died';
  if (answer.usable === false) return answer.healed ? 'needs reset' : 'VM lost';
  if (answer.dropped !== true) return 'cannot be dropped';
  return undefined;
}

const samples = (key) => (answer) => ({ samples: answer[key] });

function scriptJob({ file, call }, group, settings) {
  const name = basename(file, '.js');
  return {
    request: { task: 'script', file, call, runs: settings.runs, seconds: settings.seconds },
    seconds: 180,
    figures: [
      {
        id: `${group}/${name}`,
        title: name,
        unit: 'ms',
        read: (answer) => ({ samples: answer.times_ms, result: answer.result }),
      },
    ],
  };
}

const scripts = {
  name: 'scripts',
  what: 'the programs of bench/js in one VM',
  jobs: ({ settings, scripts }) => scripts.map((file) => scriptJob({ file }, 'scripts', settings)),
};

const tooling = {
  name: 'tooling',
  what: 'real libraries of npm, each one script, at work in one VM',
  jobs: ({ settings, tooling }) => tooling.map((file) => scriptJob({ file, call: 'run()' }, 'tooling', settings)),
};

const octane = {
  name: 'octane',
  what: 'eight programs of the Octane benchmark in one VM',
  jobs: ({ settings, octane }) => octane.map((file) => scriptJob({ file, call: 'run()' }, 'octane', settings)),
};

const create = {
  name: 'create',
  what: 'make a VM; make one, evaluate 1+1, drop it',
  jobs: ({ settings }) => [
    {
      request: { task: 'create', samples: settings.lives },
      seconds: 120,
      figures: [
        { id: 'create/new', title: 'create a VM', unit: 'µs', read: samples('create_us') },
        { id: 'create/life', title: 'create, 1+1, drop', unit: 'µs', read: samples('cycle_us') },
      ],
    },
  ],
};

const calls = {
  name: 'calls',
  what: 'calls from the script to the host, and back',
  jobs: ({ settings }) => [
    {
      request: { task: 'calls', calls: settings.calls, samples: 5 },
      seconds: 120,
      figures: [
        {
          id: 'calls/host',
          title: 'host call, over a call in JS',
          unit: 'ns',
          read: ({ host_ns, script_ns }) => ({ value: Math.max(median(host_ns) - median(script_ns), 0) }),
        },
        { id: 'calls/script', title: 'the host calls a JS function', unit: 'ns', read: samples('from_host_ns') },
      ],
    },
  ],
};

const stack = {
  name: 'stack',
  what: 'endless recursion on a stack of 256 KiB',
  jobs: () => [
    {
      request: { task: 'stack', samples: 20, stack_bytes: 256 << 10 },
      seconds: 20,
      figures: [
        {
          id: 'stack/reported',
          title: 'stack overflow, reported',
          unit: 'µs',
          read: (answer, ended) => {
            if (answer.error === 'none') return { text: 'no error' };
            return { samples: answer.times_us, note: aftermath(answer, ended) };
          },
        },
      ],
    },
  ],
};

const memory = {
  name: 'memory',
  what: 'scripts that take memory without end, at a limit of 64 MiB',
  jobs: ({ memory }) =>
    memory.map((file) => ({
      request: { task: 'memory', file, limit_bytes: 64 * mebibyte },
      seconds: 20,
      figures: [
        {
          id: `memory/${basename(file, '.js')}`,
          title: `${basename(file, '.js')} to 64 MiB: process grew`,
          unit: 'MiB',
          read: (answer, ended) => ({ value: answer.peak_bytes / mebibyte, note: aftermath(answer, ended) }),
        },
      ],
    })),
};

// In the order of the table.
const timeoutTitles = {
  loop: 'while (true) {}',
  catch: 'a loop that catches all',
  regex: 'regex that backtracks',
  search: 'indexOf over 2^53',
  join: 'join of 2^32 holes',
};

const timeout = {
  name: 'timeout',
  what: 'scripts that do not end, at a limit of 50 ms: how much later they are ended',
  jobs: ({ timeout }) =>
    Object.entries(timeoutTitles).map(([name, title]) => {
      const file = join(timeout, `${name}.js`);
      const limitMs = 50;
      return {
        request: { task: 'timeout', file, limit_ms: limitMs },
        seconds: 4,
        never: true,
        figures: [
          {
            id: `timeout/${name}`,
            title: `overshoot: ${title}`,
            unit: 'ms',
            read: (answer, ended) => {
              if (answer.error === 'none') return { text: 'ran to its end' };
              return { value: Math.max(answer.elapsed_ms - limitMs, 0), note: aftermath(answer, ended) };
            },
          },
        ],
      };
    }),
};

const density = {
  name: 'density',
  what: 'idle VMs that one GiB holds',
  jobs: ({ settings }) => [
    {
      request: { task: 'density', count: settings.vms },
      seconds: 120,
      figures: [
        {
          id: 'density/idle',
          title: 'idle VMs in a GiB',
          unit: '',
          better: 'higher',
          read: ({ bytes_per_vm }) => ({ value: (1024 * mebibyte) / bytes_per_vm }),
        },
      ],
    },
  ],
};

// How a request gets its VM. The last three are measured of sandglass alone.
const ways = {
  new: { title: 'new VM' },
  reset: { title: 'VM reset' },
  snapshot: { title: 'VM from a snapshot', only: 'sandglass' },
  pool: { title: 'VM of a pool', only: 'sandglass' },
  loaded: { title: 'pool, script loaded', only: 'sandglass' },
};

const requests = {
  name: 'requests',
  what: 'a small request in a VM of its own, over and over, on one and two threads',
  jobs: ({ settings, requestScript }) =>
    Object.entries(ways).flatMap(([way, { title, only }]) =>
      [1, 2].map((workers) => ({
        request: {
          task: 'requests',
          file: requestScript,
          expected: expectedOf(requestScript),
          workers,
          seconds: settings.serveSeconds,
          way,
          reset: way === 'reset',
        },
        only,
        seconds: 60,
        figures: [
          {
            id: `requests/${way}-${workers}`,
            title: `requests/s, ${title}, ${workers} thread${workers > 1 ? 's' : ''}`,
            unit: '',
            better: 'higher',
            read: ({ per_second }) => ({ value: per_second }),
          },
        ],
      })),
    ),
};

// The script is ours, and plain.
const expectedOf = (file) => (0, eval)(readFileSync(file, 'utf8'));

/** Tasks whose figures are times of scripts: a geometric mean tells them all. */
export const scriptTasks = ['scripts', 'tooling', 'octane'];

export const tasks = [scripts, tooling, octane, create, calls, stack, memory, timeout, density, requests];

export const settingsOf = ({ quick }) =>
  quick
    ? { rounds: 1, runs: 2, seconds: 1, lives: 40, calls: 20_000, vms: 30, serveSeconds: 0.7 }
    : { rounds: 3, runs: 5, seconds: 3, lives: 150, calls: 100_000, vms: 100, serveSeconds: 2 };
