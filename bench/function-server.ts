/**
 * `node bench/function-server.ts`: an HTTP server of functions that do nothing, in a process of its own; says its address
 * over IPC. It reads no more of a request than where it ends, so that it takes little of the machine.
 */
import { type AddressInfo, createServer, type Socket } from 'node:net';

const END_OF_HEAD = '\r\n\r\n';
const CONTENT_LENGTH = /\r\ncontent-length: (\d+)\r\n/i;
const BODY = '{}';
const ANSWER = Buffer.from(
  `HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: ${BODY.length}\r\n\r\n${BODY}`,
);

function serve(socket: Socket): void {
  let received = '';
  socket.setEncoding('latin1');
  socket.setNoDelay(true);
  socket.on('error', () => socket.destroy()); // a client that is killed
  socket.on('data', (text: string) => {
    received += text;
    for (;;) {
      const head = received.indexOf(END_OF_HEAD);
      if (head < 0) return;
      const bytes = Number(CONTENT_LENGTH.exec(received.slice(0, head + 2))?.[1] ?? Number.NaN);
      if (Number.isNaN(bytes)) throw new Error(received);
      const end = head + END_OF_HEAD.length + bytes;
      if (received.length < end) return;
      received = received.slice(end);
      socket.write(ANSWER);
    }
  });
}

const server = createServer(serve).listen(0, '127.0.0.1', () => {
  process.send?.(`http://127.0.0.1:${(server.address() as AddressInfo).port}/`);
});
