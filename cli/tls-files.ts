import { chmodSync, existsSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { makeFolder } from '../store/files.ts'
import type { Issued } from '../store/tls/authority.ts'
import { Mistake } from './mistake.ts'

/** The files of Hydrant's own authority in one folder: `NAME.pem` and, for its owner only, `NAME.key`. */
export class TlsFolder {
  readonly path: string

  constructor(path: string) {
    this.path = path
  }

  cert(name: string): string {
    return join(this.path, `${name}.pem`)
  }

  key(name: string): string {
    return join(this.path, `${name}.key`)
  }

  /** @throws Mistake where one of them is there */
  mustBeFree(names: readonly string[], todo: string): void {
    const there = names.flatMap((name) => [this.cert(name), this.key(name)]).find((file) => existsSync(file))
    if (there !== undefined) throw new Mistake(`${there} is there already. ${todo}`)
  }

  /** @throws Mistake where it is not there */
  read(name: string): Issued {
    try {
      return { certPem: readFileSync(this.cert(name), 'latin1'), keyPem: readFileSync(this.key(name), 'latin1') }
    } catch (error) {
      throw new Mistake(`${(error as Error).message}. \`tls init\` makes an authority first.`)
    }
  }

  /** Each file is exchanged in one step: whoever reads at this moment reads the old or the new one. */
  write(name: string, { certPem, keyPem }: Issued): void {
    makeFolder(this.path)
    for (const [file, text, mode] of [
      [this.key(name), keyPem, 0o600],
      [this.cert(name), certPem, 0o644],
    ] as const) {
      const fresh = `${file}.${process.pid}`
      writeFileSync(fresh, text, { mode })
      chmodSync(fresh, mode)
      renameSync(fresh, file)
    }
  }
}
