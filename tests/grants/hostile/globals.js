// Names that would lead out, and what the global object has.

//# process from the constructor of a constructor
// gives: sandglass undefined undefined
const p = [].constructor.constructor('return process')(); [p.platform, typeof p.binding, typeof p.mainModule].join(' ')
//# require from a new Function
// throws: require is not defined
new Function('return require("fs")')()
//# names of other runtimes
// gives: 
['require', 'module', 'exports', '__dirname', '__filename', 'global', 'Deno', 'Bun', 'std', 'os', 'bjson', 'Worker', 'WebAssembly', 'window', 'self', 'XMLHttpRequest', 'WebSocket', 'importScripts', 'load', 'read', 'readFile', 'print', 'gc', 'quit', 'Java', 'java', 'ActiveXObject', 'loadScript', 'open', 'Buffer', 'v8', 'd8', '__loadScript'].filter((n) => n in globalThis).join()
//# no member of process that reaches the system
// gives: argv,cwd,env,exit,exitCode,platform
Reflect.ownKeys(process).filter((k) => typeof k === 'string').sort().join()
//# members of process by their names
// gives: 
['binding', 'dlopen', 'mainModule', 'kill', 'pid', 'ppid', 'memoryUsage', 'hrtime', 'uptime', 'cpuUsage', 'chdir', 'versions', 'version', 'execPath', 'title', 'abort', 'stdout', 'stdin', '_linkedBinding', 'moduleLoadList', 'report', 'getuid', 'umask', 'nextTick', 'emitWarning', 'reallyExit'].filter((n) => n in process).join()
//# the directory of the process
// gives: /
process.cwd()
//# the arguments of the process
// gives: sandglass,script
process.argv.join()
//# the environment of the process
// gives: 0 undefined
Reflect.ownKeys(process.env).length + ' ' + process.env.PATH
//# the environment by other names
// with: environment
// gives: ALLOWED yes,,
Reflect.ownKeys(process.env) + ' ' + [process.env.ALLOWED, process.env.PATH, process.env.SANDGLASS_HOSTILE_SECRET]
//# the environment by its prototypes
// with: environment
// gives: ALLOWED
let names = []; for (let o = process.env; o && o !== Object.prototype; o = Object.getPrototypeOf(o)) names.push(...Object.getOwnPropertyNames(o)); names.join()
//# the environment by another spelling of a name
// with: environment
// gives: undefined undefined undefined
[process.env['SANDGLASS_HOSTILE_SECRET\0'], process.env['ALLOWED\0'], process.env['allowed']].map(String).join(' ')
//# setting a variable sets none of the host
// with: environment
// gives: 1
process.env.SANDGLASS_HOSTILE_SECRET = 1; (await import('node:process')).default.env.SANDGLASS_HOSTILE_SECRET
//# the constructor of async functions
// throws: require is not defined
await (async () => {}).constructor('return require("fs")')()
//# the constructor of generators
// throws: require is not defined
(function* () {}).constructor('yield require("fs")')().next()
//# the constructor of async generators
// throws: require is not defined
await (async function* () {}).constructor('yield require("fs")')().next()
//# the constructors of host functions
// gives: undefined
[setTimeout, console.log, process.exit, crypto.getRandomValues, structuredClone, queueMicrotask].map((f) => f.constructor('return typeof require')()).filter((t, i, a) => a.indexOf(t) === i).join()
//# the caller and the arguments of host functions
// gives: 0
let n = 0; for (const f of [setTimeout, fetch, console.log, process.exit, URL, structuredClone]) for (const k of ['caller', 'arguments']) try { if (f[k] !== undefined && f[k] !== null) n++ } catch {} n
//# the caller of what a host function calls
// gives: 0
let n = 0; function f() { try { if (f.caller) n++ } catch {} } queueMicrotask(f); await new Promise((r) => setTimeout(() => { f(); r(); })); new URLSearchParams({ get a() { f(); return 1; } }); n
//# the source text of host functions
// gives: 0
[setTimeout, fetch, console.log, console.count, process.exit, URL, structuredClone, crypto.getRandomValues].filter((f) => /\/(home|work|src|tmp)|host\./.test(Function.prototype.toString.call(f))).length
//# symbols on the global object
// gives: Symbol(Symbol.toStringTag)
Object.getOwnPropertySymbols(globalThis).map(String).join()
//# what the global object inherits
// gives: true
Object.getPrototypeOf(globalThis) === Object.prototype || Object.getPrototypeOf(Object.getPrototypeOf(globalThis)) === Object.prototype
//# the names of the global object (a new one is a decision)
// gives: AbortController,AbortSignal,AggregateError,Array,ArrayBuffer,AsyncDisposableStack,BigInt,BigInt64Array,BigUint64Array,Blob,Boolean,Crypto,CryptoKey,CustomEvent,DOMException,DataView,Date,DisposableStack,Error,EvalError,Event,EventTarget,FinalizationRegistry,Float16Array,Float32Array,Float64Array,Function,Headers,Infinity,Int16Array,Int32Array,Int8Array,InternalError,Iterator,JSON,Map,Math,NaN,Number,Object,Promise,Proxy,RangeError,ReferenceError,Reflect,RegExp,Request,Response,Set,SharedArrayBuffer,String,SubtleCrypto,SuppressedError,Symbol,SyntaxError,TextDecoder,TextEncoder,TypeError,URIError,URL,URLSearchParams,Uint16Array,Uint32Array,Uint8Array,Uint8ClampedArray,WeakMap,WeakRef,WeakSet,atob,btoa,clearImmediate,clearInterval,clearTimeout,console,crypto,decodeURI,decodeURIComponent,encodeURI,encodeURIComponent,escape,eval,fetch,globalThis,isFinite,isNaN,navigator,parseFloat,parseInt,performance,process,queueMicrotask,scriptArgs,setImmediate,setInterval,setTimeout,structuredClone,undefined,unescape
Object.getOwnPropertyNames(globalThis).sort().join()
