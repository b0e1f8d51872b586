// From rounds to figures.

export function median(values) {
  const sorted = [...values].sort((a, b) => a - b);
  const half = sorted.length >> 1;
  return sorted.length % 2 ? sorted[half] : (sorted[half - 1] + sorted[half]) / 2;
}

export const geometricMean = (values) => Math.exp(values.reduce((sum, v) => sum + Math.log(v), 0) / values.length);

const microsecondsIn = { ns: 1e-3, us: 1, ms: 1e3, s: 1e6 };

const plainName = (name) => name.replace(/\/(manual_time|real_time|iterations:\d+|repeats:\d+)/g, '');

/**
 * One entry a benchmark, in the order of `names`: of times the least mean of all repetitions (noise only ever
 * adds, and the median beside it tells how much there was); of percentiles and counters the median.
 */
export function mergeBenchmarks(runs, names) {
  const byName = new Map(names.map((name) => [plainName(name), []]));
  for (const entry of runs.flat()) {
    if (entry.run_type === 'aggregate') continue;
    const name = plainName(entry.run_name);
    if (entry.error_occurred) throw new Error(`${name}: ${entry.error_message}`);
    byName.get(name).push(entry);
  }
  return [...byName].map(([name, entries]) => {
    const merged = { name };
    const put = (key, read, choose = median) => {
      const values = entries.map(read).filter((value) => value != null);
      if (values.length > 0) merged[key] = choose(values);
    };
    const least = (values) => Math.min(...values);
    put('time_us', (entry) => entry.real_time * microsecondsIn[entry.time_unit], least);
    put('median_us', (entry) => entry.real_time * microsecondsIn[entry.time_unit]);
    // With manual time only a part of an iteration is timed, but the CPU time is of all of it.
    const partly = (entry) => entry.name.includes('/manual_time');
    put('cpu_us', (entry) => (partly(entry) ? undefined : entry.cpu_time * microsecondsIn[entry.time_unit]), least);
    for (const counter of ['p50_us', 'p99_us', 'max_us', 'faults', 'frames']) put(counter, (entry) => entry[counter]);
    return merged;
  });
}

// The least of all rounds: noise only ever adds. The median tells how much there was.
function mergeRuns(reports, name) {
  const results = reports.flatMap((report) => report.results).filter((result) => result.name === name);
  return {
    min_ms: Math.min(...results.map((result) => result.min_ms)),
    median_ms: median(results.map((result) => result.median_ms)),
    checksums: [...new Set(results.map((result) => result.checksum))],
  };
}

/** Rows of { name, ours, node?, ratio?, ratio_of_medians? }, their geometric means, and what differs. */
export function mergeScripts(ours, node) {
  const names = [...new Set(ours.flatMap((report) => report.results.map((result) => result.name)))];
  const differing = [];
  const rows = names.map((name) => {
    const mine = mergeRuns(ours, name);
    const row = { name, ours: { min_ms: mine.min_ms, median_ms: mine.median_ms }, checksum: mine.checksums[0] };
    const theirs = node.length > 0 ? mergeRuns(node, name) : undefined;
    const checksums = new Set([...mine.checksums, ...(theirs?.checksums ?? [])]);
    if (checksums.size > 1) {
      differing.push({ name, ours: mine.checksums.join(' | '), node: theirs?.checksums.join(' | ') ?? '(not run)' });
    }
    if (theirs) {
      row.node = { min_ms: theirs.min_ms, median_ms: theirs.median_ms };
      row.ratio = theirs.min_ms / mine.min_ms;
      row.ratio_of_medians = theirs.median_ms / mine.median_ms;
    }
    return row;
  });
  const merged = { scripts: rows };
  if (rows.length > 0 && node.length > 0) {
    merged.geometric_mean = geometricMean(rows.map((row) => row.ratio));
    merged.geometric_mean_of_medians = geometricMean(rows.map((row) => row.ratio_of_medians));
  }
  return { scripts: merged, differing };
}
