/**
 * Reads what `strace -f -ttt -y -xx` wrote, as calls that begin and return. A call during which another thread was heard
 * of is written as two lines, `… <unfinished ...>` and `<... name resumed>…`; both places are kept, because the order of
 * beginnings and returns is what a trace is read for. strace holds a thread at each of them until it has written it down,
 * so what one thread does because of another's return stands below that return.
 */
export interface SystemCall {
  readonly thread: number
  readonly name: string
  /** Lines of the trace, from 1: where it began and where it returned. Infinity: it had not returned at the end. */
  readonly began: number
  readonly returned: number
  /** The file descriptor that it was called with; absent for calls without one. */
  readonly fd: number | undefined
  /** What the descriptor stands for: a path, or `socket:[inode]`. */
  readonly file: string
  /** What was read or written, as far as it was. */
  readonly bytes: Buffer
  /** The trace shows only the beginning of `bytes` (strace's `-s`). */
  readonly isCut: boolean
  /** −1 for an error. */
  readonly result: number
}

const LINE = /^(\d+)\s+\d+\.\d+ (.*)$/
const UNFINISHED = / <unfinished \.\.\.>$/
const RESUMED = /^<\.\.\. (\w+) resumed>/
const CALL = /^(\w+)\((?:(\d+)<((?:->|[^>])*)>)?/
const RESULT = /\) += (-?\d+)/g
const QUOTED = /"((?:[^"\\]|\\.)*)"(\.\.\.)?/
const IN_VECTOR = /iov_base="((?:[^"\\]|\\.)*)"(\.\.\.)?/g
const VECTORED = new Set(['readv', 'writev', 'preadv', 'pwritev', 'sendmsg', 'recvmsg', 'sendmmsg', 'recvmmsg'])
const PLAIN = new Set(['read', 'write', 'pread64', 'pwrite64', 'sendto', 'recvfrom'])

/** @returns the calls in the order in which they began */
export function readTrace(lines: Iterable<string>): readonly SystemCall[] {
  const calls: SystemCall[] = []
  const open = new Map<number, { began: number; text: string; slot: number }>()
  let number = 0
  for (const line of lines) {
    number++
    const [, thread_, rest] = LINE.exec(line) ?? []
    if (thread_ === undefined || rest === undefined) continue
    const thread = Number(thread_)
    const resumed = RESUMED.exec(rest)
    const before = open.get(thread)
    if (resumed !== null && before !== undefined) {
      open.delete(thread)
      const call = callOf(thread, before.text + rest.slice(resumed[0].length), before.began, number)
      if (call !== undefined) calls[before.slot] = call
    } else if (UNFINISHED.test(rest)) {
      const text = rest.replace(UNFINISHED, '')
      const begun = callOf(thread, text, number, Number.POSITIVE_INFINITY)
      if (begun === undefined) continue
      open.set(thread, { began: number, text, slot: calls.length })
      calls.push(begun)
    } else {
      const call = callOf(thread, rest, number, number)
      if (call !== undefined) calls.push(call)
    }
  }
  return calls
}

function callOf(thread: number, text: string, began: number, returned: number): SystemCall | undefined {
  const [, name, fd, file] = CALL.exec(text) ?? []
  if (name === undefined) return undefined
  const result = Number([...text.matchAll(RESULT)].at(-1)?.[1] ?? -1)
  const shown = bytesShown(name, text)
  const bytes = Buffer.concat(shown.map(([, quoted]) => unescaped(quoted ?? '')))
  return {
    thread,
    name,
    began,
    returned,
    fd: fd === undefined ? undefined : Number(fd),
    file: unescaped(file ?? '').toString(),
    // A call that has not returned may still carry out all of it.
    bytes: returned === Number.POSITIVE_INFINITY ? bytes : bytes.subarray(0, Math.max(0, result)),
    isCut: shown.some(([, , dots]) => dots !== undefined),
    result,
  }
}

function bytesShown(name: string, text: string): readonly RegExpExecArray[] {
  if (VECTORED.has(name)) return [...text.matchAll(IN_VECTOR)]
  const one = PLAIN.has(name) ? QUOTED.exec(text) : null
  return one === null ? [] : [one]
}

const ESCAPES: Readonly<Record<string, string>> = { n: '\n', t: '\t', r: '\r', v: '\v', f: '\f' }

/** C's escapes: hexadecimal with `-xx`, octal and letters without. */
function unescaped(text: string): Buffer {
  const one = text.replace(/\\(x[0-9a-f]{2}|[0-7]{1,3}|.)/g, (_, code: string) => {
    if (code.length === 3 && code.startsWith('x')) return String.fromCharCode(Number.parseInt(code.slice(1), 16))
    if (/^[0-7]/.test(code)) return String.fromCharCode(Number.parseInt(code, 8))
    return ESCAPES[code] ?? code
  })
  return Buffer.from(one, 'latin1')
}
