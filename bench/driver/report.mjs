// Targets, and the table as Markdown that can be read as it is.

// The targets of the project. Each is judged by the worst of the benchmarks that it names, the last one
// only if all scripts ran.
const targets = [
  { what: 'create a Runtime', limit: 20, names: /^BM_CreateRuntime(_NewSlot)?$/ },
  { what: 'a VM from a snapshot, with a library of 1 MiB in it', limit: 8, names: /^BM_FromSnapshot\/(empty|library)$/ },
  { what: 'reset and `1+1`', limit: 1e6 / 150_000, names: /^BM_ResetEval$/ },
  { what: 'save and load a heap of 16 MiB, each', limit: 100_000, names: /^BM_(Save|Load)_16MiB$/ },
  { what: 'create, `1+1`, destroy', limit: 60, names: /^BM_CreateEvalDestroy$/ },
  { what: '`1+1` on a warm VM', limit: 3, names: /^BM_WarmEval$/ },
  { what: 'stack overflow at 256 KiB, reported', limit: 250, names: /^BM_StackOverflow\/256KiB$/ },
  { what: 'soft interrupt of `while (true) {}`, p99', limit: 50, names: /^BM_SoftInterrupt_EmptyLoop$/, key: 'p99_us' },
  { what: 'hard interrupt of built-ins, p99', limit: 100, names: /^BM_HardInterrupt_/, key: 'p99_us' },
  {
    what: 'JavaScript calls `int(int, int)`, over a call in JavaScript',
    limit: 0.04,
    names: /^BM_CallHost_IntIntInt$/,
    minus: 'BM_Baseline_CallScript',
  },
  { what: 'C++ calls `(a, b) => a + b`', limit: 0.06, names: /^BM_CallScript_IntIntInt$/ },
  { what: 'string of 1 KiB, each way', limit: 0.4, names: /^BM_String(To|From)Script_1KiB$/ },
  { what: 'struct of 8 fields, each way', limit: 1.5, names: /^BM_Struct(To|From)Script_8Fields$/ },
];

// Targets that are told as a ratio to a baseline of the same run: at most so many times its time.
const ratioTargets = [
  {
    what: 'bytes of 1 MiB each way, to a copy of them',
    atMost: 1.25,
    names: /^BM_Bytes(To|From)Script_1MiB$/,
    over: 'BM_Baseline_CopyBytes_1MiB',
  },
  {
    what: 'JSON of 1 MiB to JavaScript, to JSON.parse alone',
    atMost: 1.3,
    names: /^BM_JsonToScript_1MiB$/,
    over: 'BM_Baseline_ParseInScript',
  },
];
const targetRatio = 1.6;

const short = (value) => (value < 100 ? value.toPrecision(2).replace(/\.0$/, '') : String(Math.round(value)));
const nanoseconds = (value) => `${short(value * 1000)} ns`;
const microseconds = (value) =>
  value !== undefined && value > 0 && value < 1 ? nanoseconds(value) : value === undefined ? '' : `${short(value)} µs`;
const milliseconds = (value) => (value === undefined ? '' : value.toFixed(1));
const times = (value) => (value === undefined ? '' : `${value.toFixed(2)}×`);

export function judgeTargets(report) {
  const judged = [];
  for (const { what, limit, names, minus, key = 'time_us' } of targets) {
    const found = report.benchmarks.filter(({ name }) => names.test(name));
    if (found.length === 0) continue;
    const worst = found.reduce((a, b) => (b[key] > a[key] ? b : a));
    const baseline = report.benchmarks.find(({ name }) => name === minus)?.[key] ?? 0;
    const measured = Math.max(worst[key] - baseline, 0);
    judged.push({ what, benchmark: worst.name, target_us: limit, measured_us: measured, met: measured <= limit });
  }
  for (const { what, atMost, names, over } of ratioTargets) {
    const found = report.benchmarks.filter(({ name }) => names.test(name));
    const baseline = report.benchmarks.find(({ name }) => name === over);
    if (found.length === 0 || baseline === undefined) continue;
    const ratio = Math.max(...found.map(({ time_us: time }) => time)) / baseline.time_us;
    judged.push({ what, target_most: atMost, measured_ratio: ratio, met: ratio <= atMost });
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
    t.target_us !== undefined
      ? `≤ ${microseconds(t.target_us)}`
      : t.target_most !== undefined
        ? `≤ ${times(t.target_most)}`
        : `≥ ${times(t.target_ratio)}`,
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
