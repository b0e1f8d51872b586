// The plots, as SVG: `ratioPlot` of scripts and libraries, `barPlot` of all else.

import { geometricMean } from '../../driver/merge.mjs';
import { facts, ratioOf, short } from './table.mjs';
import { scriptTasks } from './tasks.mjs';

const colours = {
  sandglass: '#1b1b1b',
  'fastschema-qjs': '#d1495b',
  'quickjs-wasi': '#edae49',
  'quickjs-emscripten': '#c97b2a',
  wasmtime: '#7b5ea7',
  rquickjs: '#2e86ab',
  'isolated-vm': '#4f9d69',
};
const muted = '#6b6b6b';
const faint = '#dddddd';

const escape = (text) => text.replace(/[&<>"]/g, (c) => `&#${c.charCodeAt(0)};`);

function label(x, y, text, { size = 12, anchor = 'start', fill = '#1b1b1b', weight = 'normal' } = {}) {
  const style = `font-size="${size}" text-anchor="${anchor}" fill="${fill}" font-weight="${weight}"`;
  return `<text x="${x.toFixed(1)}" y="${y.toFixed(1)}" ${style}>${escape(text)}</text>`;
}

const line = (x1, y1, x2, y2, colour, width = 1) =>
  `<line x1="${x1.toFixed(1)}" y1="${y1.toFixed(1)}" x2="${x2.toFixed(1)}" y2="${y2.toFixed(1)}" stroke="${colour}" stroke-width="${width}"/>`;

function picture(width, height, parts) {
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}" font-family="DejaVu Sans, Helvetica, Arial, sans-serif">`,
    `<rect width="${width}" height="${height}" fill="#ffffff"/>`,
    ...parts,
    '</svg>\n',
  ].join('\n');
}

// The facts that the figures depend on, below a plot; long lines are broken between versions.
function footer(report, x, y, width) {
  const perLine = Math.floor(width / 6);
  const lines = facts(report).flatMap((text) => {
    const broken = [''];
    for (const part of text.split(', ')) {
      const last = broken.at(-1);
      if (last && last.length + part.length > perLine) broken.push(part);
      else broken[broken.length - 1] = last ? `${last}, ${part}` : part;
    }
    return broken;
  });
  return lines.map((text, i) => label(x, y + i * 14, text, { size: 10, fill: muted }));
}

const shown = (report) => report.peers.filter((peer) => !peer.skipped).map((peer) => peer.name);

/** A logarithmic axis: position(value), and ticks at 1, 2, 5 of each decade. */
function logAxis(low, high, from, to) {
  const [a, b] = [Math.log10(low), Math.log10(high)];
  const ticks = [];
  for (let decade = Math.floor(a); decade <= b; decade++) {
    for (const digit of [1, 2, 5]) {
      const value = digit * 10 ** decade;
      if (value >= low && value <= high) ticks.push(value);
    }
  }
  return { position: (value) => from + ((Math.log10(value) - a) / (b - a)) * (to - from), ticks };
}

/** Time relative to sandglass, a line for each script, a dot for each peer. */
export function ratioPlot(report) {
  const rows = report.rows.filter((row) => scriptTasks.includes(row.task) && row.cells.sandglass?.value > 0);
  const peers = shown(report).filter((peer) => peer !== 'sandglass');
  if (rows.length === 0 || peers.length === 0) return undefined;

  const [left, right, top, step] = [150, 40, 104, 24];
  const gap = step / 2; // between tasks
  const width = 900;
  const ratios = rows.flatMap((row) => peers.map((peer) => ratioOf(row, peer)).filter(Boolean));
  const axis = logAxis(Math.min(0.5, ...ratios) * 0.85, Math.max(2, ...ratios) * 1.18, left, width - right);
  const meanY = top + (rows.length + 0.25) * step + scriptTasks.length * gap;
  const bottom = meanY + 1.75 * step;
  const parts = [
    label(20, 28, 'Time of a script, relative to sandglass', { size: 17, weight: 'bold' }),
    label(20, 48, 'left of 1: faster than sandglass; right of it: slower (logarithmic)', { size: 12, fill: muted }),
  ];
  let at = 20;
  for (const peer of peers) {
    parts.push(`<circle cx="${at + 5}" cy="68" r="5" fill="${colours[peer]}"/>`, label(at + 15, 72, peer));
    at += 40 + peer.length * 7;
  }
  for (const tick of axis.ticks) {
    const x = axis.position(tick);
    parts.push(line(x, top - 8, x, bottom - step, tick === 1 ? colours.sandglass : faint, tick === 1 ? 2 : 1));
    parts.push(label(x, bottom - step + 16, `${tick}`, { size: 11, anchor: 'middle', fill: muted }));
  }
  const dots = (y, ratioFor, radius) => {
    for (const peer of peers) {
      const ratio = ratioFor(peer);
      if (!ratio) continue;
      const place = `cx="${axis.position(ratio).toFixed(1)}" cy="${y.toFixed(1)}" r="${radius}"`;
      parts.push(
        `<circle ${place} fill="${colours[peer]}" fill-opacity="0.9"><title>${peer}: ${short(ratio)}</title></circle>`,
      );
    }
  };
  rows.forEach((row, i) => {
    const y = top + i * step + scriptTasks.indexOf(row.task) * gap;
    parts.push(line(left, y, width - right, y, '#f0f0f0'));
    parts.push(label(left - 12, y + 4, row.title, { anchor: 'end' }));
    dots(y, (peer) => ratioOf(row, peer), 5);
  });
  parts.push(label(left - 12, meanY + 4, 'geometric mean', { anchor: 'end', weight: 'bold' }));
  dots(meanY, (peer) => meanOver(rows, peer), 7);
  parts.push(...footer(report, 20, bottom + 16, width - 40));
  return picture(width, bottom + 70, parts);
}

// Of the rows that the peer did, only if it did them all: a mean over fewer is another mean.
function meanOver(rows, peer) {
  const ratios = rows.map((row) => ratioOf(row, peer));
  return ratios.every(Boolean) ? geometricMean(ratios) : undefined;
}

/** A panel for each figure of the other tasks that two peers have: a bar for each peer, logarithmic. */
export function barPlot(report) {
  const peers = shown(report);
  const compares = (row) => peers.length < 2 || peers.filter((peer) => row.cells[peer].value > 0).length > 1;
  const rows = report.rows.filter((row) => !scriptTasks.includes(row.task) && compares(row));
  if (rows.length === 0) return undefined;

  const columns = 3;
  const [panelWidth, barHeight, head, gap] = [330, 16, 34, 26];
  const panelHeight = head + peers.length * barHeight + gap;
  const top = 66;
  const width = columns * panelWidth + 30;
  const parts = [
    label(20, 28, 'Life of a VM, limits, calls, requests', { size: 17, weight: 'bold' }),
    label(20, 48, 'each panel has a logarithmic scale of its own', { size: 12, fill: muted }),
  ];
  rows.forEach((row, i) => {
    const x = 20 + (i % columns) * panelWidth;
    const y = top + Math.floor(i / columns) * panelHeight;
    parts.push(...panel(row, peers, x, y, panelWidth - 20, barHeight, head));
  });
  const bottom = top + Math.ceil(rows.length / columns) * panelHeight;
  parts.push(...footer(report, 20, bottom + 14, width - 40));
  return picture(width, bottom + 66, parts);
}

function panel(row, peers, x, y, width, barHeight, head) {
  const names = 118;
  const numbers = 110;
  const values = peers.map((peer) => row.cells[peer].value).filter((value) => value > 0);
  const low = Math.min(...values) / 3;
  const high = Math.max(...values);
  const axis = logAxis(low, high, 0, width - names - numbers);
  const better = row.better === 'higher' ? 'more is better' : 'less is better';
  const parts = [
    label(x, y + 12, row.title, { size: 12.5, weight: 'bold' }),
    label(x, y + 26, row.unit ? `${row.unit}, ${better}` : better, { size: 10, fill: muted }),
  ];
  peers.forEach((peer, i) => {
    const cell = row.cells[peer];
    const at = y + head + i * barHeight;
    const length = cell.value > 0 ? Math.max(axis.position(cell.value), 1) : 0;
    parts.push(label(x + names - 6, at + 11, peer, { size: 10.5, anchor: 'end' }));
    if (length > 0) {
      const place = `x="${x + names}" y="${at + 2}" width="${length.toFixed(1)}" height="${barHeight - 4}"`;
      parts.push(`<rect ${place} fill="${colours[peer]}"/>`);
    }
    const text = cell.text ?? `${short(cell.value)}${cell.note ? `, ${cell.note}` : ''}`;
    parts.push(
      label(x + names + length + 4, at + 11, text, { size: 10, fill: cell.text || cell.note ? '#a03030' : muted }),
    );
  });
  return parts;
}
