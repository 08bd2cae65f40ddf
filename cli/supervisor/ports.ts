import { once } from 'node:events'
import { createServer } from 'node:net'

/** Why nothing can listen there: an error code such as EADDRINUSE, or undefined where one can. */
export async function whyNoPort(host: string, port: number): Promise<string | undefined> {
  const server = createServer()
  try {
    server.listen(port, host)
    await once(server, 'listening')
    server.close()
    await once(server, 'close')
    return undefined
  } catch (error) {
    return error instanceof Error && 'code' in error ? String(error.code) : String(error)
  }
}

interface Listener {
  readonly what: string
  readonly host: string
  readonly port: number
  readonly hostVariable: string
  readonly portVariable: string
}

/** One sentence per port that cannot be used, with the variable that changes it. */
export async function faultsOfPorts(listeners: readonly Listener[]): Promise<readonly string[]> {
  const faults: string[] = []
  const seen = new Map<string, string>()
  for (const { what, host, port, hostVariable, portVariable } of listeners) {
    const key = `${host}:${port}`
    const other = seen.get(key)
    seen.set(key, what)
    if (other !== undefined) {
      faults.push(`${what} and ${other} cannot both use port ${port}. Set ${portVariable} to another one.`)
      continue
    }
    const code = await whyNoPort(host, port)
    if (code === undefined) continue
    faults.push(sentence(code, what, host, port, hostVariable, portVariable))
  }
  return faults
}

function sentence(
  code: string,
  what: string,
  host: string,
  port: number,
  hostVariable: string,
  portVariable: string,
): string {
  switch (code) {
    case 'EADDRINUSE':
      return `Port ${port} (${what}) is in use by another program. Stop that one, or choose another port: ${portVariable}=${port + 10000 > 65535 ? port - 1 : port + 10000} npm start`
    case 'EACCES':
      return `Port ${port} (${what}) needs more rights than this user has. Choose a port from 1024 on with ${portVariable}.`
    case 'EADDRNOTAVAIL':
    case 'ENOTFOUND':
      return `This machine has no address "${host}" (${what}). Set ${hostVariable} to one it has, or to 0.0.0.0 for all.`
    default:
      return `Nothing can listen on ${host}:${port} (${what}): ${code}. Change it with ${hostVariable} and ${portVariable}.`
  }
}
