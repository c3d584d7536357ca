// A WebSocket server made with ws, for Node. The path says what it does, the query how. Prints its port.
const http = require('http');

function library() {
  try {
    return require('ws');
  } catch {
    return require('/usr/share/nodejs/ws'); // where Debian has it; other builds of Node do not look there
  }
}
const { WebSocketServer } = library();

const closed = []; // codes and reasons that clients gave
const asking = []; // responses that wait for one

function tell() {
  while (closed.length > 0 && asking.length > 0) asking.shift().end(closed.shift());
}

const routes = {
  '/echo'(socket) {
    socket.on('message', (data, binary) => socket.send(data, { binary }));
  },
  '/fragments'(socket, query) {
    const size = Number(query.get('size'));
    socket.on('message', (data, binary) => {
      let at = 0;
      for (; at + size < data.length; at += size) {
        socket.send(data.subarray(at, at + size), { binary, fin: false });
        if (at % (64 * size) === 0) socket.ping('between');
      }
      socket.send(data.subarray(at), { binary, fin: true });
    });
  },
  '/ping'(socket, query) {
    const payload = Buffer.alloc(Number(query.get('size')), 'p');
    socket.on('pong', data => socket.send(data.equals(payload) ? 'the same' : 'another'));
    socket.ping(payload);
  },
  '/close'(socket, query) {
    socket.on('message', () => (query.has('code') ? socket.close(Number(query.get('code')), query.get('reason')) : socket.close()));
  },
  '/drop'(socket) {
    socket.on('message', () => socket.terminate());
  },
};

const server = http.createServer((request, response) => {
  asking.push(response);
  tell();
});
server.on('upgrade', (request, connection, head) => {
  const url = new URL(request.url, 'http://localhost');
  const query = url.searchParams;
  const perMessageDeflate = query.has('deflate') && {
    threshold: 0,
    serverNoContextTakeover: query.has('serverForgets'),
    clientNoContextTakeover: query.has('clientForgets'),
    ...(query.has('window') && { serverMaxWindowBits: Number(query.get('window')) }),
  };
  new WebSocketServer({
    noServer: true,
    perMessageDeflate,
    maxPayload: Number(query.get('limit')) || 32 << 20,
    handleProtocols: offered => (offered.has('b') ? 'b' : false),
  }).handleUpgrade(request, connection, head, socket => {
    socket.on('error', () => {});
    socket.on('close', (code, reason) => {
      if (query.has('tell')) closed.push(code + ' ' + reason);
      tell();
    });
    routes[url.pathname](socket, query);
  });
});
server.listen(0, '127.0.0.1', () => console.log(server.address().port));
