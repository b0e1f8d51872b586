// Targets, and the table as Markdown that can be read as it is.

// The targets of the project. Each is judged by the worst of the benchmarks that it names, the last one
// only if all scripts ran.
const targets = [
  { what: 'create a Runtime', limit: 20, names: /^BM_CreateRuntime$/ },
  { what: 'create, `1+1`, destroy', limit: 60, names: /^BM_CreateEvalDestroy$/ },
  { what: '`1+1` on a warm VM', limit: 3, names: /^BM_WarmEval$/ },
  { what: 'stack overflow at 256 KiB, reported', limit: 250, names: /^BM_StackOverflow\/256KiB$/ },
  { what: 'soft interrupt of `while (true) {}`, p99', limit: 50, names: /^BM_SoftInterrupt_EmptyLoop$/, key: 'p99_us' },
  { what: 'hard interrupt of built-ins, p99', limit: 100, names: /^BM_HardInterrupt_/, key: 'p99_us' },
];
const targetRatio = 1.6;

const microseconds = (value) =>
  value === undefined ? '' : `${value < 100 ? value.toPrecision(2) : Math.round(value)} µs`.replace(/\.0+ /, ' ');
const milliseconds = (value) => (value === undefined ? '' : value.toFixed(1));
const times = (value) => (value === undefined ? '' : `${value.toFixed(2)}×`);

export function judgeTargets(report) {
  const judged = [];
  for (const { what, limit, names, key = 'time_us' } of targets) {
    const found = report.benchmarks.filter(({ name }) => names.test(name));
    if (found.length === 0) continue;
    const worst = found.reduce((a, b) => (b[key] > a[key] ? b : a));
    judged.push({ what, benchmark: worst.name, target_us: limit, measured_us: worst[key], met: worst[key] <= limit });
  }
  if (report.geometric_mean !== undefined && !report.method.filtered) {
    judged.push({
      what: `scripts against Node, geometric mean of ${report.scripts.length}`,
      target_ratio: targetRatio,
      measured_ratio: report.geometric_mean,
      met: report.geometric_mean >= targetRatio,
    });
  }
  return judged;
}

function table(head, rows, rightAligned) {
  const cells = [head, ...rows].map((row) => row.map(String));
  const widths = head.map((_, column) => Math.max(3, ...cells.map((row) => [...row[column]].length)));
  const line = (row) =>
    `| ${row
      .map((cell, column) => {
        const padding = ' '.repeat(widths[column] - [...cell].length);
        return rightAligned.includes(column) ? padding + cell : cell + padding;
      })
      .join(' | ')} |`;
  const rule = widths.map((width, column) => '-'.repeat(width + 1) + (rightAligned.includes(column) ? ':' : '-'));
  return [line(cells[0]), `|${rule.join('|')}|`, ...cells.slice(1).map(line)].join('\n');
}

export function benchmarkRows(report) {
  return report.benchmarks.map((entry) => [
    entry.name.replace(/^BM_Baseline_/, '  baseline: ').replace(/^BM_/, ''),
    microseconds(entry.p50_us ?? entry.time_us),
    microseconds(entry.p99_us),
    microseconds(entry.cpu_us),
    entry.faults === undefined ? '' : Math.round(entry.faults),
  ]);
}

function targetRows(report) {
  return report.targets.map((t) => [
    t.what,
    t.target_us !== undefined ? `≤ ${microseconds(t.target_us)}` : `≥ ${times(t.target_ratio)}`,
    t.measured_us !== undefined ? microseconds(t.measured_us) : times(t.measured_ratio),
    t.met ? 'met' : 'MISSED',
  ]);
}

const nodeLifecycleNames = { create: 'create', warm_eval: '`1+1`, warm', create_eval_dispose: 'create, `1+1`, dispose' };

function warnings({ machine, sandglass, method }) {
  const found = [];
  const load = Math.max(machine.load, machine.load_after - 1);
  if (load > machine.cores / 2) {
    found.push(`The machine was busy (load ${load.toFixed(1)} on ${machine.cores} cores): provisional figures.`);
  }
  if (sandglass.build_type !== 'Release' || !sandglass.pgo) {
    found.push('Not the release preset (optimised, guest compiled with a profile): provisional figures.');
  }
  if (method.quick) found.push('A quick run: one round.');
  return found;
}

export function formatReport(report, rows) {
  const { machine, sandglass, node } = report;
  const nodeText = node.skipped ? `Node: skipped (${node.skipped})` : `Node ${node.version} (V8 ${node.v8})`;
  const parts = [
    [
      `sandglass ${sandglass.version}, ${sandglass.engine}, ${sandglass.compiler}${sandglass.pgo ? ' with PGO' : ''}`,
      nodeText,
      `${machine.cpu}, ${machine.cores} cores, Linux ${machine.kernel}, ${report.date.slice(0, 10)}`,
      ...warnings(report),
    ].join('\n'),
  ];
  if (report.targets.length > 0) {
    parts.push(table(['operation', 'target', 'measured', ''], targetRows(report), [1, 2]));
  }
  if (rows.length > 0) {
    parts.push(table(['benchmark', 'time or p50', 'p99', 'CPU', 'page faults'], rows, [1, 2, 3, 4]));
  }
  const lifecycle = Object.entries(report.node_lifecycle);
  if (lifecycle.length > 0) {
    const lines = lifecycle.map(([name, us]) => [nodeLifecycleNames[name] ?? name, microseconds(us)]);
    parts.push(table(['the npm guest under Node', 'median'], lines, [1]));
  }
  if (report.scripts.length > 0) {
    const lines = report.scripts.map((row) => [
      row.name,
      milliseconds(row.ours.min_ms),
      milliseconds(row.node?.min_ms),
      times(row.ratio),
    ]);
    if (report.geometric_mean !== undefined) {
      lines.push(['geometric mean', '', '', times(report.geometric_mean)]);
      lines.push(['the same, of medians', '', '', times(report.geometric_mean_of_medians)]);
    }
    parts.push(table(['script', 'sandglass ms', 'Node ms', 'ratio'], lines, [1, 2, 3]));
  }
  return parts.join('\n\n');
}
