// fetch, its headers and URLs. Most have no Fetcher, or one that must not be asked.

//# fetch without the grant
// throws: 'fetcher'
await fetch('https://example.com/')
//# fetch of a file
// with: fetcher
// throws: TypeError
await fetch('file:///etc/passwd')
//# fetch of data
// with: fetcher
// throws: TypeError
await fetch('data:text/plain,x')
//# fetch with a password
// with: fetcher
// throws: no user name
await fetch('http://a:b@localhost/')
//# a URL that gains a password at the second look
// with: fetcher
// asked: http://good/
// gives: 1
let n = 0; await fetch({ toString() { n++; return n > 1 ? 'http://a:b@evil/' : 'http://good/'; } }); n
//# a line break in a header
// with: fetcher
// throws: TypeError
await fetch('http://a/', { headers: { x: 'a\r\nhost: evil' } })
//# a line feed in the name of a header
// with: fetcher
// throws: TypeError
await fetch('http://a/', { headers: [['x\nhost', 'a']] })
//# NUL in a header
// with: fetcher
// throws: TypeError
await fetch('http://a/', { headers: { x: 'a\0b' } })
//# the header host
// with: fetcher
// throws: TypeError
await fetch('http://a/', { headers: { Host: 'evil' } })
//# the header transfer-encoding
// with: fetcher
// throws: TypeError
await fetch('http://a/', { headers: { 'Transfer-Encoding': 'chunked' } })
//# the header proxy-authorization
// with: fetcher
// throws: TypeError
await fetch('http://a/', { headers: { 'proxy-authorization': 'x' } })
//# the method CONNECT
// with: fetcher
// throws: not allowed
await fetch('http://a/', { method: 'connect' })
//# a method with a line break
// with: fetcher
// throws: no HTTP method
await fetch('http://a/', { method: 'GET / HTTP/1.1\r\nx:' })
//# a header of a megabyte
// with: fetcher
// throws: TypeError
await fetch('http://a/', { headers: { x: 'a'.repeat(1 << 20) } })
//# ten thousand headers
// with: fetcher
// throws: TypeError
const h = new Headers(); for (let i = 0; i < 1e4; i++) h.append('x' + i, 'a'); await fetch('http://a/', { headers: h })
//# a line break in a URL is taken away
// with: fetcher
// asked: http://a/bX:y
// gives: 200
(await fetch('http://a/b\r\nX:y')).status
//# an address in another notation is told as it is
// with: fetcher
// asked: http://127.0.0.1/
// gives: 200
(await fetch('http://0x7f.1/')).status
//# a fragment is not passed on
// with: fetcher
// asked: http://a/
// gives: 200
(await fetch('http://a/#secret')).status
//# a request that has a body and the method GET
// with: fetcher
// throws: TypeError
new Request('http://a/', { method: 'GET', body: 'x' })
//# replaced built-ins do not change what is asked
// with: fetcher
// asked: http://a/
// gives: 200
Headers.prototype.append = Headers.prototype.get = () => { throw 1; }; String.prototype.slice = String.prototype.indexOf = String.prototype.concat = () => 'http://evil/'; Object.prototype.body = undefined; URL.prototype.toString = () => 'http://evil/';
(await fetch('http://a/')).status
//# a getter of a header that changes
// with: fetcher
// asked: http://a/
// gives: x;
let n = 0; await (await fetch('http://a/', { headers: { get x() { return n++ ? 'a\r\nb' : 'a'; } } })).text()
//# a name of a header from a Proxy
// with: fetcher
// throws: TypeError
await fetch('http://a/', { headers: new Proxy({}, { ownKeys: () => ['host'], getOwnPropertyDescriptor: () => ({ enumerable: true, configurable: true, value: 1 }), get: (t, k) => typeof k === 'symbol' ? undefined : 'evil' }) })
//# a body that is detached by a getter
// with: fetcher
// throws: TypeError
const b = new Uint8Array(64); await fetch('http://a/', { method: 'POST', body: b, get headers() { b.buffer.transfer(); return { host: 'x' }; } })
//# the then of Object.prototype sees no response
// with: fetcher
// asked: http://a/
// gives: 0
let n = 0; Object.prototype.then = function (f) { n++; delete Object.prototype.then; f(this); }; const p = fetch('http://a/'); delete Object.prototype.then; await p; n
//# an aborted request is not sent
// with: fetcher
// throws: AbortError
await fetch('http://a/', { signal: AbortSignal.abort() })
//# a signal that is none
// with: fetcher
// throws: TypeError
await fetch('http://a/', { signal: { aborted: false, addEventListener() {} } })
//# a Request that is none
// with: fetcher
// throws: TypeError
await fetch(Object.create(Request.prototype))
