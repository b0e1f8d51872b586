//! The tasks, for every peer in Rust. A peer implements `Vm` and hands itself to `run`.

use serde_json::{json, Value as Json};
use std::fs;
use std::io::Write;
use std::time::{Duration, Instant};

#[derive(Clone, Copy)]
pub struct Limits {
    pub memory_bytes: usize,
    pub stack_bytes: usize,
    pub time: Duration,
}

pub const ROOMY: Limits = Limits {
    memory_bytes: 512 << 20,
    stack_bytes: 512 << 10,
    time: Duration::from_secs(120),
};

/// A VM of the peer. What a script throws is an `Err` with its message.
pub trait Vm: Sized {
    fn versions() -> Json;
    fn create(limits: Limits) -> Result<Self, String>;
    /// Evaluates, runs the jobs, and gives the completion value as a string.
    fn eval(&mut self, source: &str) -> Result<String, String>;
    /// The global `host(x)` is a function of the host that returns `x + 1`.
    fn add_host(&mut self) -> Result<(), String>;
    /// Calls the function that `source` evaluates to `calls` times with its own last result, from 0.
    fn call_repeatedly(&mut self, source: &str, calls: u64) -> Result<f64, String>;
}

fn tell(answer: Json) {
    println!("{answer}");
    let _ = std::io::stdout().flush();
}

// A sandboxed engine needs more native stack than its own.
const THREAD_STACK_BYTES: usize = 64 << 20;

/// Does the task of the command line, and returns the exit status.
pub fn run<V: Vm + 'static>() -> i32 {
    let worker = std::thread::Builder::new()
        .stack_size(THREAD_STACK_BYTES)
        .spawn(run_here::<V>);
    worker.expect("a thread").join().unwrap_or(1)
}

fn run_here<V: Vm>() -> i32 {
    let request: Json = match std::env::args()
        .nth(1)
        .map(|text| serde_json::from_str(&text))
    {
        Some(Ok(request)) => request,
        _ => {
            eprintln!("usage: peer '{{\"task\": \"create\", \"samples\": 100}}'");
            return 2;
        }
    };
    let result = match request["task"].as_str().unwrap_or("") {
        "info" => Ok(json!({ "versions": V::versions() })),
        "script" => script::<V>(&request),
        "create" => create::<V>(&request),
        "calls" => calls::<V>(&request),
        "stack" => stack::<V>(&request),
        "memory" => memory::<V>(&request),
        "timeout" => timeout::<V>(&request),
        "density" => density::<V>(&request),
        "requests" => requests::<V>(&request),
        other => Err(format!("unknown task {other:?}")),
    };
    match result {
        Ok(answer) => {
            tell(answer);
            0
        }
        Err(why) => {
            tell(json!({ "failed": why }));
            1
        }
    }
}

fn number(request: &Json, key: &str) -> u64 {
    request[key]
        .as_u64()
        .unwrap_or_else(|| panic!("{key} is missing"))
}

fn source_of(request: &Json) -> Result<String, String> {
    let file = request["file"].as_str().ok_or("file is missing")?;
    fs::read_to_string(file).map_err(|error| format!("{file}: {error}"))
}

fn microseconds_since(begin: Instant) -> f64 {
    begin.elapsed().as_secs_f64() * 1e6
}

fn milliseconds_since(begin: Instant) -> f64 {
    begin.elapsed().as_secs_f64() * 1e3
}

fn usable<V: Vm>(vm: &mut V) -> bool {
    vm.eval("1 + 1").as_deref() == Ok("2")
}

fn first_line(text: String) -> String {
    text.lines().next().unwrap_or("").to_string()
}

fn script<V: Vm>(request: &Json) -> Result<Json, String> {
    let source = source_of(request)?;
    let mut vm = V::create(ROOMY)?;
    let call = request["call"].as_str();
    let mut load_ms = None;
    if call.is_some() {
        let begin = Instant::now();
        vm.eval(&source)?;
        load_ms = Some(milliseconds_since(begin));
    }
    let program = call.unwrap_or(&source);
    let result = vm.eval(program)?;
    let (runs, seconds) = (number(request, "runs") as usize, number(request, "seconds"));
    let mut times = Vec::new();
    let start = Instant::now();
    while times.len() < runs && (times.len() < 3 || start.elapsed().as_secs() < seconds) {
        let begin = Instant::now();
        let again = vm.eval(program)?;
        times.push(milliseconds_since(begin));
        if again != result {
            return Err(format!("the result changed from {result} to {again}"));
        }
    }
    Ok(json!({ "load_ms": load_ms, "times_ms": times, "result": result }))
}

fn create<V: Vm>(request: &Json) -> Result<Json, String> {
    let samples = number(request, "samples");
    let (mut create_us, mut cycle_us) = (Vec::new(), Vec::new());
    let warm_ups = samples.min(20);
    for i in 0..samples + warm_ups {
        let begin = Instant::now();
        let vm = V::create(ROOMY)?;
        let created = microseconds_since(begin);
        drop(vm);
        let begin = Instant::now();
        let mut vm = V::create(ROOMY)?;
        if vm.eval("1+1")? != "2" {
            return Err("1+1 is not 2".into());
        }
        drop(vm);
        let cycle = microseconds_since(begin);
        if i >= warm_ups {
            create_us.push(created);
            cycle_us.push(cycle);
        }
    }
    Ok(json!({ "create_us": create_us, "cycle_us": cycle_us }))
}

fn calls<V: Vm>(request: &Json) -> Result<Json, String> {
    let (calls, samples) = (number(request, "calls"), number(request, "samples"));
    let mut vm = V::create(ROOMY)?;
    vm.add_host()?;
    vm.eval("globalThis.plain = (x) => x + 1; 0")?;
    let timed = |vm: &mut V, name: &str| -> Result<f64, String> {
        let source = format!(
            "(() => {{ let x = 0; for (let i = 0; i < {calls}; i++) x = {name}(x); return x; }})()"
        );
        let begin = Instant::now();
        let result = vm.eval(&source)?;
        let nanoseconds = microseconds_since(begin) * 1e3 / calls as f64;
        if result != calls.to_string() {
            return Err(format!("the loop gave {result}"));
        }
        Ok(nanoseconds)
    };
    let (mut host_ns, mut script_ns, mut from_host_ns) = (Vec::new(), Vec::new(), Vec::new());
    for i in 0..=samples {
        let host = timed(&mut vm, "host")?;
        let plain = timed(&mut vm, "plain")?;
        let begin = Instant::now();
        let last = vm.call_repeatedly("(x) => x + 1", calls)?;
        let from_host = microseconds_since(begin) * 1e3 / calls as f64;
        if last != calls as f64 {
            return Err(format!("the calls gave {last}"));
        }
        if i > 0 {
            host_ns.push(host);
            script_ns.push(plain);
            from_host_ns.push(from_host);
        }
    }
    Ok(json!({ "host_ns": host_ns, "script_ns": script_ns, "from_host_ns": from_host_ns }))
}

// Told first, and told again after the VM was dropped: dropping may end the process.
fn then_drop<V: Vm>(vm: V, mut answer: Json) -> Json {
    tell(answer.clone());
    drop(vm);
    answer["dropped"] = json!(true);
    answer
}

fn stack<V: Vm>(request: &Json) -> Result<Json, String> {
    let stack_bytes = number(request, "stack_bytes") as usize;
    let mut vm = V::create(Limits {
        stack_bytes,
        ..ROOMY
    })?;
    let mut times = Vec::new();
    let mut error = String::new();
    for _ in 0..number(request, "samples") {
        let begin = Instant::now();
        let result = vm.eval("(function descend() { return descend() + 1; })()");
        times.push(microseconds_since(begin));
        error = result.err().map_or("none".into(), first_line);
        if !usable(&mut vm) {
            break;
        }
    }
    let answer = json!({ "times_us": times, "error": error, "usable": usable(&mut vm) });
    Ok(then_drop(vm, answer))
}

fn memory<V: Vm>(request: &Json) -> Result<Json, String> {
    let source = source_of(request)?;
    let memory_bytes = number(request, "limit_bytes") as usize;
    let mut vm = V::create(Limits {
        memory_bytes,
        ..ROOMY
    })?;
    usable(&mut vm);
    let before = peak_bytes();
    let begin = Instant::now();
    let result = vm.eval(&source);
    let ms = milliseconds_since(begin);
    let answer = json!({
        "ms": ms,
        "error": result.err().map_or("none".into(), first_line),
        "usable": usable(&mut vm),
        "peak_bytes": peak_bytes() - before,
    });
    Ok(then_drop(vm, answer))
}

fn timeout<V: Vm>(request: &Json) -> Result<Json, String> {
    let source = source_of(request)?;
    let time = Duration::from_millis(number(request, "limit_ms"));
    let mut vm = V::create(Limits { time, ..ROOMY })?;
    usable(&mut vm);
    tell(json!({ "begun": true }));
    let begin = Instant::now();
    let result = vm.eval(&source);
    let elapsed = milliseconds_since(begin);
    let answer = json!({
        "elapsed_ms": elapsed,
        "error": result.err().map_or("none".into(), first_line),
        "usable": usable(&mut vm),
    });
    Ok(then_drop(vm, answer))
}

fn kibibytes_of(file: &str, key: &str) -> u64 {
    let text = fs::read_to_string(file).expect(file);
    let line = text.lines().find(|line| line.starts_with(key)).expect(key);
    line.split_whitespace()
        .nth(1)
        .and_then(|word| word.parse().ok())
        .expect(key)
}

fn resident_bytes() -> u64 {
    kibibytes_of("/proc/self/smaps_rollup", "Pss:") * 1024
}

fn peak_bytes() -> u64 {
    kibibytes_of("/proc/self/status", "VmHWM:") * 1024
}

fn density<V: Vm>(request: &Json) -> Result<Json, String> {
    let count = number(request, "count");
    let mut vms = Vec::new();
    let mut before = 0;
    for i in 0..count + 4 {
        if i == 4 {
            before = resident_bytes();
        }
        let mut vm = V::create(ROOMY)?;
        vm.eval("1+1")?;
        vms.push(vm);
    }
    let bytes = resident_bytes().saturating_sub(before) as f64;
    Ok(json!({ "bytes_per_vm": bytes / count as f64, "count": count }))
}

fn requests_on_this_thread<V: Vm>(source: &str, request: &Json) -> Result<f64, String> {
    let expected = request["expected"].as_str().ok_or("expected is missing")?;
    let once = || -> Result<(), String> {
        let mut vm = V::create(ROOMY)?;
        let result = vm.eval(source)?;
        if result != expected {
            return Err(format!("a request gave {result}"));
        }
        Ok(())
    };
    for _ in 0..20 {
        once()?;
    }
    let duration =
        Duration::from_secs_f64(request["seconds"].as_f64().ok_or("seconds is missing")?);
    let mut count = 0.0;
    let begin = Instant::now();
    while begin.elapsed() < duration {
        once()?;
        count += 1.0;
    }
    Ok(count / begin.elapsed().as_secs_f64())
}

fn requests<V: Vm>(request: &Json) -> Result<Json, String> {
    if request["reset"] == true {
        return Ok(json!({ "unable": "it has no way back to the start" }));
    }
    let source = source_of(request)?;
    let per_second = std::thread::scope(|scope| {
        let workers: Vec<_> = (0..number(request, "workers"))
            .map(|_| {
                let thread = std::thread::Builder::new().stack_size(THREAD_STACK_BYTES);
                let work = || requests_on_this_thread::<V>(&source, request);
                thread.spawn_scoped(scope, work).expect("a thread")
            })
            .collect();
        workers
            .into_iter()
            .map(|worker| worker.join().expect("a worker"))
            .sum::<Result<f64, String>>()
    })?;
    Ok(json!({ "per_second": per_second }))
}
