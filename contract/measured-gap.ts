/** Between two readings of a register further apart than this the litres are known, but not when they ran (ADR 29), ms. */
export const MEASURED_GAP_MS = 2.5 * 3_600_000
