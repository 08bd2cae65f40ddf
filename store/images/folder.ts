import { webcrypto } from 'node:crypto'
import { mkdir, open, readFile, rename, rm, stat } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import type { MediaType } from './image.ts'
import { ImageMissing, type Images, imageId, mediaTypeOf } from './port.ts'

/** Images as files of their own, in folders by the first two digits: the main thread never waits for one (ADR 24). */
export class ImageFolder implements Images {
  private readonly folder: string

  constructor(folder: string) {
    this.folder = folder
  }

  async put(bytes: Uint8Array, mediaType: MediaType): Promise<string> {
    const id = imageId(await sha256(bytes), mediaType)
    const path = this.pathOf(id)
    // A file of the right length that was cut short by a crash cannot be: it is renamed into place when it is on disk.
    if ((await stat(path).catch(() => undefined))?.size === bytes.length) return id
    await mkdir(dirname(path), { recursive: true, mode: 0o700 })
    const draft = `${path}.${webcrypto.randomUUID()}.new`
    try {
      const file = await open(draft, 'wx', 0o600)
      try {
        await file.writeFile(bytes)
        await file.sync()
      } finally {
        await file.close()
      }
      await rename(draft, path)
    } catch (error) {
      await rm(draft, { force: true })
      throw error
    }
    for (const folder of [dirname(path), this.folder]) await syncFolder(folder)
    return id
  }

  async read(id: string): Promise<Uint8Array> {
    if (mediaTypeOf(id) === undefined) throw new ImageMissing(`"${id}" is no image's id`)
    const bytes = await readFile(this.pathOf(id)).catch((error: NodeJS.ErrnoException) => {
      if (error.code === 'ENOENT') throw new ImageMissing(`${this.pathOf(id)} is missing`)
      throw error
    })
    if (!id.startsWith(await sha256(bytes))) throw new ImageMissing(`${this.pathOf(id)} is damaged`)
    return bytes
  }

  private pathOf(id: string): string {
    return join(this.folder, id.slice(0, 2), id)
  }
}

/** In another thread: a photograph of 8 MB takes 10 ms. */
const sha256 = async (bytes: Uint8Array): Promise<string> =>
  Buffer.from(await webcrypto.subtle.digest('SHA-256', bytes as Uint8Array<ArrayBuffer>)).toString('hex')

async function syncFolder(path: string): Promise<void> {
  const folder = await open(path, 'r')
  try {
    await folder.sync()
  } finally {
    await folder.close()
  }
}
