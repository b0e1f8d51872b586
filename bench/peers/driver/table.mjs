// The table on the terminal: a row for each figure, a column for each peer.

import { geometricMean } from '../../driver/merge.mjs';
import { scriptTasks } from './tasks.mjs';

export function short(value) {
  if (value >= 99.5) return String(Math.round(value));
  return value >= 9.95 ? value.toFixed(1) : value.toFixed(2);
}

export const ratioOf = (row, peer) => {
  const mine = row.cells.sandglass?.value;
  const theirs = row.cells[peer]?.value;
  return mine > 0 && theirs > 0 ? theirs / mine : undefined;
};

const notes = { 'VM lost': 'L', 'needs reset': 'R', 'cannot be dropped': 'D', 'process died': 'X' };

function cellText(row, peer) {
  const cell = row.cells[peer];
  if (cell.text !== undefined) return cell.text;
  const ratio = peer === 'sandglass' ? undefined : ratioOf(row, peer);
  const beside = ratio === undefined ? '' : ` (${short(ratio)})`;
  return `${short(cell.value)}${beside}${cell.note ? ` ${notes[cell.note]}` : ''}`;
}

/** Geometric means of the ratios over the rows of a task that both did. */
export function meanRatios(rows, task, peers) {
  const means = {};
  for (const peer of peers) {
    const ratios = rows.filter((row) => row.task === task).map((row) => ratioOf(row, peer));
    const known = ratios.filter((ratio) => ratio !== undefined);
    if (known.length > 0) means[peer] = { mean: geometricMean(known), of: known.length };
  }
  return means;
}

function meanRow(rows, task, peers) {
  const means = meanRatios(rows, task, peers);
  const all = rows.filter((row) => row.task === task).length;
  return peers.map((peer) => {
    const known = means[peer];
    if (!known) return '';
    return `(${short(known.mean)})${known.of < all ? ` of ${known.of}` : ''}`;
  });
}

export function formatTable(report) {
  const peers = report.peers.filter((peer) => !peer.skipped).map((peer) => peer.name);
  const lines = [['', ...peers]];
  const tasks = [...new Set(report.rows.map((row) => row.task))];
  for (const task of tasks) {
    lines.push([task]);
    for (const row of report.rows.filter((one) => one.task === task)) {
      lines.push([`  ${row.title}${row.unit ? `, ${row.unit}` : ''}`, ...peers.map((peer) => cellText(row, peer))]);
    }
    if (scriptTasks.includes(task) && peers.includes('sandglass')) {
      lines.push(['  geometric mean', ...meanRow(report.rows, task, peers)]);
    }
  }
  const widths = lines[0].map((_, column) => Math.max(...lines.map((line) => [...(line[column] ?? '')].length)));
  const aligned = lines.map((line) =>
    line
      .map((cell, column) => (column === 0 ? cell.padEnd(widths[0]) : cell.padStart(widths[column])))
      .join('  ')
      .trimEnd(),
  );
  return `${[...aligned, '', ...remarks(report, peers)].join('\n')}`;
}

function remarks(report, peers) {
  const lines = [];
  if (peers.includes('sandglass') && peers.length > 1) {
    lines.push('In parentheses: the ratio to sandglass; above 1 is slower, or, of VMs and requests, more of them.');
  }
  const used = new Set(report.rows.flatMap((row) => peers.map((peer) => row.cells[peer].note).filter(Boolean)));
  if (used.size > 0) lines.push(`After a figure: ${[...used].map((note) => `${notes[note]} ${note}`).join(', ')}.`);
  const reasons = new Map();
  for (const row of report.rows) {
    for (const peer of peers) {
      const { text, why } = row.cells[peer];
      if (!why) continue;
      const key = `${peer}: ${text}: ${why}`;
      reasons.set(key, [...(reasons.get(key) ?? []), row.id]);
    }
  }
  for (const [reason, ids] of reasons) lines.push(`${reason} [${ids.join(', ')}]`);
  for (const { name, skipped } of report.peers) if (skipped) lines.push(`${name}: skipped: ${skipped}`);
  lines.push('', ...facts(report));
  return lines;
}

export function facts(report) {
  const { machine, peers } = report;
  const versions = new Set(
    peers.flatMap((peer) => Object.entries(peer.versions ?? {}).map(([name, of]) => `${name} ${of}`)),
  );
  return [
    `${machine.cpu}, ${machine.cores} cores, Linux ${machine.kernel}, load ${machine.load.toFixed(1)} to ${machine.load_after.toFixed(1)}; ${report.date.slice(0, 10)}${report.method.quick ? '; quick, provisional' : ''}`,
    [...versions].join(', '),
  ];
}
