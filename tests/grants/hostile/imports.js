// Modules: without a loader there is none but those that are built in.

//# a file: URL
// throws: file:///etc/passwd
await import('file:///etc/passwd')
//# a data: URL
// throws: data:
await import('data:text/javascript,export default 1')
//# an http: URL
// throws: http://
await import('http://localhost/x.js')
//# an https: URL with a fetcher
// with: fetcher
// throws: https://
await import('https://example.com/x.js')
//# a blob: URL
// throws: blob:
await import('blob:null/1')
//# node:child_process
// throws: node:child_process
await import('node:child_process')
//# node:os
// throws: node:os
await import('node:os')
//# node:vm
// throws: node:vm
await import('node:vm')
//# node:worker_threads
// throws: node:worker_threads
await import('node:worker_threads')
//# node:module
// throws: node:module
await import('node:module')
//# node:net, http, dns, inspector and v8
// gives: 0
let n = 0; for (const m of ['net', 'http', 'https', 'dns', 'inspector', 'v8', 'tls', 'dgram', 'cluster', 'repl', 'wasi', 'sqlite']) try { await import('node:' + m); n++ } catch {} n
//# names without node:
// gives: 0
let n = 0; for (const m of ['os', 'std', 'qjs:os', 'qjs:std', 'bjson', 'child_process', 'bun', 'bun:ffi', 'ext:core']) try { await import(m); n++ } catch {} n
//# an absolute path
// throws: /etc/passwd
await import('/etc/passwd')
//# a path with ..
// throws: ../../
await import('../../../../../etc/passwd')
//# two dots alone
// throws: ..
await import('../..')
//# percent-encoding in a specifier
// throws: %2e%2e
await import('./%2e%2e/%2e%2e/etc/passwd')
//# a NUL in a specifier
// throws: Error
await import('./a\0b')
//# backslashes in a specifier
// throws: etc
await import('..\\..\\etc\\passwd')
//# an empty specifier
// throws: Error
await import('')
//# a specifier of a million characters
// throws: Error
await import('./' + 'a'.repeat(1e6))
//# node: with .. behind it
// throws: Error
await import('node:../../etc/passwd')
//# node:fs in capitals
// with: files
// throws: Error
await import('NODE:FS')
//# __proto__ and constructor as names of built-in modules
// gives: 0
let n = 0; for (const m of ['__proto__', 'constructor', 'node:__proto__', 'node:constructor', 'toString', 'node:toString', 'hasOwnProperty']) try { await import(m); n++ } catch {} n
//# names of built-in modules from Object.prototype
// throws: Error
Object.prototype['node:evil'] = { default: 1 }; await import('node:evil')
//# an attribute that is a getter
// throws: Error
let n = 0; await import('node:child_process', { get with() { return { get type() { n++; return 'json'; } }; } })
//# attributes that are a Proxy
// throws: Error
await import('/etc/passwd', new Proxy({}, { get: () => new Proxy({}, { get: () => 'json', ownKeys: () => ['type'], getOwnPropertyDescriptor: () => ({ value: 'json', enumerable: true, configurable: true }) }) }))
//# attributes that throw
// throws: mine
await import('/etc/passwd', { get with() { throw new Error('mine'); } })
//# a specifier that changes
// throws: first
let n = 0; await import({ toString: () => n++ ? 'node:process' : './first' })
//# a specifier that throws
// throws: mine
await import({ toString() { throw new Error('mine'); } })
//# a specifier that imports
// throws: Error
let deep = 0; const s = { toString() { if (deep++ < 50) import(s).catch(() => {}); return './x' + deep; } }; await import(s)
//# import.meta in a script
// throws: SyntaxError
eval('import.meta')
//# a mounted file cannot be imported without a loader
// with: files
// throws: public
await import('/public.txt')
//# a JSON import of a file
// throws: Error
await import('/etc/os-release', { with: { type: 'json' } })
//# a namespace of a built-in module cannot be changed
// throws: TypeError
'use strict'; const m = await import('node:process'); Object.defineProperty(m, 'exit', { value: 1 })
