import { once } from "node:events";
import { connect } from "node:net";

const describeCluster = { api: 60, version: 0 };
const limitMs = 2000;

/**
 * Ids of the brokers that the one on the port knows to be alive, by Kafka's request DescribeCluster. A broker answers it once it
 * takes part; its port is open before. Throws where nobody answers.
 */
export async function aliveBrokers(port: number): Promise<readonly number[]> {
  const socket = connect(port, "127.0.0.1");
  try {
    socket.setTimeout(limitMs, () => socket.destroy(new Error("the broker does not answer")));
    await once(socket, "connect");
    socket.write(request());
    const chunks: Buffer[] = [];
    for await (const chunk of socket) {
      chunks.push(chunk as Buffer);
      const answer = Buffer.concat(chunks);
      if (answer.length >= 4 && answer.length >= 4 + answer.readInt32BE(0)) return brokersOf(answer.subarray(4));
    }
    throw new Error("the broker closed the connection");
  } finally {
    socket.destroy();
  }
}

function request(): Buffer {
  const body = Buffer.alloc(13);
  body.writeInt16BE(describeCluster.api, 0);
  body.writeInt16BE(describeCluster.version, 2);
  body.writeInt32BE(1, 4); // the correlation id
  body.writeInt16BE(-1, 8); // no client id; then no tagged fields, no authorised operations, no tagged fields
  const size = Buffer.alloc(4);
  size.writeInt32BE(body.length);
  return Buffer.concat([size, body]);
}

function brokersOf(answer: Buffer): number[] {
  let at = 4 + 1 + 4; // the correlation id, no tagged fields, the throttle time
  const varint = (): number => {
    let value = 0;
    for (let shift = 0; ; shift += 7) {
      const byte = answer.readUInt8(at++);
      value += (byte & 0x7f) << shift;
      if (byte < 0x80) return value;
    }
  };
  const skip = (bytes: number): void => {
    at += bytes;
  };
  const skipString = (): void => skip(Math.max(0, varint() - 1));
  const error = answer.readInt16BE(at);
  at += 2;
  if (error !== 0) throw new Error(`the broker answers with error ${error}`);
  skipString(); // the error's message
  skipString(); // the cluster's id
  at += 4; // the controller
  return Array.from({ length: varint() - 1 }, () => {
    const id = answer.readInt32BE(at);
    at += 4;
    skipString(); // host
    at += 4; // port
    skipString(); // rack
    for (let tags = varint(); tags > 0; tags--) {
      varint();
      skip(varint());
    }
    return id;
  });
}
