type SqlValue = string | number

/** The conditions of one query; values only ever travel as parameters. */
export class Conditions {
  private readonly terms: string[] = []
  readonly values: SqlValue[] = []

  add(term: string, ...values: SqlValue[]): void {
    this.terms.push(term)
    this.values.push(...values)
  }

  get sql(): string {
    return this.terms.length === 0 ? '' : `WHERE ${this.terms.join(' AND ')}`
  }
}
