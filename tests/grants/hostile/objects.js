// Objects of the host: pollution, replaced built-ins, arguments that run code.

//# a function in structuredClone
// throws: DataCloneError
structuredClone(() => {})
//# a symbol in structuredClone
// throws: DataCloneError
structuredClone(Symbol.iterator)
//# a Headers in structuredClone
// throws: DataCloneError
structuredClone(new Headers())
//# a Proxy in structuredClone
// throws: DataCloneError
structuredClone(new Proxy({}, {}))
//# the same buffer transferred twice
// throws: DataCloneError
const b = new ArrayBuffer(8); structuredClone(b, { transfer: [b, b] })
//# a buffer that a getter detaches while it is cloned
// throws: DataCloneError
const b = new ArrayBuffer(8); structuredClone({ get a() { b.transfer(); return 1; }, b })
//# a buffer that a getter shrinks while it is moved
// gives: 8
const b = new ArrayBuffer(8, { maxByteLength: 8 }); structuredClone({ get a() { b.resize(1); return 1; }, b }, { transfer: [b] }).b.byteLength
//# depth in structuredClone
// ends: stack_limit
let o = {}; for (let i = 0; i < 1e5; i++) o = { o }; structuredClone(o)
//# getRandomValues of a detached array
// throws: detached
const a = new Uint8Array(8); a.buffer.transfer(); crypto.getRandomValues(a).length
//# getRandomValues of more than 65536 bytes
// throws: QuotaExceededError
crypto.getRandomValues(new Uint8Array(65537))
//# getRandomValues of what is no array
// throws: Error
crypto.getRandomValues({ length: 8, buffer: new ArrayBuffer(8) })
//# keys cannot be made
// throws: TypeError
new CryptoKey()
//# the private state of a key
// throws: TypeError
Object.getOwnPropertyDescriptor(CryptoKey.prototype, 'algorithm').get.call(Object.create(CryptoKey.prototype))
//# setters on Object.prototype see nothing
// gives: 0
let n = 0; for (const k of ['0', '1', 'value', 'done', 'name', 'code', 'path', 'href', 'status', 'body', 'get', 'set', 'env']) Object.defineProperty(Object.prototype, k, { __proto__: null, set() { n++; }, get() { return undefined; }, configurable: true });
new Headers([['a', 'b']]); new URLSearchParams('a=b').getAll('a'); structuredClone([1, { a: 2 }]); new Response('x').clone(); try { new URL('::') } catch {} for (const k of ['0', '1', 'value', 'done', 'name', 'code', 'path', 'href', 'status', 'body', 'get', 'set', 'env']) delete Object.prototype[k]; n
//# Array.prototype replaced
// gives: a=1&b=2
for (const k of Reflect.ownKeys(Array.prototype)) if (k !== 'length' && k !== 'constructor') delete Array.prototype[k]; new URLSearchParams({ a: 1, b: 2 }).toString()
//# Function.prototype replaced
// gives: b
Function.prototype.call = Function.prototype.apply = Function.prototype.bind = () => { throw 1; }; new Headers({ a: 'b' }).get('a')
//# Reflect, Promise, Map and JSON replaced
// gives: {"a":1}
const S = globalThis.String; for (const k of ['Reflect', 'Promise', 'Map', 'Set', 'WeakMap', 'JSON', 'Symbol', 'Object', 'TypeError', 'Array', 'Uint8Array']) globalThis[k] = undefined; const v = await new Response('{"a":1}').text(); v
//# concat replaced is not told of paths
// with: files
// gives: 0
let n = 0; const { default: fs } = await import('node:fs'); String.prototype.concat = function () { n++; return 'x'; };
try { fs.readFileSync('/up') } catch {} try { fs.rmSync('/folder') } catch {} try { fs.readdirSync('/', { recursive: true }) } catch {} try { fs.readFileSync(5.5) } catch {} (await import('node:path')).join('a', 'b'); n
//# exec replaced does not change a mode
// with: files
// throws: EROFS
RegExp.prototype.exec = () => null; (await import('node:fs')).mkdirSync('/x', '700')
//# iterators replaced see no arguments of callbacks
// with: files
// gives: 0
const { default: fs } = await import('node:fs'); let n = 0; Array.prototype[Symbol.iterator] = function* () { n++; }; fs.readFile('/up', () => {}); fs.statSync('/'); fs.readdirSync('/'); n
//# a thenable is not awaited by the host
// with: files
// gives: 0
const p = await import('node:fs/promises'); let n = 0; Object.defineProperty(Object.prototype, 'then', { get() { n++; }, configurable: true }); const s = p.stat('/public.txt').catch(() => {}); delete Object.prototype.then; await s; n > 1 ? n : 0
//# timers without a function
// throws: TypeError
setTimeout('process.exit(1)')
//# more timers than 65536
// throws: RangeError
for (let i = 0; i < 65537; i++) setTimeout(() => {}, 1e9)
//# delays that are no numbers
// gives: 6
let n = 0; await new Promise((r) => { for (const d of [NaN, -1, Infinity, '5', 1e300, undefined]) setTimeout(() => { if (++n === 6) r(); }, d); }); n
//# a delay that throws
// throws: mine
setTimeout(() => {}, { valueOf() { throw new Error('mine'); } })
//# a timer cleared inside of itself
// gives: 1
let n = 0; const id = setInterval(() => { n++; clearInterval(id); }, 1); await new Promise((r) => setTimeout(r, 100)); n
//# an interval without a delay
// gives: 100
let n = 0; await new Promise((r) => { const id = setInterval(() => { if (++n === 100) { clearInterval(id); r(); } }, 0); }); n
//# ids of timers are not addresses
// gives: true
const a = setTimeout(() => {}, 1); a < 1000 && Number.isInteger(a)
//# clearing what another made up
// gives: undefined
for (const x of [-1, 1e300, NaN, {}, null, 'x', 2 ** 53, Symbol]) clearTimeout(x); undefined
//# exit in finally
// ends: exited
try { throw 1 } catch {} finally { process.exit(1) }
//# exit in a timer
// ends: exited
await new Promise(() => setTimeout(() => process.exit(1)))
//# exit in a job
// ends: exited
await Promise.resolve().then(() => process.exit(1))
//# exit in a getter that the host reads
// ends: exited
new Response('', { get status() { process.exit(1); } })
//# exit in toString for the host
// ends: exited
new URL({ toString() { process.exit(1); } })
//# exit in a getter that the console must not run
// gives: undefined
console.log({ get a() { process.exit(1); } })
//# exit with a code that throws does not run it
// ends: exited
process.exit({ valueOf() { throw new Error('mine'); } })
//# exit in exit
// ends: exited
process.exit({ valueOf() { process.exit(2); } })
//# a thousand formats for a hundred arguments
// gives: undefined
console.log('%s'.repeat(1000), ...Array(100).fill('x'))
//# a console object that is its own prototype's proxy
// gives: undefined
const p = new Proxy({}, { get() { process.exit(1); }, ownKeys() { process.exit(1); }, getPrototypeOf() { process.exit(1); } }); console.log(p, Object.create(p), [p], new Map([[p, p]])); console.table(p); console.dir(p)
//# the depth of what the console shows
// gives: undefined
let o = {}; for (let i = 0; i < 1e5; i++) o = { o }; console.dir(o, { depth: Infinity })
//# output beyond the limit
// ends: output_limit
for (;;) console.log('x'.repeat(1 << 16))
//# an AbortSignal cannot be made
// throws: TypeError
new AbortSignal()
//# methods on objects of another kind
// gives: 6
let n = 0; for (const f of [Headers.prototype.get, URLSearchParams.prototype.get, Response.prototype.clone, Request.prototype.clone, AbortController.prototype.abort, Blob.prototype.slice]) try { f.call({}, 'a') } catch (e) { if (e instanceof TypeError) n++ } n
//# atob and btoa of what runs code
// throws: mine
btoa({ toString() { throw new Error('mine'); } })
//# a TextDecoder of a buffer that is detached by an option
// throws: detached
const b = new Uint8Array(8); new TextDecoder().decode(b, { get stream() { b.buffer.transfer(); return false; } }).length
//# encodeInto a buffer that shrinks writes nowhere else
// gives: 0
const raw = new ArrayBuffer(8, { maxByteLength: 8 }); const v = new Uint8Array(raw); new TextEncoder().encodeInto({ toString() { raw.resize(0); return 'abc'; } }, v).written
//# a Blob whose parts change
// throws: detached
const b = new Uint8Array(8); new Blob([b, { toString() { b.buffer.transfer(); return ''; } }, 'abc', b].slice(1)).size
