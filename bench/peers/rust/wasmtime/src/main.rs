//! wasmtime: the quickjs.wasm of the npm package quickjs-wasi, compiled ahead of time by Cranelift,
//! an instance from the pooling allocator for each VM, epoch interruption on.
//!
//!   peer-wasmtime --compile quickjs.wasm quickjs.cwasm
//!   peer-wasmtime '{"task": …}' quickjs.cwasm

use std::sync::OnceLock;
use std::time::{Duration, Instant};
use tasks::{Limits, Vm};
use wasmtime::{
    Caller, Config, Engine, InstanceAllocationStrategy, InstancePre, Linker, Memory, Module,
    PoolingAllocationConfig, Store, StoreLimits, StoreLimitsBuilder, TypedFunc, UpdateDeadline,
};

const TICK: Duration = Duration::from_millis(1);

/// What the host calls in the guest. Pointers are addresses in linear memory.
#[derive(Clone)]
struct Guest {
    memory: Memory,
    malloc: TypedFunc<u32, u32>,
    free: TypedFunc<u32, ()>,
    eval: TypedFunc<(u32, u32, u32, u32), u32>,
    call: TypedFunc<(u32, u32, u32, u32), u32>,
    is_exception: TypedFunc<u32, u32>,
    exception: TypedFunc<(), u32>,
    string: TypedFunc<u32, u32>,
    free_string: TypedFunc<u32, ()>,
    free_value: TypedFunc<u32, ()>,
    number: TypedFunc<u32, f64>,
    new_number: TypedFunc<f64, u32>,
    pending_job: TypedFunc<(), u32>,
}

struct State {
    limits: StoreLimits,
    deadline: Instant,
    guest: Option<Guest>,
}

struct Shared {
    engine: Engine,
    instance: InstancePre<State>,
}

static SHARED: OnceLock<Shared> = OnceLock::new();

fn engine() -> wasmtime::Result<Engine> {
    let mut pool = PoolingAllocationConfig::default();
    pool.total_core_instances(2000)
        .total_memories(2000)
        .total_tables(2000);
    let mut config = Config::new();
    config.epoch_interruption(true);
    // Room for the native frames of 512 KiB of the guest's own stack.
    config.max_wasm_stack(16 << 20).async_stack_size(32 << 20);
    config.allocation_strategy(InstanceAllocationStrategy::Pooling(pool));
    Engine::new(&config)
}

fn linker(engine: &Engine) -> wasmtime::Result<Linker<State>> {
    const BAD_DESCRIPTOR: u32 = 8;
    let mut linker = Linker::new(engine);
    linker.func_wrap("env", "host_get_timezone_offset", |_: u32, _: u32| 0u32)?;
    linker.func_wrap("env", "host_interrupt", || 0u32)?;
    linker.func_wrap("env", "host_promise_rejection", |_: u32, _: u32, _: u32| {})?;
    linker.func_wrap("env", "host_module_normalize", |_: u32, _: u32| 0u32)?;
    linker.func_wrap("env", "host_module_load", |_: u32, _: u32| 0u32)?;
    linker.func_wrap("env", "host_call", host_call)?;
    let wasi = "wasi_snapshot_preview1";
    linker.func_wrap(
        wasi,
        "clock_time_get",
        |mut caller: Caller<State>, _: u32, _: u64, to: u32| write(&mut caller, to, &[0; 8]),
    )?;
    linker.func_wrap(
        wasi,
        "random_get",
        |mut caller: Caller<State>, to: u32, length: u32| {
            write(&mut caller, to, &vec![7; length as usize])
        },
    )?;
    linker.func_wrap(wasi, "fd_close", |_: u32| BAD_DESCRIPTOR)?;
    linker.func_wrap(wasi, "fd_fdstat_get", |_: u32, _: u32| BAD_DESCRIPTOR)?;
    linker.func_wrap(wasi, "fd_seek", |_: u32, _: u64, _: u32, _: u32| {
        BAD_DESCRIPTOR
    })?;
    linker.func_wrap(wasi, "fd_write", |_: u32, _: u32, _: u32, _: u32| {
        BAD_DESCRIPTOR
    })?;
    Ok(linker)
}

fn write(caller: &mut Caller<State>, to: u32, bytes: &[u8]) -> wasmtime::Result<u32> {
    let memory = caller
        .get_export("memory")
        .and_then(|export| export.into_memory());
    memory.expect("memory").write(caller, to as usize, bytes)?;
    Ok(0)
}

/// The one host function: x + 1.
fn host_call(
    mut caller: Caller<State>,
    _name: u32,
    _name_length: u32,
    _this: u32,
    _count: u32,
    arguments: u32,
) -> wasmtime::Result<u32> {
    let guest = caller.data().guest.clone().expect("instantiated");
    let mut pointer = [0; 4];
    guest
        .memory
        .read(&caller, arguments as usize, &mut pointer)?;
    let x = guest
        .number
        .call(&mut caller, u32::from_le_bytes(pointer))?;
    guest.new_number.call(&mut caller, x + 1.0)
}

fn shared() -> &'static Shared {
    SHARED.get_or_init(|| {
        let path = std::env::args()
            .nth(2)
            .expect("the compiled module is missing");
        let engine = engine().expect("engine");
        // SAFETY: the file is what --compile wrote.
        let module = unsafe { Module::deserialize_file(&engine, path) }.expect("module");
        let linker = linker(&engine).expect("linker");
        let instance = linker.instantiate_pre(&module).expect("imports");
        let ticking = engine.clone();
        std::thread::spawn(move || loop {
            std::thread::sleep(TICK);
            ticking.increment_epoch();
        });
        Shared { engine, instance }
    })
}

struct Instance {
    store: Store<State>,
    instance: wasmtime::Instance,
    guest: Guest,
    time: Duration,
    trapped: bool,
}

impl Instance {
    /// Calls an export that is not on a hot path.
    fn invoke<P, R>(&mut self, name: &str, parameters: P) -> wasmtime::Result<R>
    where
        P: wasmtime::WasmParams,
        R: wasmtime::WasmResults,
    {
        let function = self
            .instance
            .get_typed_func::<P, R>(&mut self.store, name)?;
        function.call(&mut self.store, parameters)
    }

    fn arm(&mut self) {
        self.store.data_mut().deadline = Instant::now() + self.time;
    }

    /// A copy in the guest, with a NUL at its end.
    fn copy_in(&mut self, text: &str) -> wasmtime::Result<u32> {
        let mut bytes = text.as_bytes().to_vec();
        bytes.push(0);
        let at = self
            .guest
            .malloc
            .call(&mut self.store, bytes.len() as u32)?;
        self.guest
            .memory
            .write(&mut self.store, at as usize, &bytes)?;
        Ok(at)
    }

    fn text_of(&mut self, value: u32) -> wasmtime::Result<String> {
        let at = self.guest.string.call(&mut self.store, value)?;
        let bytes = &self.guest.memory.data(&self.store)[at as usize..];
        let length = bytes.iter().position(|&byte| byte == 0).unwrap_or(0);
        let text = String::from_utf8_lossy(&bytes[..length]).into_owned();
        self.guest.free_string.call(&mut self.store, at)?;
        self.guest.free_value.call(&mut self.store, value)?;
        Ok(text)
    }

    fn is_exception(&mut self, value: u32) -> wasmtime::Result<bool> {
        Ok(self.guest.is_exception.call(&mut self.store, value)? != 0)
    }

    fn evaluate(&mut self, source: &str) -> wasmtime::Result<u32> {
        let code = self.copy_in(source)?;
        let name = self.copy_in("<eval>")?;
        let value = self
            .guest
            .eval
            .call(&mut self.store, (code, source.len() as u32, name, 0))?;
        self.guest.free.call(&mut self.store, code)?;
        self.guest.free.call(&mut self.store, name)?;
        Ok(value)
    }

    fn evaluate_to_text(&mut self, source: &str) -> wasmtime::Result<Result<String, String>> {
        let value = self.evaluate(source)?;
        if self.is_exception(value)? {
            let exception = self.guest.exception.call(&mut self.store, ())?;
            return Ok(Err(self.text_of(exception)?));
        }
        while (self.guest.pending_job.call(&mut self.store, ())? as i32) > 0 {}
        Ok(Ok(self.text_of(value)?))
    }
}

fn instantiate(limits: Limits) -> wasmtime::Result<Instance> {
    let shared = shared();
    // The guest keeps its own count; the store's bound is behind it, with room for the guest's static data.
    let deadline = Instant::now() + limits.time;
    let bound = StoreLimitsBuilder::new()
        .memory_size(limits.memory_bytes + (2 << 20))
        .build();
    let mut store = Store::new(
        &shared.engine,
        State {
            limits: bound,
            deadline,
            guest: None,
        },
    );
    store.limiter(|state| &mut state.limits);
    // Ticks are late on a busy machine, so the clock is looked at.
    store.set_epoch_deadline(1);
    store.epoch_deadline_callback(|context| {
        if Instant::now() < context.data().deadline {
            Ok(UpdateDeadline::Continue(1))
        } else {
            Err(wasmtime::Trap::Interrupt.into())
        }
    });
    let instance = shared.instance.instantiate(&mut store)?;
    macro_rules! export {
        ($name:literal) => {
            instance.get_typed_func(&mut store, $name)?
        };
    }
    let guest = Guest {
        memory: instance.get_memory(&mut store, "memory").expect("memory"),
        malloc: export!("wasm_malloc"),
        free: export!("wasm_free"),
        eval: export!("qjs_eval"),
        call: export!("qjs_call"),
        is_exception: export!("qjs_is_exception"),
        exception: export!("qjs_get_exception"),
        string: export!("qjs_get_string"),
        free_string: export!("qjs_free_cstring"),
        free_value: export!("qjs_free_value"),
        number: export!("qjs_get_float64"),
        new_number: export!("qjs_new_number"),
        pending_job: export!("qjs_execute_pending_job"),
    };
    store.data_mut().guest = Some(guest.clone());
    let mut vm = Instance {
        store,
        instance,
        guest,
        time: limits.time,
        trapped: false,
    };
    vm.invoke::<(), ()>("_initialize", ())?;
    vm.invoke::<(), u32>("qjs_init", ())?;
    vm.invoke::<u32, ()>("qjs_set_memory_limit", limits.memory_bytes as u32)?;
    vm.invoke::<u32, ()>("qjs_set_max_stack_size", limits.stack_bytes as u32)?;
    Ok(vm)
}

fn told<T>(result: wasmtime::Result<T>) -> Result<T, String> {
    result.map_err(|error| format!("trap: {}", error.root_cause()))
}

impl Vm for Instance {
    fn versions() -> serde_json::Value {
        serde_json::json!({ "wasmtime": "48.0.8", "quickjs-wasi": "3.6.2" })
    }

    fn create(limits: Limits) -> Result<Self, String> {
        told(instantiate(limits))
    }

    fn eval(&mut self, source: &str) -> Result<String, String> {
        // After a trap the guest's state is anything.
        if self.trapped {
            return Err("the instance has trapped".into());
        }
        self.arm();
        let result = told(self.evaluate_to_text(source));
        self.trapped = result.is_err();
        result?
    }

    fn add_host(&mut self) -> Result<(), String> {
        let mut add = || {
            let name = self.copy_in("host")?;
            let global = self.invoke::<(), u32>("qjs_get_global", ())?;
            let host =
                self.invoke::<(u32, u32, u32), u32>("qjs_new_host_function", (name, 4, 1))?;
            self.invoke::<(u32, u32, u32), u32>("qjs_set_prop_string", (global, name, host))?;
            self.guest.free_value.call(&mut self.store, host)
        };
        told(add())
    }

    fn call_repeatedly(&mut self, source: &str, calls: u64) -> Result<f64, String> {
        self.arm();
        let mut call = || {
            let function = self.evaluate(source)?;
            let undefined = self.invoke::<(), u32>("qjs_get_undefined", ())?;
            let arguments = self.guest.malloc.call(&mut self.store, 4)?;
            let guest = self.guest.clone();
            let mut x = 0.0;
            for _ in 0..calls {
                let argument = guest.new_number.call(&mut self.store, x)?;
                guest
                    .memory
                    .write(&mut self.store, arguments as usize, &argument.to_le_bytes())?;
                let value = guest
                    .call
                    .call(&mut self.store, (function, undefined, 1, arguments))?;
                if self.is_exception(value)? {
                    return Ok(f64::NAN);
                }
                x = guest.number.call(&mut self.store, value)?;
                guest.free_value.call(&mut self.store, value)?;
                guest.free_value.call(&mut self.store, argument)?;
            }
            guest.free.call(&mut self.store, arguments)?;
            guest.free_value.call(&mut self.store, function)?;
            Ok(x)
        };
        told(call())
    }
}

fn compile(from: &str, to: &str) -> wasmtime::Result<()> {
    let module = Module::from_file(&engine()?, from)?;
    std::fs::write(to, module.serialize()?)?;
    Ok(())
}

fn main() {
    let words: Vec<String> = std::env::args().collect();
    if let [_, flag, from, to] = &words[..] {
        if flag == "--compile" {
            compile(from, to).expect("compiles");
            return;
        }
    }
    std::process::exit(tasks::run::<Instance>());
}
