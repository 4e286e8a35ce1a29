/** What the environment says: the only place that reads it. */
export interface Settings {
  readonly production: boolean;
  readonly port: number;
  /** With `sslmode=verify-full`, node-postgres verifies the server by the authorities of NODE_EXTRA_CA_CERTS. */
  readonly databaseUrl: string;
  /** Origin of the page, the only one whose requests are answered; empty outside production: any. */
  readonly clientOrigin: string;
  /** Shown by the health path and the page. */
  readonly version: string;
}

/** Thrown for variables that are missing or wrong: its message is all that an operator needs. */
export class SettingsError extends Error {}

export function readSettings(environment: NodeJS.ProcessEnv): Settings {
  const production = environment['NODE_ENV'] === 'production';
  return {
    production,
    port: readPort(environment['PORT'] ?? '3000'),
    databaseUrl: required(environment, 'DATABASE_URL'),
    clientOrigin: originOf(production ? required(environment, 'CLIENT_URL') : (environment['CLIENT_URL'] ?? '')),
    version: environment['PRODUCT_VERSION'] ?? 'development',
  };
}

function required(environment: NodeJS.ProcessEnv, name: string): string {
  const value = environment[name];
  if (!value) throw new SettingsError(`${name} is not set`);
  return value;
}

function readPort(value: string): number {
  const port = Number(value);
  if (!Number.isInteger(port) || port < 0 || port > 65535) throw new SettingsError(`PORT is no port: ${value}`);
  return port;
}

/** A browser sends an origin, without path and slash; what is no address is compared as it is. */
function originOf(address: string): string {
  return URL.canParse(address) ? new URL(address).origin : address;
}
