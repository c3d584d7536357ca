// What Node's own HTTP server does that is out of the ordinary. Prints its port.
const http = require('http');
const zlib = require('zlib');
const text = 'what a server has to say, again and again. '.repeat(500);

const routes = {
  '/trailers'(request, response) {
    response.writeHead(200, { Trailer: 'X-Sum, X-Count', 'Content-Type': 'text/plain' });
    response.write('one');
    setImmediate(() => {
      response.write('two');
      response.addTrailers({ 'X-Sum': '6', 'X-Count': '2' });
      response.end('three');
    });
  },
  '/events'(request, response) {
    response.writeHead(200, { 'Content-Type': 'text/event-stream' });
    response.write(': hello\n\nid: 1\ndata: first\n\n');
    setImmediate(() => {
      response.write('id: 2\nevent: news\nretry: 250\ndata: two\nda');
      setImmediate(() => response.end('ta: lines\n\nid: 3\ndata: \u00e9nd\n\n'));
    });
  },
  '/hints'(request, response) {
    response.writeEarlyHints({ link: '</style.css>; rel=preload' });
    response.end('hinted');
  },
  '/refuse'(request, response) {
    // The answer comes while the body is still on its way, and nobody reads the rest.
    response.writeHead(413, { Connection: 'close' });
    response.end('too much', () => setTimeout(() => request.destroy(), 50));
  },
  '/early'(request, response) {
    // Answers at the first piece, but reads on.
    request.once('data', () => response.end('early'));
    request.resume();
  },
  '/echo'(request, response) {
    response.writeHead(200, { 'X-Framing': request.headers['transfer-encoding'] || request.headers['content-length'] || 'none' });
    request.pipe(response);
  },
  '/cut'(request, response) {
    response.writeHead(200, { 'Content-Length': '1000' });
    response.write('only this', () => response.socket.destroy());
  },
  '/reset'(request, response) {
    response.socket.resetAndDestroy();
  },
};
for (const [name, pack] of Object.entries({
  gzip: zlib.gzipSync, deflate: zlib.deflateSync, rawdeflate: zlib.deflateRawSync, br: zlib.brotliCompressSync,
})) {
  routes['/packed/' + name] = (request, response) => {
    response.writeHead(200, { 'Content-Encoding': name === 'rawdeflate' ? 'deflate' : name,
      'X-Accepted': request.headers['accept-encoding'] || '' });
    const bytes = pack(Buffer.from(text));
    for (let at = 0; at < bytes.length; at += 37) response.write(bytes.subarray(at, at + 37));
    response.end();
  };
}

const server = http.createServer((request, response) => (routes[request.url] || ((q, r) => r.writeHead(404).end()))(request, response));
server.on('checkContinue', (request, response) => {
  if (request.url === '/refuse') {
    response.writeHead(417).end();
  } else {
    response.writeContinue();
    routes['/echo'](request, response);
  }
});
server.keepAliveTimeout = 1500;
server.on('clientError', (error, socket) => socket.destroy());
server.listen(0, '127.0.0.1', () => console.log(server.address().port));
