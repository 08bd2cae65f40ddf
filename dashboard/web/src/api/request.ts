/** A refusal or failure of the HTTP API: its code from the server's table, and a sentence for a person. */
export class ApiFailure extends Error {
  override name = 'ApiFailure'
  readonly code: string
  readonly status: number
  readonly todo: string | undefined
  constructor(status: number, code: string, message: string, todo?: string) {
    super(message)
    this.status = status
    this.code = code
    this.todo = todo
  }
}

/** No answer within this: the server is busy or the line is dead, and a person should be told. */
const PATIENCE_MS = 20_000

/** A browser names no type for what it does not know; the server looks at the bytes. */
const UNKNOWN_FILE = 'application/octet-stream'

export const NETWORK_FAILURE = 'network'

interface ErrorBody {
  readonly error?: { readonly code?: string; readonly message?: string; readonly todo?: string }
}

let onSignedOut: () => void = () => undefined
/** Called when the server says that nobody is signed in. */
export function whenSignedOut(listener: () => void): void {
  onSignedOut = listener
}

export async function request<T>(
  method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE',
  path: string,
  body?: unknown,
  signal?: AbortSignal,
): Promise<T> {
  const timeout = AbortSignal.timeout(PATIENCE_MS)
  let response: Response
  try {
    response = await fetch(path, {
      method,
      credentials: 'same-origin',
      signal: signal ? AbortSignal.any([signal, timeout]) : timeout,
      ...sent(body),
    })
  } catch (error) {
    if (signal?.aborted) throw error
    throw new ApiFailure(0, NETWORK_FAILURE, 'network')
  }
  const answer: unknown = await response.json().catch(() => undefined)
  if (response.ok) return answer as T
  const said = (answer as ErrorBody | undefined)?.error
  if (response.status === 401 && said?.code?.startsWith('session.')) onSignedOut()
  throw new ApiFailure(response.status, said?.code ?? `http.${response.status}`, said?.message ?? '', said?.todo)
}

/** A file goes as it is, under its own type; everything else as JSON. */
function sent(body: unknown): Pick<RequestInit, 'headers' | 'body'> {
  if (body === undefined) return {}
  if (body instanceof Blob) return { headers: { 'content-type': body.type || UNKNOWN_FILE }, body }
  return { headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) }
}

export const get = <T>(path: string, signal?: AbortSignal): Promise<T> => request<T>('GET', path, undefined, signal)

/** `?a=1&b=2` of what is given; empty and absent values are left out. */
export function queryOf(values: Readonly<Record<string, string | number | null | undefined>>): string {
  const query = new URLSearchParams()
  for (const [name, value] of Object.entries(values))
    if (value !== null && value !== undefined && value !== '') query.set(name, String(value))
  const text = query.toString()
  return text === '' ? '' : `?${text}`
}
