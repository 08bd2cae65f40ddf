/** A spreadsheet takes UTF-8 for what it is only behind this mark. */
const MARK = '﻿'
/** The browser has begun to save by then. ms */
const SAVED_MS = 10_000

/** Hands a table that the page has at hand to the browser to be saved. */
export function saveTable(name: string, csv: string): void {
  const url = URL.createObjectURL(
    new Blob([csv.startsWith(MARK) ? csv : MARK + csv], { type: 'text/csv;charset=utf-8' }),
  )
  const link = document.createElement('a')
  link.href = url
  link.download = name
  link.click()
  setTimeout(() => URL.revokeObjectURL(url), SAVED_MS)
}
