//! rquickjs: QuickJS-ng as native code, in this process, without a sandbox. A runtime and a context
//! for each VM.

use rquickjs::{CatchResultExt, Coerced, Context, Ctx, Function, Runtime, Value};
use std::cell::Cell;
use std::rc::Rc;
use std::time::Instant;
use tasks::{Limits, Vm};

struct Native {
    context: Context,
    runtime: Runtime,
    deadline: Rc<Cell<Instant>>,
    limits: Limits,
}

fn told<T>(context: &Ctx, result: rquickjs::Result<T>) -> Result<T, String> {
    result.catch(context).map_err(|error| error.to_string())
}

impl Vm for Native {
    fn versions() -> serde_json::Value {
        serde_json::json!({ "rquickjs": "0.14.0" })
    }

    fn create(limits: Limits) -> Result<Self, String> {
        let runtime = Runtime::new().map_err(|error| error.to_string())?;
        runtime.set_memory_limit(limits.memory_bytes);
        runtime.set_max_stack_size(limits.stack_bytes);
        let deadline = Rc::new(Cell::new(Instant::now() + limits.time));
        let seen = deadline.clone();
        runtime.set_interrupt_handler(Some(Box::new(move || Instant::now() > seen.get())));
        let context = Context::full(&runtime).map_err(|error| error.to_string())?;
        Ok(Native {
            context,
            runtime,
            deadline,
            limits,
        })
    }

    fn eval(&mut self, source: &str) -> Result<String, String> {
        self.deadline.set(Instant::now() + self.limits.time);
        let result = self.context.with(|context| {
            // A script as in the other peers: sloppy, unless it says otherwise.
            let mut options = rquickjs::context::EvalOptions::default();
            options.strict = false;
            let value = context.eval_with_options::<Coerced<String>, _>(source, options);
            told(&context, value).map(|text| text.0)
        });
        while self.runtime.is_job_pending() {
            self.runtime
                .execute_pending_job()
                .map_err(|error| error.to_string())?;
        }
        result
    }

    fn add_host(&mut self) -> Result<(), String> {
        self.context.with(|context| {
            let host = Function::new(context.clone(), |x: f64| x + 1.0);
            let host = told(&context, host)?;
            told(&context, context.globals().set("host", host))
        })
    }

    fn call_repeatedly(&mut self, source: &str, calls: u64) -> Result<f64, String> {
        self.deadline.set(Instant::now() + self.limits.time);
        self.context.with(|context| {
            let value = told(&context, context.eval::<Value, _>(source))?;
            let function = value.into_function().ok_or("no function")?;
            let mut x = 0.0;
            for _ in 0..calls {
                x = told(&context, function.call::<_, f64>((x,)))?;
            }
            Ok(x)
        })
    }
}

fn main() {
    std::process::exit(tasks::run::<Native>());
}
