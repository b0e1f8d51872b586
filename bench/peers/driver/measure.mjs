// Asks the peers, in turns, and makes cells of what they answer.
//
// A cell is { value, low, high, samples, note? } or { text, why? }: "n/a", "failed", "never", or what the task says.

import { median } from '../../driver/merge.mjs';
import { request } from './peers.mjs';
import { start } from './process.mjs';

/** Runs one task in a process of its own; resolves to { answer, ended }. */
export async function ask(words, asked, seconds) {
  const line = JSON.stringify(asked);
  const [program, ...rest] = words.map((word) => (word === request ? line : word));
  const ended = await start(program, rest, { seconds });
  const answers = ended.output
    .split('\n')
    .filter((text) => text.startsWith('{'))
    .flatMap((text) => {
      try {
        return [JSON.parse(text)];
      } catch {
        return []; // cut off with its process
      }
    });
  return { answer: answers.at(-1) ?? {}, ended };
}

function whyFailed({ answer, ended }) {
  if (ended.late) return 'did not end in time';
  if (answer.failed) return answer.failed.split('\n')[0];
  return ended.signal ? `ended by ${ended.signal}` : `status ${ended.status}`;
}

// One process's answer to one figure.
function readingOf(figure, job, reply) {
  const { answer, ended } = reply;
  if (answer.unable) return { text: 'n/a', why: answer.unable };
  if (job.never && ended.late && answer.begun) return { text: 'never' };
  if (answer.failed || answer.begun || Object.keys(answer).length === 0)
    return { text: 'failed', why: whyFailed(reply) };
  return figure.read(answer, ended);
}

const notAsked = ({ only }) => ({ text: 'n/a', why: `measured of ${only} alone` });

// All rounds' readings of one figure. Anything but a number in any round is what is told.
function cellOf(readings) {
  const told = readings.find((reading) => reading.text !== undefined);
  if (told) return { text: told.text, why: told.why };
  const values = readings.flatMap((reading) => reading.samples ?? [reading.value]);
  return {
    value: median(values),
    low: Math.min(...values),
    high: Math.max(...values),
    samples: values.length,
    note: readings.find((reading) => reading.note)?.note,
    result: readings[0].result,
  };
}

/** Rows of { id, task, title, unit, better, cells: { peer: cell } }. */
export async function measure({ jobs, installed, rounds, progress }) {
  const rows = [];
  for (const [i, job] of jobs.entries()) {
    const replies = new Map(installed.map(({ name }) => [name, []]));
    for (let round = 0; round < rounds; round++) {
      for (const { name, words } of installed) {
        if (job.only && job.only !== name) continue;
        progress(`${i + 1}/${jobs.length} ${job.figures[0].id}, round ${round + 1}: ${name}`);
        replies.get(name).push(await ask(words, job.request, job.seconds));
      }
    }
    for (const figure of job.figures) {
      const { id, title, unit, better = 'lower' } = figure;
      const cells = {};
      for (const [name, all] of replies) {
        cells[name] = all.length > 0 ? cellOf(all.map((reply) => readingOf(figure, job, reply))) : notAsked(job);
      }
      rows.push({ id, task: id.split('/')[0], title, unit, better, cells });
    }
  }
  strikeWrongResults(rows);
  return rows;
}

/** The result that most peers gave is the right one; the figures of a peer that gave another are struck. */
function strikeWrongResults(rows) {
  for (const { cells } of rows) {
    const votes = new Map();
    for (const { result } of Object.values(cells)) {
      if (result !== undefined) votes.set(result, (votes.get(result) ?? 0) + 1);
    }
    const right = [...votes].reduce((most, vote) => (vote[1] > most[1] ? vote : most), [undefined, 0])[0];
    for (const [peer, { result }] of Object.entries(cells)) {
      if (result !== undefined && result !== right) {
        cells[peer] = { text: 'wrong result', why: `gave ${result}, and most gave ${right}` };
      }
    }
  }
}

/** Whether a peer gave a wrong result somewhere. */
export const wasWrong = (rows, peer) => rows.some(({ cells }) => cells[peer]?.text === 'wrong result');
