import type { IncomingMessage, ServerResponse } from 'node:http';

/** Refuses requests of other sites' pages. A browser sends `Origin` with every POST; other clients send none. */
export function onlyFrom(clientOrigin: string) {
  return (request: IncomingMessage, response: ServerResponse, next: () => void): void => {
    const { origin } = request.headers;
    if (!origin || !clientOrigin || origin === clientOrigin) return next();
    console.warn(JSON.stringify({ level: 'warn', message: `origin ${origin} is not CLIENT_URL ${clientOrigin}` }));
    response.writeHead(403, { 'content-type': 'application/json' });
    response.end(JSON.stringify({ errors: [{ message: 'Not allowed: the origin is not CLIENT_URL' }] }));
  };
}
