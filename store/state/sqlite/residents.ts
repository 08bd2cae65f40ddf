import type { DatabaseSync } from 'node:sqlite'
import type { Resident } from '../../../contract/residents.ts'
import { transaction } from '../../sqlite.ts'
import type { Residents } from '../residents-port.ts'

const IN_PLACES = 'place_id IN (SELECT value FROM json_each(?))'

export class SqliteResidents implements Residents {
  private readonly db: DatabaseSync

  constructor(db: DatabaseSync) {
    this.db = db
  }

  async put(residents: readonly Resident[]): Promise<void> {
    const insert = this.db.prepare(
      `INSERT OR REPLACE INTO resident (id, place_id, name, room, relative_phone, health, note)
       VALUES (?, ?, ?, ?, ?, ?, ?)`,
    )
    transaction(this.db, () => {
      for (const one of residents)
        insert.run(one.id, one.placeId, one.name, one.room, one.relativePhone, JSON.stringify(one.health), one.note)
    })
  }

  async find(id: string): Promise<Resident | undefined> {
    const row = this.db.prepare('SELECT * FROM resident WHERE id = ?').get(id)
    return row === undefined ? undefined : residentOf(row)
  }

  async at(placeIds: readonly string[], after: string, limit: number): Promise<readonly Resident[]> {
    return this.db
      .prepare(`SELECT * FROM resident WHERE ${IN_PLACES} AND id > ? ORDER BY id LIMIT ?`)
      .all(JSON.stringify(placeIds), after, limit)
      .map(residentOf)
  }

  async count(placeIds: readonly string[]): Promise<number> {
    const row = this.db.prepare(`SELECT count(*) AS n FROM resident WHERE ${IN_PLACES}`).get(JSON.stringify(placeIds))
    return (row as { n: number }).n
  }

  async countByPlace(placeIds?: readonly string[]): Promise<ReadonlyMap<string, number>> {
    const count = (where: string, ...values: string[]) =>
      this.db
        .prepare(`SELECT place_id AS placeId, count(*) AS n FROM resident ${where} GROUP BY place_id`)
        .all(...values)
    const rows = placeIds === undefined ? count('') : count(`WHERE ${IN_PLACES}`, JSON.stringify(placeIds))
    return new Map(rows.map((row) => [row.placeId as string, row.n as number]))
  }

  async remove(id: string): Promise<boolean> {
    return this.db.prepare('DELETE FROM resident WHERE id = ?').run(id).changes > 0
  }

  async close(): Promise<void> {
    if (this.db.isOpen) this.db.close()
  }
}

const residentOf = (row: Record<string, unknown>): Resident => ({
  id: row.id as string,
  placeId: row.place_id as string,
  name: row.name as string,
  room: row.room as string,
  relativePhone: row.relative_phone as string | null,
  health: JSON.parse(row.health as string) as Resident['health'],
  note: row.note as string,
})
