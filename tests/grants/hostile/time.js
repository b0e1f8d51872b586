// Clocks, random numbers and what else tells one machine or run from another.

//# Date while the script works
// gives: 1640995200000 1
const s = new Set(); for (let i = 0; i < 1e5; i++) s.add(Date.now()); [...s][0] + ' ' + s.size
//# new Date and Date as a function
// gives: 2022-01-01T00:00:00.000Z true
new Date().toISOString() + ' ' + Date().includes('2022')
//# performance.now
// gives: 0
const s = new Set(); for (let i = 0; i < 1e5; i++) s.add(performance.now()); [...s].join()
//# performance has no other clock
// gives: now,timeOrigin 1640995200000
Object.keys(performance).sort() + ' ' + performance.timeOrigin
//# console.time
// gives: undefined
console.time('x'); for (let i = 0; i < 1e5; i++); console.timeEnd('x')
//# counting until a timer fires
// gives: 0
let n = 0, over = false; setTimeout(() => { over = true; }, 1); for (let i = 0; i < 1e5 && !over; i++) await undefined; over ? 1 : 0
//# a race of work and a timer
// gives: work
await Promise.race([(async () => { for (let i = 0; i < 1e4; i++) await 0; return 'work'; })(), new Promise((r) => setTimeout(r, 0, 'timer'))])
//# a thread's clock by Atomics.wait
// throws: Atomics is not defined
const a = new Int32Array(new SharedArrayBuffer(4)); Atomics.wait(a, 0, 0, 10)
//# Atomics
// gives: undefined
typeof Atomics
//# the time of an event
// gives: 1
const s = new Set(); for (let i = 0; i < 1000; i++) s.add(new Event('x').timeStamp); s.size
//# a coarse clock has no finer one behind it
// with: clock
// gives: 0 0
const s = new Set(); for (let i = 0; i < 1000; i++) { s.add(Date.now() % 3600000); s.add(performance.now() % 3600000); } [...s].join() + ' ' + new Date().getMilliseconds()
//# the origin of a coarse clock
// with: clock
// gives: 0
performance.timeOrigin % 3600000
//# Intl
// gives: undefined
typeof Intl
//# the time zone of the host
// gives: 0 true
new Date(2022, 6, 1).getTimezoneOffset() + ' ' + /GMT\+0000/.test(new Date().toString())
//# the locale of the host
// gives: 1234567.891 true
(1234567.891).toLocaleString() + ' ' + (new Date(0).toLocaleString() === new Date(0).toLocaleString('de-DE', { timeZone: 'Asia/Tokyo' }))
//# comparison by a locale
// gives: 1 -1
'a'.localeCompare('B') + ' ' + 'a'.localeCompare('b')
//# random numbers of two calls differ
// gives: true
const a = [Math.random(), Math.random()]; a[0] !== a[1] && a.every((x) => x >= 0 && x < 1)
//# the user agent has nothing of the machine
// gives: userAgent true
Object.keys(Object.getPrototypeOf(navigator)) + ' ' + /^sandglass\/[0-9.]+[a-z0-9.+-]*$/.test(navigator.userAgent)
//# when a WeakRef is cleared is the same in each run
// gives: true
const w = new WeakRef({}); w.deref() === undefined
//# a sort of objects tells no addresses
// gives: 0,1,2,3
[0, 1, 2, 3].map((i) => ({ i })).sort().map((o) => o.i).join()
//# FinalizationRegistry refuses itself
// throws: TypeError
const r = new FinalizationRegistry(() => {}); const o = {}; r.register(o, o)
//# files of the engine in a stack
// gives: false
let stack; try { null.x } catch (e) { stack = e.stack } try { structuredClone(() => {}) } catch (e) { stack += e.stack } /\/|\.cc|\.c:/.test(stack.replaceAll('<eval>', ''))
//# prepareStackTrace gets no frames of the host
// gives: false
let got = ''; Error.prepareStackTrace = (e, frames) => { for (const f of frames) { got += f.getFileName?.() + ' '; if (typeof f.getThis === 'function' || typeof f.getFunction === 'function') got += '/'; } return ''; };
try { new URL('::') } catch (e) { e.stack } try { structuredClone(() => {}) } catch (e) { e.stack } /\/|prelude/.test(got)
//# prepareStackTrace that throws
// throws: Error
Error.prepareStackTrace = () => { throw new Error('mine'); }; new URL('::')
//# stackTraceLimit with a getter in it
// throws: Invalid URL
Error.stackTraceLimit = { valueOf() { return 1e9; } }; new URL('::')
//# a cause that is its own
// throws: circle
const e = new Error('circle'); e.cause = e; throw e
//# a chain of causes of 100000
// throws: top
let e = new Error('end'); for (let i = 0; i < 1e5; i++) e = new Error('top', { cause: e }); throw e
//# a message that is a getter
// throws: Error
throw Object.defineProperty(new Error(), 'message', { get() { process.env; throw 1; } })
//# the functions of stack frames
// gives: undefined undefined
let seen = []; Error.prepareStackTrace = (e, frames) => { seen = [frames[0].getFunction, frames[0].getThis].map((f) => typeof f); return ''; };
try { new URL('::') } catch (e) { e.stack } Error.prepareStackTrace = undefined; seen.join(' ')
